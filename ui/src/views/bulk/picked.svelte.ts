/** Ids of the rows that are selected for something that is done to several at once. */
export class Picked {
  ids = $state.raw<ReadonlySet<string>>(new Set());

  has(id: string): boolean {
    return this.ids.has(id);
  }

  /** Selects a row; with `toggle`, or takes the selection away. */
  pick(id: string, toggle: boolean): void {
    const ids = new Set(this.ids);
    if (toggle && ids.has(id)) ids.delete(id);
    else ids.add(id);
    this.ids = ids;
  }

  all(ids: Iterable<string>): void {
    this.ids = new Set(ids);
  }

  clear(): void {
    if (this.ids.size) this.ids = new Set();
  }
}
