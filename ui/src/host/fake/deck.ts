/** Invented answers about services as a whole: the deployments matrix, the last day, charts. */
import type { Commands, DeploymentStep, MatrixRow, Row, ServiceRow, SourceView, TransitionView } from '../../api/gen';
import { within } from './strip';
import { nameOf, type Past, TIERS } from './world';

const MIN = 60_000;
const HOUR = 60 * MIN;

export const BEST: Record<string, string> = { run_failed: 'log', alert_firing: 'act', waiting: 'act' };

export const last = (past: Past): TransitionView[] => [
  { id: 'alerts/alert/1', kind: 'alert', title: 'DiskAlmostFull', service: 'ledger', environment: null, from: 'firing', to: 'resolved', raw: 'resolved', status: 'ok', at: past.ago(11 * HOUR) },
];

type Answers = 'matrix' | 'deployments' | 'activity' | 'service_draft' | 'service_save';
type Handlers = { [C in Answers]: (request: Commands[C]['request']) => Commands[C]['answer'] };

export function handlers(past: () => Past, services: () => ServiceRow[], sources: () => SourceView[], deployed: () => Row[]): Handlers {
  return {
    matrix: ({ query, offset, limit }) => {
      const wanted = query.toLowerCase().replace(/^service:/, '');
      const all: MatrixRow[] = services().map(({ name, inferred, stale, deployments }) => ({
        service: name, inferred, stale, alerts: name === 'ledger' ? { status: 'warn', stale: sources().some(({ id, health }) => id === 'alerts' && !health.current) } : null, status: deployments.find((cell) => cell.status !== 'ok')?.status ?? 'ok',
        cells: ['dev', 'stage', 'prod-eu', 'prod-us'].flatMap((environment) => deployments.filter((cell) => cell.environment === environment)),
      }));
      const rows = all.filter((row) => row.service.includes(wanted));
      return {
        unchanged: false, environments: ['dev', 'stage', 'prod-eu', 'prod-us'].map((name) => ({ name, tier: TIERS[name] ?? 'other' })), rows: rows.slice(offset, offset + limit),
        total: rows.length, unfiltered: all.length, drifting: rows.filter((row) => row.cells.some((cell) => cell.drift)).length, seq: 41,
        sources: within(sources(), query, past().now).filter((source) => source.kinds.includes('deployment')),
      };
    },
    deployments: ({ service, environment }) => {
      const [row] = deployed();
      if (!row) return { steps: [], total: 0 };
      const WHAT: [string, Partial<DeploymentStep>][] = [['v411', { live: true, rollback: true }], ['v412', { taken_back_after_secs: 660 }], ['v411', {}], ['v410', {}], ['v409', {}]];
      const steps = WHAT.map(([version, change], at): DeploymentStep => ({
        live: false, rollback: false, taken_back_after_secs: null, secs: 95 + at * 20,
        row: {
          ...row, id: `${row.id}/${at}`, service, environment, title: version, occurred_at: past().ago((4 + at * 300) * MIN), status: at === 3 ? 'failing' : at === 0 ? 'ok' : 'inactive', state: at === 3 ? 'failed' : at === 0 ? 'succeeded' : 'superseded', author: ['ana', 'lee', 'mara'][at % 3] ?? null,
          more: row.more.of === 'deployment' ? { ...row.more, version, revision: `9f31c2a0b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5${10 + at}`, deployment_kind: change.rollback ? 'rolledback' : 'upgraded' } : row.more,
        },
        ...change,
      }));
      return { steps, total: steps.length };
    },
    activity: () => {
      const end = Math.ceil(past().now / HOUR) * HOUR;
      const hours = (value: (hour: number) => number) => Array.from({ length: 24 }, (_, hour) => value(hour));
      return {
        from: new Date(end - 24 * HOUR).toISOString(), to: new Date(end).toISOString(), part_secs: 3600, parts: 24,
        services: Array.from({ length: 38 }, (_, at) => at).filter((at) => at % 3 !== 1).map((at) => ({
          name: nameOf(at),
          alerts: hours((hour) => (at < 3 && hour > 20 - at * 2 ? 1 + (hour % 3) : (hour * 7 + at) % 23 === 4 ? 1 : 0)),
          paging: hours((hour) => (at === 0 && hour > 21 ? 1 : 0)),
          failed: hours((hour) => ((hour + at * 3) % 11 === 2 ? 1 : 0)),
        })),
        unread: [{ source: 'builds', parts: [2, 3, 4, 5] }, ...sources().filter((source) => !source.health.current).map((source) => ({ source: source.id, parts: [23] }))],
      };
    },
    service_draft: ({ name }) => ({ file: '~/.config/quarterdeck/config.toml', toml: `[[service]]\nname = "${name}"\nrepositories = ["gh:acme/${name}"]\nlabels = { service = "${name}" }\n` }),
    service_save: () => ({ message: '' }),
  };
}
