/** Invented proposals, what they cost, and problems. */
import type { Commands, EstimateView, HealthView, ProblemView, Prose, ProseNode, ProposalsView, SourceView } from '../../api/gen';
import type { Past } from './world';

const words = (text: string): ProseNode => ({ node: 'text', text });
const cell = (...children: ProseNode[]): ProseNode => ({ node: 'table_cell', children });

/** A README as the core reads it. */
export const help = (name: string): Prose => ({
  truncated: false,
  nodes: [
    { node: 'heading', level: 1, children: [words(name)] },
    { node: 'paragraph', children: [words('Reads what its API shows, through '), { node: 'link', link: { index: 0, host: 'https://docs.example', allowed: true }, children: [words('its own client')] }, words('.')] },
    { node: 'code_block', text: '[[connection]]\nid = "github"\ncredential = "gh"' },
    { node: 'heading', level: 2, children: [words('Permissions')] },
    { node: 'table', children: [
      { node: 'table_row', head: true, children: [cell(words('To')), cell(words('Token'))] },
      { node: 'table_row', head: false, children: [cell(words('see workflow runs, jobs, logs')), cell(words('Actions: read'))] },
      { node: 'table_row', head: false, children: [cell(words('see deployments and their statuses')), cell(words('Deployments: read'))] },
    ] },
    { node: 'heading', level: 2, children: [words('Limits')] },
    { node: 'list', start: null, children: [
      { node: 'item', checked: null, children: [words('Details show up to 300 jobs or comments.')] },
      { node: 'item', checked: null, children: [{ node: 'code', text: 'neutral' }, words(' counts as skipped.')] },
    ] },
  ],
});

const NAMES = ['checkout', 'identity', 'ledger', 'search', 'web', 'notify', 'billing', 'gateway', 'inventory', 'reports', 'mobile-app', 'infrastructure', 'design-system', 'playground', 'old-shop'];

export function propose(past: Past, credential: string): ProposalsView {
  if (credential === 'none') return { items: [], more: false, quota_limit: null, notes: ['Without a credential GitHub lists no repositories as yours. Sign in, or write their names down.'] };
  const day = 86_400_000;
  const items = NAMES.map((name, at) => {
    const shelved = name === 'old-shop';
    const days = at < 11 ? at * 6 + 0.3 : at * 30;
    return { value: `acme/${name}`, active_at: past.ago(days * day), about: shelved ? 'private, archived' : at % 3 === 0 ? 'private' : at % 7 === 4 ? 'fork' : '', preselected: !shelved && days < 90 };
  });
  return { items, more: true, notes: [], quota_limit: 5_000 };
}

export function estimate({ values, interval_secs, quota_limit, signed_in }: Commands['connection_estimate']['request']): EstimateView {
  const own = interval_secs ?? 60;
  const hour = (pace: string, secs: number, changing: number) => {
    const polls = Math.ceil(3600 / secs);
    const counted = !signed_in ? polls * values * 6 : values ? changing * polls : 0;
    return { pace, requests: polls * values * 6, counted, percent: quota_limit ? Math.ceil((counted * 100) / quota_limit) : null };
  };
  return { hours: [hour('idle', own, 0), hour('watched', Math.min(own, 60), 0), hour('running', Math.min(own, 12.5), 2)], unchanged_is_free: signed_in, ceiling_percent: 40 };
}

/** What is wrong in the invented world; nothing where nothing is there. */
export function problems(sources: readonly SourceView[], rows: boolean): ProblemView[] {
  const fails = (health: HealthView) => !['new', 'paused'].includes(health.state) && !health.current;
  const failing = sources.filter((source) => fails(source.health)).map((source): ProblemView => ({ problem: 'source', source: source.id, backend_name: source.backend_name, health: source.health }));
  if (!rows) return failing;
  return [
    ...failing,
    { problem: 'unread', source: 'builds', message: 'builder "nightly-docs" has no project; its runs belong to no service' },
    { problem: 'unread', source: 'gh', message: 'deployments of acme/ledger cannot be read; permission is missing: deployments=read' },
    { problem: 'config', broken: false, message: "unknown key 'thme' in [window] is ignored; did you mean 'theme'?", file: '~/.config/quarterdeck/config.toml', line: 14 },
    { problem: 'unmatched', kind: 'run', count: 3, query: 'service:none' },
    { problem: 'unmatched', kind: 'alert', count: 1, query: 'service:none' },
  ];
}
