import { keepPlaces, settled, type Identity } from './hold';

/** A window of rows of a list. */
export interface Page<T> {
  rows: readonly T[];
  /** Where in the list it begins. */
  offset: number;
  /** How many rows the list has. */
  total: number;
}

/** The rows of a list as they are drawn: while they are held, what would move waits until it is asked for. */
export class Places<T> {
  #page = $state.raw<Page<T>>({ rows: [], offset: 0, total: 0 });
  /** How many rows wait to come, go or move. */
  waiting = $state(0);
  /** Rows that wait and were not there before, as the list will have them. */
  came = $state.raw<readonly T[]>([]);
  /** What the rows answer: they keep their places, and are compared with what they were, only under the same. */
  place = $state.raw('');
  #held = false;
  /** The rows are those of an earlier look at the list: nobody holds them. */
  #again = false;
  #next: Page<T> | null = null;

  constructor(readonly identity: Identity<T>) {}

  get rows(): readonly T[] {
    return this.#page.rows;
  }

  get offset(): number {
    return this.#page.offset;
  }

  get total(): number {
    return this.#page.total;
  }

  /** An answer to the question `place`; `again`: it was shown before, and a fresh one follows. */
  take(answer: Page<T>, place: string, again = false): void {
    const same = place === this.place && answer.offset === this.#page.offset;
    const fresh = { ...answer, rows: settled(this.rows, answer.rows, this.identity) };
    const kept = this.#held && same && !this.#again && this.rows.length > 0 ? keepPlaces(this.rows, fresh.rows, this.identity) : null;
    this.#again = again;
    this.place = place;
    this.waiting = kept?.waiting ?? 0;
    this.came = kept?.came ?? [];
    this.#next = this.waiting > 0 ? fresh : null;
    this.#page = kept && this.#next ? { ...this.#page, rows: kept.rows } : fresh;
  }

  /** Rows keep their places from now on, or no longer. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.load();
  }

  /** Puts the rows where they belong. */
  load(): void {
    if (this.#next) this.#page = this.#next;
    this.#next = null;
    this.came = [];
    this.waiting = 0;
  }
}
