import type { Row, RowMore } from '../../api/gen';
import { clock } from '../../live/clock.svelte';
import { parseTime } from '../../text/format';

/** What only one kind of row has; `undefined` for a row of another kind, which a list of one kind never holds. */
export function moreOf<K extends RowMore['of']>(row: Row, kind: K): Extract<RowMore, { of: K }> | undefined {
  return row.more.of === kind ? (row.more as Extract<RowMore, { of: K }>) : undefined;
}

/** `acme/checkout` without its owner, where that says enough in a narrow column. */
export const shortPlace = (place: string | null): string => place?.split('/').at(-1) ?? '';

/** How long work took or has taken so far, in milliseconds; nothing until it began. What is stale had run when it was last read: more is not known. */
export function elapsed({ stale, as_of }: Pick<Row, 'stale' | 'as_of'>, startedAt: string | null, finishedAt: string | null): number | null {
  if (startedAt === null) return null;
  const end = parseTime(finishedAt) ?? (stale ? parseTime(as_of) : null) ?? clock.running;
  return Math.max(0, end - Date.parse(startedAt));
}
