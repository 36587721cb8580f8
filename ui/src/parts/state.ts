import type { SourceView } from '../api/gen';
import { ApiError } from '../api/client';
import { answers, isMissing } from '../text/partial';

/** What fills a view's main area. */
export type Body = 'loading' | 'unset' | 'unpolled' | 'good' | 'unsure' | 'filtered' | 'error' | 'mistake' | 'rows';

/** One line above the rows: something that keeps them from being the whole truth. */
export type Banner =
  | { kind: 'past' }
  | { kind: 'offline'; since: string; shown: string | null; sources: readonly SourceView[] }
  | { kind: 'signin'; sources: SourceView[] }
  | { kind: 'partial'; sources: SourceView[]; answering: number; total: number }
  | { kind: 'stale'; sources: SourceView[] }
  | { kind: 'unread'; sources: SourceView[] }
  | { kind: 'missed'; sources: SourceView[] }
  | { kind: 'filter'; why: string }
  | { kind: 'error'; failure: ApiError };

export interface Shown {
  /** Rows that match; `null` until the first answer. */
  total: number | null;
  /** Rows there would be without the filter. */
  unfiltered: number;
  /** Sources that could bring such rows. */
  sources: readonly SourceView[];
  query: string;
  failure: unknown;
  /** Connections that the configuration names and that cannot be used. */
  leftOut: number;
}

/** Whether the core could not read the query. */
export const isFilterFailure = (failure: unknown): failure is ApiError => failure instanceof ApiError && failure.code === 'bad_query';

/** What fills the main area. "Nothing is wrong" is said only when every source was asked and is current. */
export function bodyOf({ total, unfiltered, sources, query, failure, leftOut }: Shown): Body {
  if (total !== null && total > 0) return 'rows';
  // The line above says what is wrong with the filter; that nothing matches it would be a second, wrong answer.
  if (isFilterFailure(failure)) return 'mistake';
  if (total === null) return failure === null ? 'loading' : 'error';
  if (query && unfiltered > 0) return 'filtered';
  const asked = sources.filter((source) => source.health.state !== 'paused');
  if (asked.length === 0) return leftOut > 0 ? 'unsure' : 'unset';
  if (asked.some((source) => source.health.state === 'new')) return 'unpolled';
  if (leftOut > 0 || asked.some((source) => !source.health.current)) return 'unsure';
  return query ? 'filtered' : 'good';
}

/** The lines above the rows, most important first. */
export function bannersOf(
  sources: readonly SourceView[],
  { failure, offlineSince, past }: { failure: unknown; offlineSince: string | null; past: boolean },
): Banner[] {
  const banners: Banner[] = [];
  const asked = sources.filter((source) => source.health.state !== 'paused');
  // Of a span of time: whatever a source has become since, nobody looked then.
  const missed = sources.filter((source) => source.unread !== null);
  if (past) banners.push({ kind: 'past' });
  if (isFilterFailure(failure)) banners.push({ kind: 'filter', why: failure.message });
  else if (failure !== null) banners.push({ kind: 'error', failure: ApiError.of(failure) });
  if (past) {
    // How a source does now says nothing of then.
    const unread = asked.filter((source) => !source.health.current);
    if (unread.length) banners.push({ kind: 'unread', sources: unread });
    if (missed.length) banners.push({ kind: 'missed', sources: missed });
    return banners;
  }
  if (offlineSince) {
    banners.push({ kind: 'offline', since: offlineSince, shown: newest(sources), sources });
    if (missed.length) banners.push({ kind: 'missed', sources: missed });
    return banners;
  }
  const signin = sources.filter((source) => source.health.state === 'needs_sign_in');
  const missing = sources.filter(isMissing);
  const overdue = sources.filter((source) => source.health.state === 'fresh' && !source.health.current);
  if (signin.length) banners.push({ kind: 'signin', sources: signin });
  if (missing.length) banners.push({ kind: 'partial', sources: missing, answering: asked.filter(answers).length, total: asked.length });
  if (overdue.length) banners.push({ kind: 'stale', sources: overdue });
  if (missed.length) banners.push({ kind: 'missed', sources: missed });
  return banners;
}

function newest(sources: readonly SourceView[]): string | null {
  const times = sources.map((source) => source.health.as_of).filter((at) => at !== null);
  return times.sort().at(-1) ?? null;
}
