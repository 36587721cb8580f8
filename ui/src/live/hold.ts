/** Rows stay where they are while somebody points at them or works with them; what changed about them is shown in place. */
import type { Status } from '../api/gen';

/** How rows of one sort are told apart. */
export interface Identity<T> {
  keyOf: (row: T) => string;
  /** What is drawn in the place of a row that is no longer there. */
  lost: (row: T) => T;
}

export interface Kept<T> {
  rows: T[];
  /** Rows that came, went or moved: they wait until they are asked for. 0: the fresh rows are the shown ones. */
  waiting: number;
  /** Those of them that came. */
  came: readonly T[];
}

/** The shown rows in their places, as the fresh answer has them. */
export function keepPlaces<T>(shown: readonly T[], fresh: readonly T[], { keyOf, lost }: Identity<T>): Kept<T> {
  const now = new Map(fresh.map((row) => [keyOf(row), row]));
  const before = new Set(shown.map(keyOf));
  const came = fresh.filter((row) => !before.has(keyOf(row)));
  const order = fresh.map(keyOf).filter((key) => before.has(key));
  const stayed = shown.map(keyOf).filter((key) => now.has(key));
  const moved = stayed.filter((key, at) => order[at] !== key).length;
  return { rows: shown.map((row) => now.get(keyOf(row)) ?? lost(row)), waiting: came.length + (shown.length - stayed.length) + moved, came };
}

/** Something that is no longer there, as it was: drawn as stale, and never as fine. */
export function asLost<T extends { stale: boolean; status: Status }>(row: T): T {
  return { ...row, stale: true, status: row.status === 'ok' || row.status === 'running' ? 'unknown' : row.status };
}
