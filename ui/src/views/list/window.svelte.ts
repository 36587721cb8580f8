import { untrack } from 'svelte';
import type { SourceView } from '../../api/gen';
import type { Session } from '../../app/session.svelte';
import type { Span } from '../../kit/virtual';
import type { Unsubscribe } from '../../host/host';
import { Feed, type Ringer } from '../../live/feed.svelte';
import type { Identity } from '../../live/hold';
import { Places } from '../../live/places.svelte';

/** Rows one answer holds at the most. */
const WINDOW = 200;
/** Rows the first answer to a question holds: what is seen, and a little more. Whoever types waits for no others. */
const FIRST = 60;
/** So long after that answer the rest is asked for, when no other question was asked meanwhile. In milliseconds. */
const REST_AFTER = 300;
/** Windows begin at multiples of this, so that a small scroll asks nothing new. */
const STEP = 25;
/** So many rows before the end of what is held, what lies beyond is asked for: it is there before it is seen. */
const AHEAD = 70;
/** So many rows are held on the side that is scrolled away from. */
const BEHIND = 30;

/** What every answer with a window of rows has. */
export interface Answer {
  unchanged: boolean;
  seq: number;
  total: number;
  unfiltered: number;
  sources: SourceView[];
}

/** Which rows are asked for. */
export interface Wanted<V> {
  offset: number;
  limit: number;
  seen_seq: number | null;
  /** The answer that is shown now. */
  held: V | null;
}

/** An answer, and the question it answers. */
export type Held<V> = V & {
  offset: number;
  limit: number;
  question: string;
  /** The question without what time alone changes: rows keep their places only under the same one. */
  place: string;
};

/** A long list: a window of at most 200 rows around what is seen, pulled by the bell, that keep their places while held. */
export abstract class RowWindow<V extends Answer, T> {
  readonly feed: Feed<Held<V>>;
  readonly places: Places<T>;
  /** Index of the current row; -1 before the first move. */
  current = $state(-1);
  #offset = 0;
  #limit = FIRST;
  #rest: ReturnType<typeof setTimeout> | undefined;
  /** The first row that was seen last. */
  #seen = 0;
  #asked = '';

  constructor(
    protected readonly session: Session,
    identity: Identity<T>,
  ) {
    this.places = new Places(identity);
    this.feed = new Feed(
      () => this.#pull(),
      (held, again) => {
        this.places.take({ rows: this.rowsOf(held), offset: held.offset, total: held.total }, held.place, again);
        session.shown[this.slot] = held;
        if (held.limit < Math.min(WINDOW, held.total)) this.#askRest();
      },
    );
  }

  /** Pulls now and with the bell, until the returned function is called. */
  listen(ringer: Ringer): Unsubscribe {
    const stop = this.feed.listen(ringer);
    return () => {
      clearTimeout(this.#rest);
      stop();
    };
  }

  /** What the list is called among those whose last answer is kept. */
  protected abstract get slot(): string;
  /** What the address asks. */
  protected abstract question(): unknown;
  /** What else decides which rows there are: open groups, and how the core grouped them. */
  protected arrangement(_view: V | null): unknown {
    return null;
  }
  protected abstract fetch(wanted: Wanted<V>): Promise<V>;
  protected abstract rowsOf(view: V): readonly T[];

  get total(): number | null {
    return this.feed.value === null ? null : this.places.total;
  }

  /** The row at an index, when the window holds it. */
  rowAt(index: number): T | undefined {
    return this.places.rows[index - this.places.offset];
  }

  /** Where the rows are that the window holds. */
  get held(): Span {
    const { rows, offset } = this.places;
    return { from: offset, to: offset + rows.length };
  }

  /** Where a row stands, when the window holds it; -1 otherwise. */
  indexOf(key: string | null): number {
    const { rows, offset, identity } = this.places;
    const at = key === null ? -1 : rows.findIndex((row) => identity.keyOf(row) === key);
    return at < 0 ? -1 : at + offset;
  }

  /** Other rows came into sight. */
  see(span: Span): void {
    const { rows, offset: first } = this.places;
    if (this.feed.value === null) return;
    const up = span.from < this.#seen;
    const ahead = span.from === this.#seen ? 0 : AHEAD;
    this.#seen = span.from;
    const from = Math.max(0, span.from - (up ? ahead : 0));
    const to = Math.min(this.places.total, span.to + (up ? 0 : ahead));
    if (from >= first && to <= first + rows.length) return;
    const before = up ? WINDOW - BEHIND - (span.to - span.from) : BEHIND;
    const offset = Math.max(0, Math.floor((span.from - before) / STEP) * STEP);
    if (offset === this.#offset && this.#limit === WINDOW) return;
    this.#offset = offset;
    this.#limit = WINDOW;
    // An answer that is under way is not thrown away: whoever keeps scrolling would never see one.
    void this.feed.ring();
  }

  /** The question in the address may have changed. */
  follow(): void {
    const question = JSON.stringify(this.question());
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.restart();
    if (first) untrack(() => this.#recall());
    else void this.feed.ask();
  }

  /** Shows at once what was shown before this view was left, if it answers the same, no source has aged and nothing changed since. */
  #recall(): void {
    const kept = this.session.shown[this.slot];
    if (kept?.question !== this.#question(0) || !this.session.isLatest(kept as Held<V>)) return;
    this.#limit = (kept as Held<V>).limit;
    this.feed.show(kept as Held<V>);
  }

  #askRest(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#limit = WINDOW;
      void this.feed.ring();
    }, REST_AFTER);
  }

  /** Another question: nothing of the old one is selected. */
  protected restart(): void {
    this.rewind();
    this.current = -1;
  }

  /** The next answer begins with the first row. */
  protected rewind(): void {
    clearTimeout(this.#rest);
    this.#offset = 0;
    this.#limit = FIRST;
  }

  #terms(): string {
    return JSON.stringify([this.question(), this.arrangement(null)]);
  }

  #question(offset: number): string {
    return JSON.stringify([this.#terms(), offset, this.session.freshness]);
  }

  async #pull(): Promise<Held<V>> {
    const [offset, limit] = [this.#offset, this.#limit];
    const asked = this.#terms();
    const question = this.#question(offset);
    const held = this.feed.value;
    const seen_seq = held?.question === question && held.limit === limit ? held.seq : null;
    const view = await this.fetch({ offset, limit, seen_seq, held });
    if (view.unchanged && held) return { ...held, sources: view.sources };
    return { ...view, offset, limit, question, place: JSON.stringify([asked, this.arrangement(view), limit]) };
  }
}
