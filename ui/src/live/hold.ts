/** Rows stay where they are while somebody points at them or works with them; what changed about them is shown in place. */

interface Row {
  id: string;
  stale: boolean;
}

export interface Kept<T> {
  rows: T[];
  /** Rows that came, went or moved: they wait until they are asked for. 0: the fresh rows are the shown ones. */
  waiting: number;
}

/** The shown rows in their places, as the fresh answer has them. One that it no longer has is drawn as stale. */
export function keepPlaces<T extends Row>(shown: readonly T[], fresh: readonly T[]): Kept<T> {
  const now = new Map(fresh.map((row) => [row.id, row]));
  const before = new Set(shown.map(({ id }) => id));
  const came = fresh.filter(({ id }) => !before.has(id)).length;
  const went = shown.filter(({ id }) => !now.has(id)).length;
  const order = fresh.filter(({ id }) => before.has(id));
  const stayed = shown.filter(({ id }) => now.has(id));
  const moved = stayed.filter(({ id }, at) => order[at]?.id !== id).length;
  return { rows: shown.map((row) => now.get(row.id) ?? { ...row, stale: true }), waiting: came + went + moved };
}
