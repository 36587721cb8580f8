/**
 * Characters that change how their neighbours are read, or that cannot be seen: C0 and C1 controls, zero-width characters,
 * bidirectional marks, embeddings, overrides and isolates, the byte order mark, line separators and tag characters.
 */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

const mark = (char: string) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** One line of a backend's text with everything invisible made visible. Line breaks and tabs become a space. */
export function safeText(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(INVISIBLE, mark);
}

/** Several lines of a backend's text: as `safeText`, but lines and tabs are kept. */
export function safeLines(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(INVISIBLE, (char) => (char === '\n' || char === '\t' ? char : mark(char)));
}

/** The beginning of a text that may be of any length. */
export function beginning(text: string, most: number): string {
  const chars = Array.from(text);
  return chars.length > most ? `${chars.slice(0, most).join('')}…` : text;
}
