import type { Kind, Row, RowsView } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import type { Span } from '../../kit/virtual';
import { Feed } from '../../live/feed.svelte';
import { Picked } from '../bulk/picked.svelte';
import { keepPlaces } from '../../live/hold';

/** Rows one answer holds at the most. */
const WINDOW = 200;
/** Windows begin at multiples of this, so that a small scroll asks nothing new. */
const STEP = 50;

/** A window of rows, and the question it answers. */
interface Held extends RowsView {
  offset: number;
  question: string;
  /** The question without what time alone changes: rows keep their places only under the same one. */
  place: string;
  /** What the next answer would move, and how much of it; nothing while rows stand where they belong. */
  next: { view: RowsView; waiting: number } | null;
}

/** The rows of one kind: a window of at most 200 around what is seen, pulled by the bell. */
export class ListController {
  readonly feed: Feed<Held>;
  /** Index of the current row; -1 before the first move. */
  current = $state(-1);
  /** Somebody points at the rows or works with them. */
  #held = false;
  readonly picked = new Picked();
  #offset = 0;
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly kind: Kind,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(() => this.#pull());
  }

  get total(): number | null {
    return this.feed.value?.total ?? null;
  }

  /** The row at an index, when the window holds it. */
  rowAt(index: number): Row | undefined {
    const held = this.feed.value;
    return held?.rows[index - held.offset];
  }

  /** Where a row stands, when the window holds it; -1 otherwise. */
  indexOf(id: string | null): number {
    const held = this.feed.value;
    const at = held && id !== null ? held.rows.findIndex((row) => row.id === id) : -1;
    return held && at >= 0 ? at + held.offset : -1;
  }

  /** Other rows came into sight. */
  see(span: Span): void {
    const held = this.feed.value;
    if (!held || (span.from >= held.offset && span.to <= held.offset + held.rows.length)) return;
    const offset = Math.max(0, Math.floor((span.from - (WINDOW - (span.to - span.from)) / 2) / STEP) * STEP);
    if (offset === this.#offset && span.to <= offset + WINDOW) return;
    this.#offset = offset;
    void this.feed.ask();
  }

  /** How many rows wait to come, go or move. */
  get waiting(): number {
    return this.feed.value?.next?.waiting ?? 0;
  }

  /** Rows keep their places from now on, or no longer. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.load();
  }

  /** Puts the rows where they belong. */
  load(): void {
    const held = this.feed.value;
    if (held?.next) this.feed.value = { ...held, ...held.next.view, next: null };
  }

  /** The question in the address may have changed. */
  follow(): void {
    const { all, asOf } = this.route();
    const question = JSON.stringify([asked(this.route()), all, asOf]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.#offset = 0;
    this.current = -1;
    this.picked.clear();
    if (!first) void this.feed.ask();
  }

  async #pull(): Promise<Held> {
    const { all, asOf } = this.route();
    const query = asked(this.route());
    const offset = this.#offset;
    const place = JSON.stringify([query, all, asOf, offset]);
    const question = place + this.session.freshness;
    const held = this.feed.value;
    const seen = held?.question === question ? held.seq : null;
    const view = await this.session.client.call('rows', {
      kind: this.kind, query, all, as_of: asOf, newest: this.kind === 'deployment' || all, offset, limit: WINDOW, seen_seq: seen,
    });
    if (view.unchanged && held) return { ...held, sources: view.sources };
    const fresh = { ...view, offset, question, place, next: null };
    if (!this.#held || held?.place !== place) return fresh;
    const { rows, waiting } = keepPlaces(held.rows, view.rows);
    return waiting === 0 ? fresh : { ...fresh, rows, total: held.total, next: { view, waiting } };
  }
}
