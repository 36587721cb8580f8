import type { Status } from '../../api/gen';
import { formatCount } from '../format';
import { listing, plural } from '../plural';

/** How a deployment ended, and what is not said by that. */
const ENDED: Record<Status, string> = {
  ok: 'deployed',
  failing: 'deployment failed',
  paging: 'deployment failed',
  warn: 'deployed with warnings',
  waiting: 'deployment waits for a person',
  running: 'deployment under way',
  unknown: 'how the deployment ended is not known',
  inactive: 'deployment cancelled',
};

const ALERTS: Record<Status, string> = {
  paging: 'an alert pages',
  failing: 'an alert of high severity fires',
  warn: 'an alert fires',
  waiting: 'an alert fires',
  unknown: 'the state of an alert is not known',
  running: 'an alert fires',
  ok: 'an alert fires',
  inactive: 'an alert fires',
};

/** Sentences of what runs where. */
export const rollouts = {
  ended: ENDED,
  alerts: (status: Status, stale: boolean) => (stale ? `${ALERTS[status]}, as it was last read` : ALERTS[status]),
  /** The cell of an environment, whole. */
  cell: (environment: string, version: string, ended: string, alerts: string | null) =>
    alerts === null ? `${environment}: ${version}, ${ended}` : `${environment}: ${version}, ${ended}; ${alerts}`,
  /** Behind the environment that is shown of several: how many more there are. */
  others: (n: number, room: boolean) => (room ? plural(n, '+# env', '+# envs') : `+${formatCount(n)}`),
  othersHelp: (n: number, cells: readonly string[]) => `${plural(n, '# more environment', '# more environments')}. ${cells.join('; ')}`,
  elsewhere: (alerts: string) => `Of the service as a whole: ${alerts}`,
  /** Behind a run that failed, or waits: what it was to deploy. */
  with: (n: number) => `+${formatCount(n)}`,
  withHelp: (what: readonly string[], waits: boolean) => `Its ${what.length === 1 ? 'deployment' : 'deployments'} ${waits ? (what.length === 1 ? 'waits' : 'wait') : 'failed'} with it: ${listing(what)}`,
  /** Behind an alert that stands for others of its name. */
  alike: (n: number) => plural(n, '# more alert of this name', '# more alerts of this name'),
  to: (version: string, environment: string) => `${version} → ${environment}`,
  means: 'A cell tells how the last deployment there ended. Alerts stand before it.',
} as const;
