/** Which rows are drawn, and which row the keys go to. Pure: the list component measures and paints. */

/** Rows drawn beyond each edge: what a scroll of less than a frame uncovers. */
const OVERSCAN = 2;

export interface Span {
  /** First row. */
  from: number;
  /** One past the last row. */
  to: number;
}

/** The rows that cover the viewport, with overscan. */
export function visibleSpan(scrollTop: number, height: number, rowHeight: number, count: number): Span {
  const first = Math.floor(scrollTop / rowHeight) - OVERSCAN;
  const last = Math.ceil((scrollTop + height) / rowHeight) + OVERSCAN;
  const from = Math.min(Math.max(0, first), Math.max(0, count));
  return { from, to: Math.max(from, Math.min(count, last)) };
}

/**
 * The rows to draw where `wanted` are seen and only `held` are there: while the midst of what is seen is missing, the held
 * rows nearest to it. Who drags the thumb over thousands of rows sees rows go by a little late, instead of none.
 */
export function nearestSpan(wanted: Span, held: Span): Span {
  const length = wanted.to - wanted.from;
  const midst = wanted.from + Math.floor(length / 2);
  if (length > held.to - held.from || (midst >= held.from && midst < held.to)) return wanted;
  const from = Math.min(Math.max(wanted.from, held.from), held.to - length);
  return { from, to: from + length };
}

/** The row a key moves to, or nothing when the key is not one of movement. */
export function rowAfterKey(key: string, at: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const clamp = (index: number) => Math.max(0, Math.min(count - 1, index));
  switch (key) {
    case 'j':
    case 'ArrowDown':
      return clamp(at + 1);
    case 'k':
    case 'ArrowUp':
      return at < 0 ? 0 : clamp(at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'PageDown':
      return clamp(Math.max(at, 0) + page);
    case 'PageUp':
      return clamp(Math.max(at, 0) - page);
    default:
      return null;
  }
}

/** Where to scroll so that a row is wholly seen; nothing when it already is. */
export function scrollToShow(index: number, scrollTop: number, height: number, rowHeight: number): number | null {
  const top = index * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + height) return top + rowHeight - height;
  return null;
}

/** Pixels between two columns of a list, and beside the first and the last. */
const GAP = 12;
const EDGES = 30;

/**
 * The tracks of a list with room for the words of a language (`room` is 1 for English), and the pixels they need at least:
 * a list that has fewer scrolls sideways, and cuts no word.
 */
export function tracksOf(columns: readonly { track: string }[], room: number): { tracks: string; least: number } {
  const tracks = columns.map(({ track }) => track.replace(/(\d+)px/g, (_, pixels: string) => `${Math.ceil(Number(pixels) * room)}px`));
  const pixels = tracks.map((track) => Number(/(\d+)px/.exec(track)?.[1] ?? 0));
  return { tracks: tracks.join(' '), least: pixels.reduce((sum, one) => sum + one, 0) + GAP * (tracks.length - 1) + EDGES };
}

/** Asks a list to select every row that can be. No key of a keyboard is called so. */
export const PICK_ALL = 'pick all';
