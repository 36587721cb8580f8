import type { EnvCell, MatrixRow, MatrixView } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { asLost } from '../../live/hold';
import { RowWindow, type Wanted } from '../list/window.svelte';

/** What runs where: a row for each service. */
export class MatrixController extends RowWindow<MatrixView, MatrixRow> {
  column = $state(-1);

  constructor(
    session: Session,
    private readonly route: () => Route,
  ) {
    super(session, { keyOf: ({ service }) => service, lost: (row) => ({ ...asLost(row), cells: row.cells.map(asLost) }) });
  }

  /** What runs in a column of a row; nothing when it was never deployed there. */
  cell(row: MatrixRow, column: number): EnvCell | undefined {
    const name = this.feed.value?.environments[column]?.name;
    return row.cells.find((cell) => cell.environment === name);
  }

  protected get slot() {
    return 'matrix';
  }

  protected question() {
    return [asked(this.route()), this.route().asOf];
  }

  protected fetch({ offset, limit, seen_seq }: Wanted<MatrixView>) {
    return this.session.client.call('matrix', { query: asked(this.route()), as_of: this.route().asOf, offset, limit, seen_seq });
  }

  protected rowsOf(view: MatrixView) {
    return view.rows;
  }
}
