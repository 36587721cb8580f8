import type { ActionOffer, BackendView, CheckView, ConnectionView, DetailView, EntityView, FormFieldView, LogView, Row } from '../../api/gen';
import { BODY, said } from './prose';
import { help } from './connect';
import { health, type Past } from './world';

const offer = (verb: string, label: string, change: Partial<ActionOffer> = {}): ActionOffer => ({
  verb, label, risk: 'visible', effect: `${label} is sent to the backend as you.`, has_form: false, previews: false, bulk: true, disabled: null, ...change,
});

export const OFFERS: Record<Row['kind'], ActionOffer[]> = {
  alert: [offer('silence', 'Silence', { has_form: true, previews: true, risk: 'undoable', effect: 'Creates a silence in Alertmanager: matching alerts notify nobody until it ends.' })],
  run: [offer('rerun_failed', 'Re-run failed jobs', { effect: 'Starts the failed jobs of this run again.' }), offer('rerun', 'Re-run'), offer('cancel', 'Cancel', { disabled: 'the run has ended' })],
  deployment: [offer('redeploy', 'Deploy again', { risk: 'production', bulk: false, effect: 'Starts the deploying build again with the same source and properties.' })],
  ticket: [offer('comment', 'Comment', { has_form: true, effect: 'Adds a comment that everybody who sees the ticket can read.' }), offer('close', 'Close', { risk: 'undoable' })],
};

const field = (key: string, label: string, kind: string, change: Partial<FormFieldView> = {}): FormFieldView => ({ key, label, help: '', kind, required: true, value: '', choices: [], ...change });

export function form(verb: string, row: Row | undefined): FormFieldView[] {
  if (verb === 'silence') {
    const labels = row?.more.of === 'alert' ? row.more.labels : {};
    return [
      field('matchers', 'Matchers', 'matchers', { help: 'One a line; all must match.', value: Object.entries(labels).map(([name, value]) => `${name}="${value ?? ''}"`).join('\n') }),
      field('duration', 'For', 'duration', { value: '2h', help: '30m, 2h, 1d' }),
      field('comment', 'Why', 'text'),
    ];
  }
  return [field('text', 'Comment', 'long_text')];
}

export const silenceForm = (verb: string, choices: { value: string; label: string }[]): FormFieldView[] =>
  verb === 'create_silence'
    ? [field('matchers', 'Matchers', 'matchers', { help: 'One a line; all must match.' }), field('duration', 'For', 'duration', { value: '2h' }), field('comment', 'Why', 'long_text'), field('created_by', 'By', 'text', { value: 'ana' })]
    : [field('silence', 'Silence', 'choice', { choices }), ...(verb === 'extend_silence' ? [field('duration', 'By', 'duration', { value: '2h' })] : [])];

export function entity(past: Past, row: Row): EntityView {
  const failing = row.more.of === 'run' && row.status === 'failing';
  return {
    row,
    fields: [
      { name: 'Source', value: row.source, mono: true },
      ...(row.more.of === 'run' ? [{ name: 'Pipeline', value: `${row.more.pipeline} ${row.more.number}`, mono: false }, { name: 'Branch', value: row.more.reference ?? '', mono: true }, { name: 'Commit', value: row.more.revision ?? '', mono: true }] : []),
      ...(row.more.of === 'alert' ? [{ name: 'Receivers', value: row.more.receivers.join(', '), mono: false }] : []),
      ...(row.author ? [{ name: 'Author', value: row.author, mono: false }] : []),
    ],
    links: [
      { index: 0, kind: 'page', host: 'https://github.example', refused: null },
      ...(row.kind === 'alert' ? [{ index: 1, kind: 'runbook', host: 'https://runbooks.example', refused: null }, { index: 2, kind: 'generator', host: 'javascript:', refused: 'only web addresses are opened' }] : []),
    ],
    history: [
      { id: row.id, kind: row.kind, title: row.title, service: row.service, environment: row.environment, from: null, to: row.kind === 'alert' ? 'firing' : 'pending', raw: 'new', status: row.kind === 'alert' ? 'warn' : 'running', at: past.ago(30 * 60_000) },
      { id: row.id, kind: row.kind, title: row.title, service: row.service, environment: row.environment, from: 'pending', to: row.state, raw: row.raw_status, status: row.status, at: row.changed_at },
    ],
    actions: OFFERS[row.kind],
    log: row.pending_action ? [row.pending_action] : [],
    has_log: failing,
    around: {
      siblings: row.kind === 'alert' && row.id.endsWith('4f5e6d') ? [{ ...row, id: row.id.replace('alerts/', 'alerts-b/'), source: 'alerts-b', state: 'suppressed', raw_status: 'suppressed', status: 'inactive', acknowledged: true }] : [],
      flap: row.kind === 'alert' && row.id.endsWith('4f5e6f') ? { per_hour: 9, last: past.ago(70_000) } : null,
      inhibitors: row.more.of === 'alert' && row.more.inhibited_by > 0 ? [{ fingerprint: '4f5e6d', id: 'alerts/alert/4f5e6d', title: 'LatencyBudgetBurn' }, { fingerprint: '00ffee', id: null, title: null }] : [],
      during: row.kind === 'ticket' && row.id.endsWith('/912') ? { id: 'alerts/alert/4f5e6d', title: 'LatencyBudgetBurn', severity: 'critical', from: past.ago(12 * 60_000), to: null } : null,
      likely: row.kind === 'alert' && row.id.endsWith('4f5e6d')
        ? { id: 'gh/deployment/acme/checkout/prod-eu', version: 'v412', environment: 'prod-eu', author: 'ana', status: 'failing', began: past.ago(7 * 60_000), before_secs: 180, others: 2 }
        : null,
      ahead_secs: null, clock_skew_secs: null,
    },
  };
}

export function detail(past: Past, row: Row): DetailView {
  const at = past.ago(1_000);
  if (row.kind === 'run') {
    const step = (number: number, name: string, bad = false) => ({ number, name, status: bad ? ('failing' as const) : ('ok' as const), state: bad ? 'failure' : 'success', first_failure: bad, started_at: past.ago(400_000 - number * 30_000), finished_at: past.ago(380_000 - number * 30_000) });
    const bad = row.status === 'failing';
    return { at, sections: [{ section: 'jobs', jobs: [
      { name: 'build', status: 'ok', state: 'success', raw_status: 'success', worker: 'ubuntu-24.04', started_at: past.ago(400_000), finished_at: past.ago(338_000), steps: [] },
      { name: 'test (linux)', status: bad ? 'failing' : 'ok', state: bad ? 'failure' : 'success', raw_status: row.raw_status, worker: 'ubuntu-24.04', started_at: past.ago(338_000), finished_at: past.ago(30_000), steps: [step(1, 'Set up job'), step(2, 'cargo build'), step(3, 'cargo nextest run', bad), step(4, 'Post checkout')] },
    ] }] };
  }
  if (row.kind === 'ticket') {
    return { at, sections: [
      { section: 'body', title: 'Description', text: '', prose: BODY },
      { section: 'comments', comments: [{ author: 'noor', at: past.ago(3_000_000), text: '', prose: said('Two more customers say the same.') }] },
    ] };
  }
  if (row.more.of === 'alert' && row.more.silences.length) return { at, sections: [{ section: 'silences', silences: row.more.silences }] };
  return { at, sections: [] };
}

export const log = (row: Row): LogView | null =>
  row.status !== 'failing' ? null : {
    job: 'test (linux)', step: 'cargo nextest run', truncated: true,
    lines: ['   Compiling checkout v4.13.0', '    Finished `test` profile in 41.02s', '────────────', '        PASS [   0.012s] cart::adds_up', '        FAIL [   0.240s] cart::retries_stop_at_budget', "thread 'retries_stop_at_budget' panicked at src/http.rs:88:9:", 'assertion `left == right` failed: the budget is three', '  left: 8', ' right: 3', 'error: test run failed'],
  };

export function backends(): BackendView[] {
  const backend = (word: string, name: string, summary: string, kinds: BackendView['kinds'], url: string, change: Partial<BackendView> = {}): BackendView => ({
    backend: word, name, summary, kinds, url_example: url, default_url: null, credential_label: 'Token', credential_help: 'A token that may read.', credential_optional: false, credential_gh: false,
    settings: [], interval_secs: 60, readme: `# ${name}\n`, help: help(name), proposes: null, icon: '', actions: [], ...change,
  });
  return [
    backend('alertmanager', 'Alertmanager', 'Alerts and silences of Prometheus.', ['alert'], 'http://127.0.0.1:9093', { credential_label: 'user:password or token', credential_optional: true, credential_help: 'Alertmanager has no sign-in of its own; a proxy in front of it may.' }),
    backend('buildbot', 'Buildbot', 'Builds with their steps and logs.', ['run', 'deployment'], 'http://127.0.0.1:8010', { credential_optional: true, settings: [field('deployments', 'Deploying builders', 'tables', { required: false, help: 'Builders whose builds are deployments.' })] }),
    backend('github', 'GitHub', 'Workflow runs, deployments, issues and releases.', ['run', 'deployment', 'ticket'], 'https://api.github.com', {
      default_url: 'https://api.github.com', credential_gh: true, credential_optional: true, proposes: { field: 'repositories', label: 'Find repositories' }, credential_help: 'A fine-grained token: Actions, Deployments and Issues, read.',
      settings: [field('repositories', 'Repositories', 'list', { help: 'One a line: acme/shop' }), field('issues', 'Read issues', 'flag', { required: false, value: 'true' })],
    }),
    backend('redmine', 'Redmine', 'Tickets with their comments.', ['ticket'], 'https://redmine.example.org', { credential_label: 'API key', credential_help: 'Under "My account", on the right.' }),
  ];
}

export function connections(past: Past, sources: { id: string; backend: string; backend_name: string; health: ReturnType<typeof health> }[]): ConnectionView[] {
  const URLS: Record<string, string> = { gh: '', alerts: 'http://127.0.0.1:9093', builds: 'http://127.0.0.1:8010', tracker: 'http://127.0.0.1:3000' };
  return sources.map((source) => ({
    draft: { id: source.id, backend: source.backend, url: URLS[source.id] ?? '', credential: source.id === 'gh' ? 'gh' : source.id === 'tracker' ? 'keychain' : 'none', interval_secs: null, ca_file: null, settings: (source.id === 'gh' ? { repositories: 'acme/checkout\nacme/identity\nacme/ledger' } : {}) as Record<string, string> },
    backend_name: source.backend_name, health: source.health, problems: source.id === 'builds' ? ['builder "nightly-docs" has no project; its runs belong to no service'] : [],
    session_only: false, requests_last_hour: source.id === 'gh' ? 312 : 120, unchanged_last_hour: source.id === 'gh' ? 288 : 0, actions: [],
  }));
}

export const check = (passed: boolean): CheckView => ({
  passed, identity: passed ? 'ana' : null, version: passed ? '0.28.1' : null,
  steps: [
    { name: 'reach', outcome: 'ok', text: 'answered in 4 ms' },
    passed ? { name: 'sign in', outcome: 'ok', text: 'signed in as ana' } : { name: 'sign in', outcome: 'failed', text: 'the key was rejected; copy it again from "My account"' },
    ...(passed ? [{ name: 'permissions', outcome: 'warning', text: 'deployments cannot be read; grant Deployments: read' }] : []),
  ],
});
