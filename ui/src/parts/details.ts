import type { SourceView } from '../api/gen';
import { redact } from '../text/redact';
import { safeText } from '../text/safe';
import type { Banner } from './state';

/** What stands behind a banner, for a ticket or a colleague: ids, states, causes and times, and nothing secret. */
export function detailsOf(banner: Banner, said: string): string {
  const lines = [said];
  if (banner.kind === 'error' || banner.kind === 'filter') {
    if (banner.kind === 'error') {
      lines.push(`code: ${banner.failure.code}`, `cause: ${banner.failure.message}`);
      if (banner.failure.traceId) lines.push(`trace: ${banner.failure.traceId}`);
    }
  } else if (banner.kind !== 'past') lines.push(...banner.sources.map(sourceLine));
  return lines.map((line) => redact(safeText(line))).join('\n');
}

function sourceLine({ id, backend, health }: SourceView): string {
  const parts = [`${id} (${backend}${health.version ? ` ${health.version}` : ''}): ${health.state}`, `since ${health.since}`, `as of ${health.as_of ?? 'never'}`];
  return [...parts, ...(health.cause ? [`cause: ${health.cause}`] : []), ...(health.next_at ? [`next try ${health.next_at}`] : [])].join(', ');
}
