import type { Kind, Row, RowsView } from '../../api/gen';
import type { Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import type { Span } from '../../kit/virtual';
import { Feed } from '../../live/feed.svelte';

/** Rows one answer holds at the most. */
const WINDOW = 200;
/** Windows begin at multiples of this, so that a small scroll asks nothing new. */
const STEP = 50;

/** A window of rows, and the question it answers. */
interface Held extends RowsView {
  offset: number;
  question: string;
}

/** The rows of one kind: a window of at most 200 around what is seen, pulled by the bell. */
export class ListController {
  readonly feed: Feed<Held>;
  /** Index of the current row; -1 before the first move. */
  current = $state(-1);
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

  /** The question in the address may have changed. */
  follow(): void {
    const { query, all, asOf } = this.route();
    const question = JSON.stringify([query, all, asOf]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.#offset = 0;
    this.current = -1;
    if (!first) void this.feed.ask();
  }

  async #pull(): Promise<Held> {
    const { query, all, asOf } = this.route();
    const offset = this.#offset;
    const question = JSON.stringify([query, all, asOf, offset, this.session.freshness]);
    const held = this.feed.value;
    const seen = held?.question === question ? held.seq : null;
    const view = await this.session.client.call('rows', {
      kind: this.kind, query, all, as_of: asOf, newest: this.kind === 'deployment' || all, offset, limit: WINDOW, seen_seq: seen,
    });
    return view.unchanged && held ? { ...held, sources: view.sources } : { ...view, offset, question };
  }
}
