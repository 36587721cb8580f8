import type { EnvCell, MatrixRow, MatrixView } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import type { Span } from '../../kit/virtual';
import { Feed } from '../../live/feed.svelte';

/** Rows one answer holds at the most, and where windows begin. */
const WINDOW = 200;
const STEP = 50;

interface Held extends MatrixView {
  offset: number;
  question: string;
}

/** What runs where: a window of services around what is seen, pulled by the bell. */
export class MatrixController {
  readonly feed: Feed<Held>;
  row = $state(-1);
  column = $state(-1);
  #offset = 0;
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(() => this.#pull());
  }

  rowAt(index: number): MatrixRow | undefined {
    const held = this.feed.value;
    return held?.rows[index - held.offset];
  }

  /** What runs in a column of a row; nothing when it was never deployed there. */
  cell(row: MatrixRow, column: number): EnvCell | undefined {
    const name = this.feed.value?.environments[column]?.name;
    return row.cells.find((cell) => cell.environment === name);
  }

  /** Other rows came into sight. */
  see(span: Span): void {
    const held = this.feed.value;
    if (!held || (span.from >= held.offset && span.to <= held.offset + held.rows.length)) return;
    const offset = Math.max(0, Math.floor((span.from - (WINDOW - (span.to - span.from)) / 2) / STEP) * STEP);
    if (offset === this.#offset) return;
    this.#offset = offset;
    void this.feed.ask();
  }

  /** The question in the address may have changed. */
  follow(): void {
    const { asOf } = this.route();
    const query = asked(this.route());
    const question = JSON.stringify([query, asOf]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.#offset = 0;
    this.row = -1;
    if (!first) void this.feed.ask();
  }

  async #pull(): Promise<Held> {
    const { asOf } = this.route();
    const query = asked(this.route());
    const offset = this.#offset;
    const question = JSON.stringify([query, asOf, offset, this.session.freshness]);
    const held = this.feed.value;
    const seen = held?.question === question ? held.seq : null;
    const view = await this.session.client.call('matrix', { query, as_of: asOf, offset, limit: WINDOW, seen_seq: seen });
    return view.unchanged && held ? { ...held, sources: view.sources } : { ...view, offset, question };
  }
}
