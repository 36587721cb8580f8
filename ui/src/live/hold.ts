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

/** The fresh rows; what says the same as before is the very row of before, so that nothing about it is drawn again. */
export function settled<T>(shown: readonly T[], fresh: readonly T[], { keyOf }: Identity<T>): readonly T[] {
  const before = new Map(shown.map((row) => [keyOf(row), row]));
  return fresh.map((row) => {
    const old = before.get(keyOf(row));
    return old !== undefined && same(old, row) ? old : row;
  });
}

/** Whether two answers of the core say the same. */
function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  return names.length === others.length && names.every((name) => same(one[name as never], other[name as never]));
}

/** Something that is no longer there, as it was: drawn as stale, and never as fine. */
export function asLost<T extends { stale: boolean; status: Status }>(row: T): T {
  return { ...row, stale: true, status: row.status === 'ok' || row.status === 'running' ? 'unknown' : row.status };
}
