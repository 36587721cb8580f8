import type { BoardView, Kind, Line } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { asLost } from '../../live/hold';
import { Picked } from '../bulk/picked.svelte';
import { RowWindow, type Wanted } from '../list/window.svelte';

/** A grouped list of one kind: groups, and the entities of those that are open. */
export class BoardController extends RowWindow<BoardView, Line> {
  readonly picked = new Picked();
  /** Keys of groups that are open; of those that are closed when all are open. */
  #named = $state.raw<readonly string[]>([]);
  /** All groups are open but those named. */
  allOpen = $state(false);

  constructor(
    session: Session,
    private readonly kind: Kind,
    private readonly route: () => Route,
  ) {
    super(session, {
      keyOf: (line) => (line.line === 'group' ? `group ${line.key}` : line.row.id),
      lost: (line) => (line.line === 'group' ? asLost(line) : { ...line, row: asLost(line.row) }),
    });
  }

  /** Opens or closes the group at an index. Without a wish it becomes the opposite. `false`: there is none, or it is so already. */
  toggle(index: number, wish?: boolean): boolean {
    const line = this.rowAt(index);
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
    this.rewind();
    void this.feed.ask();
  }

  protected get slot() {
    return `board ${this.kind}`;
  }

  protected question() {
    const { all, asOf, group } = this.route();
    return [asked(this.route()), all, asOf, group];
  }

  protected override arrangement(view: BoardView | null) {
    return [this.#named, this.allOpen, view?.group];
  }

  protected fetch({ offset, limit, seen_seq, held }: Wanted<BoardView>) {
    const { all, asOf, group } = this.route();
    return this.session.client.call('board', {
      kind: this.kind, query: asked(this.route()), all, as_of: asOf, group: group && [...group], open: [...this.#named], inverted: this.allOpen,
      storm: held?.storm ?? false, offset, limit, seen_seq,
    });
  }

  protected rowsOf(view: BoardView) {
    return view.lines;
  }

  protected override restart(): void {
    super.restart();
    this.picked.clear();
  }
}
