/**
 * Invented rows for tests and for looking at the window in a plain browser. Never part of the product build (vite.config.ts).
 */
import type { DriftView, EnvCell, HealthView, Kind, Row, RowMore, ServiceRow, SourceView, Status, Tier } from '../../api/gen';

const MIN = 60_000;
const HOUR = 60 * MIN;

/** Moments counted back from a fixed now. */
export class Past {
  constructor(readonly now: number) {}
  ago = (ms: number): string => new Date(this.now - ms).toISOString();
  ahead = (ms: number): string => new Date(this.now + ms).toISOString();
}

export const SERVICES = ['checkout', 'identity', 'ledger', 'search', 'web', 'notify', 'catalog', 'pricing', 'shipping', 'reports', 'gateway', 'media'] as const;
const PEOPLE = ['ana', 'lee', 'mara', 'noor', 'tomas'];
const pick = <T>(all: readonly T[], at: number): T => all[at % all.length] as T;

export function health(past: Past, change: Partial<HealthView> = {}): HealthView {
  return {
    state: 'fresh', current: true, since: past.ago(5 * HOUR), as_of: past.ago(12_000), next_at: past.ahead(18_000), cause: null,
    about: null, until: null, interval_secs: 30, quota_limit: null, quota_remaining: null, quota_resets_at: null, clock_skew_secs: null,
    version: null, ...change,
  };
}

export function sources(past: Past): SourceView[] {
  const source = (id: string, backend: string, backend_name: string, kinds: Kind[], change: Partial<HealthView>): SourceView => ({
    id, backend, backend_name, kinds, health: health(past, change), unknown_before: null, unread: null,
  });
  return [
    source('gh', 'github', 'GitHub', ['run', 'deployment', 'ticket'], { quota_limit: 5000, quota_remaining: 4212, version: 'api 2022-11-28' }),
    source('alerts', 'alertmanager', 'Alertmanager', ['alert'], { as_of: past.ago(4_000), version: '0.28.1' }),
    source('builds', 'buildbot', 'Buildbot', ['run', 'deployment'], { as_of: past.ago(9_000), version: '4.3.0' }),
    source('tracker', 'redmine', 'Redmine', ['ticket'], { as_of: past.ago(31_000), version: '6.0.5' }),
  ];
}

interface Seed {
  id: string;
  kind: Kind;
  source: string;
  backend: string;
  title: string;
  status: Status;
  state: string;
  raw: string;
  service: string | null;
  minutes: number;
  more: RowMore;
  environment?: string | null;
  tier?: Tier | null;
  author?: string | null;
  acknowledged?: boolean;
}

function row(past: Past, seed: Seed): Row {
  const ended = seed.more.of === 'run' || seed.more.of === 'deployment' ? seed.more.finished_at : null;
  return {
    id: seed.id, kind: seed.kind, source: seed.source, backend: seed.backend, title: seed.title, status: seed.status,
    acknowledged: seed.acknowledged ?? false, state: seed.state, raw_status: seed.raw, stale: false, as_of: past.ago(12_000),
    service: seed.service, service_inferred: seed.service === 'media' || seed.service === 'reports', environment: seed.environment ?? null,
    tier: seed.tier ?? null, author: seed.author ?? null, occurred_at: past.ago(seed.minutes * MIN), since: ended ?? past.ago(seed.minutes * MIN), changed_at: past.ago(seed.minutes * MIN),
    gone_at: null, seq: 40, has_url: true, pending_action: null, notes: 0, more: seed.more,
  };
}

export function runs(past: Past, count = 40): Row[] {
  const STATES: [Status, string, string][] = [
    ['failing', 'failure', 'failure'], ['failing', 'failure', 'FAILURE'], ['waiting', 'waiting', 'action_required'], ['running', 'executing', 'in_progress'],
    ['running', 'pending', 'queued'], ['ok', 'success', 'success'], ['inactive', 'cancellation', 'cancelled'],
  ];
  const TITLES = ['Retry budget 3 → 8', 'Bump tokio to 1.54', 'Fix ledger CSV export', 'Cache the price list', 'Nightly', 'Merge pull request #412 from acme/feature-cart-v2', 'Drop Python 3.9'];
  return Array.from({ length: count }, (_, at) => {
    const [status, state, raw] = STATES[Math.min(at, 9)] ?? STATES[at % 11 === 0 ? 6 : 5]!;
    const service = pick(SERVICES, at);
    const buildbot = at % 4 === 1;
    const minutes = 2 + at * 7;
    return row(past, {
      id: `${buildbot ? 'builds' : 'gh'}/run/acme/${service}/${9132 - at}`, kind: 'run', source: buildbot ? 'builds' : 'gh', backend: buildbot ? 'buildbot' : 'github',
      title: pick(TITLES, at), status, state, raw, service, minutes, author: pick(PEOPLE, at),
      more: {
        of: 'run', pipeline: buildbot ? `${service}-linux` : pick(['test', 'build', 'deploy'], at), number: `#${9132 - at}`, place: `acme/${service}`,
        reference: at % 5 === 4 ? 'release/4.13' : 'main', revision: `9f31c2a0b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5${(at % 90) + 10}`, trigger: 'push', attempt: at === 0 ? 2 : 1,
        queued_at: past.ago((minutes + 1) * MIN), started_at: status === 'running' && state === 'pending' ? null : past.ago(minutes * MIN),
        finished_at: status === 'running' || status === 'waiting' ? null : past.ago(minutes * MIN - 95_000 - at * 4_000),
        failed_step: status === 'failing' ? 'cart::retries_stop_at_budget' : null,
      },
    });
  });
}

export const TIERS: Record<string, Tier> = { 'prod-eu': 'production', 'prod-us': 'production', stage: 'staging', dev: 'development' };

export function deployments(past: Past): Row[] {
  const STATES: [Status, string, string][] = [['failing', 'failed', 'failure'], ['running', 'in_progress', 'in_progress'], ['waiting', 'blocked', 'waiting'], ['ok', 'succeeded', 'success']];
  return SERVICES.flatMap((service, at) =>
    Object.keys(TIERS).slice(0, 2 + (at % 3)).map((environment, nth) => {
      const [status, state, raw] = STATES[Math.min(at * 2 + nth, 3)]!;
      return row(past, {
        id: `gh/deployment/acme/${service}/${environment}`, kind: 'deployment', source: 'gh', backend: 'github', title: `v${412 - at * 9}`, status, state, raw, service,
        environment, tier: TIERS[environment] ?? 'other', minutes: 4 + at * 95 + nth * 40, author: pick(PEOPLE, at + nth),
        more: {
          of: 'deployment', version: `v${412 - at * 9}`, revision: '9f31c2a0b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6', deployment_kind: at === 3 ? 'rolledback' : 'upgraded', origin: 'pipeline',
          place: `acme/${service}`, description: null, started_at: past.ago((4 + at * 95) * MIN), finished_at: status === 'ok' ? past.ago((2 + at * 95) * MIN) : null,
        },
      });
    }),
  );
}

export function alerts(past: Past, count = 14): Row[] {
  const KINDS = [
    ['LatencyBudgetBurn', 'critical', 'p95 1.9 s is above the budget of 800 ms for 4 minutes'], ['HttpErrorRatio', 'high', '5xx ratio 4.1 % over 10 minutes'],
    ['DiskAlmostFull', 'warning', 'Volume /var/lib/ledger is 91 % full'], ['QueueBacklog', 'warning', '12,400 messages wait in notify.outbox'], ['CertificateExpires', 'info', 'Certificate of web expires in 12 days'],
  ] as const;
  return Array.from({ length: count }, (_, at) => {
    const [name, severity, summary] = KINDS[at < 5 ? at : 1 + (at % 4)]!;
    const inhibited = at === 6;
    const suppressed = at === 3 || at % 9 === 8 || inhibited;
    const service = pick(SERVICES, at);
    const status: Status = suppressed || severity === 'info' ? 'inactive' : severity === 'critical' ? 'paging' : severity === 'high' ? 'failing' : 'warn';
    return row(past, {
      id: `alerts/alert/${(0x4f5e6d + at).toString(16)}`, kind: 'alert', source: 'alerts', backend: 'alertmanager', title: name, status,
      acknowledged: suppressed && !inhibited, state: suppressed ? 'suppressed' : 'firing', raw: suppressed ? 'suppressed' : 'active', service, environment: 'prod-eu', tier: 'production', minutes: 4 + at * 27,
      more: {
        of: 'alert', severity, raw_severity: severity === 'critical' ? 'page' : severity, summary, apart: null,
        labels: { alertname: name, service, env: 'prod-eu', instance: `10.0.3.${at}:9100`, job: 'node' },
        silences: suppressed && !inhibited ? [{ id: '8c2f', matchers: [`alertname="${name}"`], starts_at: past.ago(HOUR), ends_at: past.ahead(2 * HOUR), created_by: 'mara', comment: 'known, fix is on its way', state: 'active' }] : [],
        inhibited_by: inhibited ? 1 : 0, receivers: ['payments-pager'], starts_at: past.ago((4 + at * 27) * MIN), ends_at: null, fingerprint: (0x4f5e6d + at).toString(16),
      },
    });
  });
}

export function tickets(past: Past, count = 22): Row[] {
  const TITLES = ['Checkout is slow when I pay', 'Ledger CSV export drops the last line', 'Search typo: "recieve"', 'Please add invoices in Danish', 'Login loops on Safari', 'Shipping label shows the wrong country'];
  return Array.from({ length: count }, (_, at) => {
    const redmine = at % 3 !== 1;
    const service = pick(SERVICES, at);
    const type = pick(['incident', 'bug', 'bug', 'enhancement', 'question'], at);
    return row(past, {
      id: redmine ? `tracker/ticket/${912 - at}` : `gh/ticket/acme/${service}/${331 - at}`, kind: 'ticket', source: redmine ? 'tracker' : 'gh', backend: redmine ? 'redmine' : 'github',
      title: pick(TITLES, at), status: type === 'incident' ? 'warn' : 'inactive', state: at % 4 === 1 ? 'in_progress' : 'todo', raw: at % 4 === 1 ? 'In Progress' : 'New', service, minutes: 6 + at * 190,
      author: pick(PEOPLE, at + 2), acknowledged: at % 4 === 1,
      more: {
        of: 'ticket', key: redmine ? `#${912 - at}` : `${service}#${331 - at}`, ticket_type: type, raw_type: type === 'bug' ? 'Bug' : type, priority: pick(['Urgent', 'High', 'Normal', 'Normal'], at),
        assignees: at % 4 === 1 ? [pick(PEOPLE, at)] : [], labels: [...(at % 2 ? ['customer'] : []), ...(at % 5 === 2 ? ['regression'] : [])], milestone: at % 3 ? null : '4.13.0', place: redmine ? 'harbour' : `acme/${service}`,
        customer: at % 2 === 1, regression: at % 5 === 2, comments: at % 6, created_at: past.ago((6 + at * 190) * MIN), closed_at: null,
      },
    });
  });
}

/** More services than a screen holds, one of them with a name that fits nowhere. */
export const nameOf = (at: number): string =>
  at < SERVICES.length ? pick(SERVICES, at) : at === 40 ? 'platform-observability-long-running-aggregation-worker-for-the-northern-region' : `${pick(SERVICES, at)}-${at}`;

export function services(past: Past, count: number = SERVICES.length): ServiceRow[] {
  const STATUS: Status[] = ['paging', 'failing', 'warn', 'waiting', 'unknown', 'running'];
  const firing = alerts(past);
  const built = runs(past);
  return Array.from({ length: count }, (_, at) => {
    const name = nameOf(at);
    const status = STATUS[at] ?? (at % 60 === 59 ? 'failing' : 'ok');
    const cell = (environment: string, live: string, minutes: number, change: Partial<EnvCell> = {}): EnvCell => ({
      environment, tier: TIERS[environment] ?? 'other', live: `gh/deployment/acme/${name}/${environment}`, live_version: live, live_since: past.ago(minutes * MIN), latest: null, latest_version: null, status: status === 'unknown' ? 'unknown' : 'ok', stale: status === 'unknown', alerts: null, drift: null, ...change,
    });
    const version = at < 40 ? 412 - at * 9 : 12 + (at % 90);
    const behind = (environment: string, ahead: number, versions: number | null, hours: number): DriftView => ({ environment, version: `v${ahead}`, deployment: `gh/deployment/acme/${name}/${environment}`, versions, since: past.ago(hours * HOUR) });
    const reason = {
      paging: { code: 'alert_firing', subject: 'LatencyBudgetBurn', entity: firing[0]!.id }, failing: { code: 'run_failed', subject: 'Bump tokio to 1.54', entity: built[1]!.id }, warn: { code: 'alert_firing', subject: 'DiskAlmostFull', entity: firing[2]!.id },
      waiting: { code: 'waiting', subject: `v${version + 1} → prod-eu`, entity: null }, unknown: { code: 'source_stale', subject: 'builds', entity: null }, running: { code: 'running', subject: 'deploy #9127', entity: null },
      ok: { code: 'all_good', subject: '', entity: null }, inactive: { code: 'all_good', subject: '', entity: null },
    }[status];
    return {
      name, owner: pick(['payments', 'platform', 'storefront'], at), inferred: name === 'media' || name === 'reports', status, stale: status === 'unknown', as_of: past.ago(status === 'unknown' ? 23 * MIN : 12_000),
      reasons: [{ ...reason, status, since: past.ago((4 + at * 7) * MIN) }, ...(at === 0 ? [{ code: 'run_failed', status: 'failing' as Status, entity: built[0]!.id, subject: 'Retry budget 3 → 8', since: past.ago(2 * MIN) }] : [])],
      runs: Array.from({ length: at === 4 ? 3 : 10 }, (_, nth) => ({ id: `gh/run/${name}/${nth}`, status: nth === 9 && at < 2 ? 'failing' : nth === 9 && at === 5 ? 'running' : (nth + at) % 7 === 3 ? 'failing' : 'ok', title: `test #${900 + nth}`, secs: 60 + ((nth * 37 + at * 11) % 200) })),
      deployments: [
        cell('prod-eu', `v${version}`, 4 + at * 95, at === 3 ? { latest: 'x', latest_version: `v${version + 1}`, status: 'waiting' } : at === 0 ? { status: 'failing', latest: 'x0', latest_version: `v${version + 1}`, alerts: { status: 'paging', stale: false } } : at % 2 ? { alerts: at === 1 ? { status: 'failing', stale: false } : null, drift: behind('stage', version + 1, at === 5 ? null : 1 + (at % 7), 3 + at * 9) } : {}),
        ...(at % 3 ? [cell('prod-us', `v${version - 1}`, 1440 + at * 95, { drift: behind('stage', version + (at % 2), 2, 30) })] : []), cell('stage', `v${version + (at % 2)}`, 40 + at * 12), ...(at % 4 === 3 ? [] : [cell('dev', `v${version + 3}`, 9 + at * 3, at === 5 ? { latest: 'y', latest_version: `v${version + 4}`, status: 'running' } : {})]),
      ],
      alerts: at === 0 ? [{ severity: 'critical', count: 1 }, { severity: 'warning', count: 2 }] : at === 1 ? [{ severity: 'high', count: 1 }] : at === 2 ? [{ severity: 'warning', count: 3 }] : [],
      suppressed: at === 3 ? 1 : 0, alerts_stale: status === 'unknown', runs_stale: status === 'unknown', tickets_stale: false, sources: ['alerts', at % 4 === 1 ? 'builds' : 'gh'], tickets: (at * 5) % 8, new_tickets: at === 0 ? 3 : 0, changed_at: past.ago((2 + at * 7) * MIN), notes: 0,
    };
  });
}
