import type { DeployingView, ExcerptView, LineRunView, LineView, LogView, Row, Status } from '../../api/gen';
import type { Past } from './world';

const span = (from: string | null, to: string | null): number | null => (from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)) : null);

function one(past: Past, row: Row, at: number, status: Status): LineRunView {
  const more = row.more.of === 'run' ? row.more : null;
  const number = Number(more?.number.replace('#', '') ?? 100) - at;
  const authors = ['ana', 'lee', 'mara'];
  return {
    id: at === 0 ? row.id : `${row.source}/run/line/${String(number)}`, number: `#${String(number)}`, title: at === 0 ? row.title : ['Read the price list once a minute', 'Bump tokio to 1.54', 'Say which item is out of stock'][at % 3]!,
    status, revision: `${(0x9f31c2a + at * 7919).toString(16)}b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60`, author: at === 0 ? row.author : authors[at % 3]!, at: past.ago((4 + at * 47) * 60_000),
    secs: at === 0 ? (span(more?.started_at ?? null, more?.finished_at ?? null) ?? 372) : 48 + ((at * 37) % 40), queue_secs: 8 + (at % 7), attempt: at === 0 ? (more?.attempt ?? null) : 1,
  };
}

/** A line that fits the row: what fails is broken or flaky, what passes is healthy; a young service has too little history. */
export function line(past: Past, row: Row): LineView {
  const failing = row.status === 'failing';
  const flaky = failing && row.backend === 'buildbot';
  const young = row.service === 'media';
  const many = young ? 3 : 22;
  const statusAt = (at: number): Status => (at === 0 ? row.status : failing && !flaky && at === 1 ? 'failing' : at === 2 ? 'inactive' : flaky && at % 6 === 4 ? 'failing' : 'ok');
  const runs = Array.from({ length: many }, (_, at) => one(past, row, at, statusAt(at)));
  const counted = runs.filter((run) => run.status === 'ok' || run.status === 'failing').length;
  const good = runs.slice(1).find((run) => run.status === 'ok') ?? null;
  const broken = failing && !flaky;
  return {
    health: young || row.stale ? 'unknown' : broken ? 'broken' : flaky ? 'flaky' : 'healthy', stale: row.stale, counted, passed: runs.filter((run) => run.status === 'ok').length,
    flaky_commits: flaky ? 2 : 0, streak: broken ? 2 : 0, usual_secs: young ? null : 61, usual_queue_secs: young ? null : 11, this: runs[0]!, over: failing && !young && (runs[0]?.secs ?? 0) > 90, runs,
    broke: broken ? { last_good: good, first_bad: runs[1]!, range: runs.slice(1, 3), authors: ['ana', 'lee'] } : null,
    environments: deploying([row])[0]?.environments ?? [],
  };
}

/** Pipelines called "deploy" deploy. */
export function deploying(rows: (Row | undefined)[]): DeployingView[] {
  return rows.flatMap((row) =>
    row?.more.of === 'run' && row.more.pipeline === 'deploy'
      ? [{ run: row.id, environments: [{ id: `gh/deployment/${row.id}`, environment: row.status === 'ok' ? 'prod-eu' : 'stage', tier: row.status === 'ok' ? ('production' as const) : ('staging' as const), status: row.stale ? ('unknown' as const) : row.status }] }]
      : [],
  );
}

export const excerpt = (log: LogView | null): ExcerptView | null =>
  log && { job: log.job, step: log.step, lines: log.lines, error: log.lines.findIndex((text) => text.includes('panicked at')), before: 212, after: 4, truncated: log.truncated };
