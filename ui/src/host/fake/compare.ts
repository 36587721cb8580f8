import type { CompareView, Row } from '../../api/gen';
import type { Past } from './world';

const COMMITS = [
  ['Retry budget 3 → 8 (#412)', 'ana'],
  ['Read the price list once a minute', 'lee'],
  ['Merge pull request #409 from acme/feature-cart-v2', 'ana'],
  ['Bump tokio to 1.54', 'renovate[bot]'],
  ['Say which item is out of stock (#331)', 'mara'],
  ['Remove the old checkout flag', 'lee'],
] as const;

/** What lies between two versions of a thing. Buildbot cannot tell. */
export function compare(past: Past, from: Row | undefined, to: Row | undefined, reference: string): CompareView | null {
  if (to?.backend === 'buildbot') return null;
  const sha = (at: number) => `9f31c2a0b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5${String(10 + at)}`;
  const version = (row: Row | undefined) => (row?.more.of === 'run' ? row.more.number : (row?.title ?? reference));
  return {
    from: from?.id ?? 'gh/deployment/earlier', from_title: from ? version(from) : 'v411', base: sha(60), head: to ? sha(0) : reference,
    ahead_by: COMMITS.length, behind_by: 0, files_changed: 14, truncated: false, at: past.ago(1_000), url: 'https://github.example/acme/checkout/compare/a...b',
    authors: [...new Set(COMMITS.map(([, author]) => author))],
    commits: COMMITS.map(([title, author], at) => ({ sha: sha(at), title, author, at: past.ago((30 + at * 95) * 60_000), url: `https://github.example/acme/checkout/commit/${sha(at)}` })),
    tickets: [
      { key: '#412', id: null, title: null, status: null, url: 'https://github.example/acme/checkout/issues/412' },
      { key: '#331', id: 'gh/ticket/acme/ledger/331', title: 'Export of the ledger as CSV', status: 'ok', url: 'https://github.example/acme/checkout/issues/331' },
    ],
  };
}
