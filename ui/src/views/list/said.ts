import type { EnvCell, Row } from '../../api/gen';

/** What a status cell says; that it is stale is drawn by the row. */
export const saidStatus = ({ status, acknowledged, state }: Pick<Row, 'status' | 'acknowledged' | 'state'>): string => `${status} ${acknowledged} ${state}`;

/** What a title cell says: an action on its way stands in it, too. */
export const saidTitle = ({ title, pending_action: pending }: Row, ...more: readonly unknown[]): string => [title, pending?.state, pending?.outcome, ...more].join('\n');

/** What the cell of an environment says. */
export const saidCell = (cell: EnvCell | undefined): string =>
  cell ? [cell.environment, cell.status, cell.live_version, cell.latest_version, cell.drift?.version, cell.drift?.versions, cell.alerts?.status].join('\n') : '';
