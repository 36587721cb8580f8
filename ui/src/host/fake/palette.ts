import type { Commands } from '../../api/gen';

type Handler<C extends keyof Commands> = (request: Commands[C]['request']) => Commands[C]['answer'];

/** What the palette, links, saved views and settings ask. */
export function handlers(): { follow_link: Handler<'follow_link'> } {
  return {
    follow_link: ({ link }) => {
      const route = /^quarterdeck:\/\/view\/([a-z]+(\?.*)?)$/.exec(link)?.[1];
      if (route === undefined) throw { code: 'bad_request', message: 'the link leads to nothing this window can show', trace_id: 't' };
      return { route: `#/${route}` };
    },
  };
}
