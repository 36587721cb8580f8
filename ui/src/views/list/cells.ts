import type { Row, RowMore } from '../../api/gen';
import { clock } from '../../live/clock.svelte';

/** What only one kind of row has; `undefined` for a row of another kind, which a list of one kind never holds. */
export function moreOf<K extends RowMore['of']>(row: Row, kind: K): Extract<RowMore, { of: K }> | undefined {
  return row.more.of === kind ? (row.more as Extract<RowMore, { of: K }>) : undefined;
}

/** `acme/checkout` without its owner, where that says enough in a narrow column. */
export const shortPlace = (place: string | null): string => place?.split('/').at(-1) ?? '';

/** How long work took or has taken so far, in milliseconds; nothing until it began. */
export function elapsed(startedAt: string | null, finishedAt: string | null): number | null {
  if (startedAt === null) return null;
  return Math.max(0, (finishedAt === null ? clock.running : Date.parse(finishedAt)) - Date.parse(startedAt));
}
