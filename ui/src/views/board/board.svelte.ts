import type { BoardView, Kind, Line } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import type { Span } from '../../kit/virtual';
import { Feed } from '../../live/feed.svelte';
import { Picked } from '../bulk/picked.svelte';

/** Lines one answer holds at the most. */
const WINDOW = 200;
/** Windows begin at multiples of this, so that a small scroll asks nothing new. */
const STEP = 50;

/** A window of lines, and the question it answers. */
interface Held extends BoardView {
  offset: number;
  question: string;
}

/** A grouped list of one kind: a window of at most 200 lines around what is seen, pulled by the bell. */
export class BoardController {
  readonly feed: Feed<Held>;
  /** Index of the current line; -1 before the first move. */
  current = $state(-1);
  readonly picked = new Picked();
  /** Keys of groups that are open; of those that are closed when all are open. */
  #named = $state.raw<readonly string[]>([]);
  /** All groups are open but those named. */
  allOpen = $state(false);
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

  /** The line at an index, when the window holds it. */
  lineAt(index: number): Line | undefined {
    const held = this.feed.value;
    return held?.lines[index - held.offset];
  }

  /** Where an entity stands, when the window holds it; -1 otherwise. */
  indexOf(id: string | null): number {
    const held = this.feed.value;
    const at = held && id !== null ? held.lines.findIndex((line) => line.line === 'entity' && line.row.id === id) : -1;
    return held && at >= 0 ? at + held.offset : -1;
  }

  /** Opens or closes the group at an index. Without a wish it becomes the opposite. `false`: there is none, or it is so already. */
  toggle(index: number, wish?: boolean): boolean {
    const line = this.lineAt(index);
    if (line?.line !== 'group' || line.open === wish) return false;
    this.#named = this.#named.includes(line.key) ? this.#named.filter((key) => key !== line.key) : [...this.#named, line.key];
    this.current = index;
    void this.feed.ask();
    return true;
  }

  /** Opens or closes every group. */
  toggleAll(): void {
    this.allOpen = !this.allOpen;
    this.#named = [];
    this.#offset = 0;
    void this.feed.ask();
  }

  /** Other lines came into sight. */
  see(span: Span): void {
    const held = this.feed.value;
    if (!held || (span.from >= held.offset && span.to <= held.offset + held.lines.length)) return;
    const offset = Math.max(0, Math.floor((span.from - (WINDOW - (span.to - span.from)) / 2) / STEP) * STEP);
    if (offset === this.#offset && span.to <= offset + WINDOW) return;
    this.#offset = offset;
    void this.feed.ask();
  }

  /** The question in the address may have changed. */
  follow(): void {
    const { all, asOf, group } = this.route();
    const query = asked(this.route());
    const question = JSON.stringify([query, all, asOf, group]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.#offset = 0;
    this.current = -1;
    this.picked.clear();
    if (!first) void this.feed.ask();
  }

  async #pull(): Promise<Held> {
    const { all, asOf, group } = this.route();
    const query = asked(this.route());
    const [offset, open, inverted] = [this.#offset, [...this.#named], this.allOpen];
    const question = JSON.stringify([query, all, asOf, group, offset, open, inverted, this.session.freshness]);
    const held = this.feed.value;
    const view = await this.session.client.call('board', {
      kind: this.kind, query, all, as_of: asOf, group: group && [...group], open, inverted, storm: held?.storm ?? false, offset, limit: WINDOW,
      seen_seq: held?.question === question ? held.seq : null,
    });
    return view.unchanged && held ? { ...held, sources: view.sources } : { ...view, offset, question };
  }
}
