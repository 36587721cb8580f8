import type { Kind, Row, RowsView } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { asLost } from '../../live/hold';
import { Picked } from '../bulk/picked.svelte';
import { RowWindow, type Wanted } from './window.svelte';

/** The rows of one kind. */
export class ListController extends RowWindow<RowsView, Row> {
  readonly picked = new Picked();

  constructor(
    session: Session,
    private readonly kind: Kind,
    private readonly route: () => Route,
  ) {
    super(session, { keyOf: ({ id }) => id, lost: asLost });
  }

  protected get slot() {
    return `list ${this.kind}`;
  }

  protected question() {
    const { all, asOf } = this.route();
    return [asked(this.route()), all, asOf];
  }

  protected fetch({ offset, limit, seen_seq }: Wanted<RowsView>) {
    const { kind } = this;
    const { all, asOf } = this.route();
    return this.session.client.call('rows', {
      kind, query: asked(this.route()), all, as_of: asOf, newest: kind === 'deployment' || all, offset, limit, seen_seq,
    });
  }

  protected rowsOf(view: RowsView) {
    return view.rows;
  }

  protected override restart(): void {
    super.restart();
    this.picked.clear();
  }
}
