/** What the rows in sight say, so that a cell that says something else fades once and the eye finds it. */

/** A row in sight; `said` has what each of its cells says, in their order. */
export interface Said {
  key: string;
  said: readonly unknown[];
}

export class Fading {
  #seen = new Map<string, readonly unknown[]>();
  #place: string | undefined;

  /**
   * The rows in sight now. Tells which cells say something else than a moment ago, as the places of their row and in it.
   * Rows that were not in sight, and answers to another question (`place`), are nothing new.
   */
  look(place: string, rows: readonly (Said | null)[]): { row: number; cell: number }[] {
    const before = place === this.#place ? this.#seen : new Map<string, readonly unknown[]>();
    this.#place = place;
    this.#seen = new Map(rows.flatMap((row) => (row ? [[row.key, row.said] as const] : [])));
    return rows.flatMap((row, at) => {
      const then = row && before.get(row.key);
      return row && then?.length === row.said.length ? row.said.flatMap((said, cell) => (Object.is(said, then[cell]) ? [] : [{ row: at, cell }])) : [];
    });
  }

  /** Nobody looks: what changes until somebody does was not seen to change. */
  forget(): void {
    this.#seen.clear();
  }
}
