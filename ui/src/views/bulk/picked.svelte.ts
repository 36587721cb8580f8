import { SvelteSet } from 'svelte/reactivity';

/** Ids of the rows that are selected for something that is done to several at once. */
export class Picked {
  readonly #ids = new SvelteSet<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Selects a row; with `toggle`, or takes the selection away. */
  pick(id: string, toggle: boolean): void {
    if (!toggle || !this.#ids.delete(id)) this.#ids.add(id);
  }

  all(ids: Iterable<string>): void {
    for (const id of ids) this.#ids.add(id);
  }

  clear(): void {
    this.#ids.clear();
  }
}
