import type { DemoReq, DemoView } from '../../api/gen';

const STORY = [
  ['calm', 'A calm afternoon', -30], ['bad-deploy', 'v412 goes to prod-eu', 60], ['alert', 'Latency burns', 190], ['tickets', 'Customers write', 500],
  ['rollback', 'Back to v411', 960], ['fix', 'The fix is merged', 2_400], ['release', 'v413 is everywhere', 5_400],
] as const;

/** A demo whose time begins at a moment and stands. */
export class FakeDemo {
  #view: DemoView;

  constructor(now: number) {
    const chapters = STORY.map(([key, title, seconds]) => ({ key, title, at: new Date(now + (seconds - 190) * 1_000).toISOString() }));
    this.#view = { company: 'Harbour', now: new Date(now).toISOString(), playing: false, speed: 1, chapter: 'alert', chapters };
  }

  get view(): DemoView {
    return this.#view;
  }

  control(wish: DemoReq): DemoView {
    const chapter = this.#view.chapters.find(({ key }) => key === wish.chapter);
    if (wish.chapter && !chapter) throw { code: 'bad_request', message: `There is no chapter “${wish.chapter}”.`, trace_id: null };
    this.#view = {
      ...this.#view,
      playing: wish.playing ?? this.#view.playing,
      speed: wish.speed ?? this.#view.speed,
      ...(chapter && { chapter: chapter.key, now: chapter.at }),
    };
    return this.#view;
  }
}
