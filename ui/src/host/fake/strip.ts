import type { Happened, HappenedReq, HappenedView, Kind, NarrowView, Row, SourceView, StripGap, StripMark, StripReq, StripSpan, StripView } from '../../api/gen';

/** What the invented rows say of a span, oldest first, as the core does it. */
function happenings(rows: Record<Kind, Row[]>, from: number, to: number): Happened[] {
  const found: Happened[] = [];
  const add = (row: Row, what: string, at: string | null, until: string | null = null) => {
    if (at === null) return;
    const ends = what === 'alert_fired' ? (until === null ? Infinity : Date.parse(until)) : Date.parse(at);
    const inside = what === 'alert_fired' ? Date.parse(at) < to && ends > from : Date.parse(at) >= from && Date.parse(at) < to;
    if (inside) found.push({ id: row.id, what, status: row.status, title: row.title, service: row.service, environment: row.environment, at, until });
  };
  for (const row of Object.values(rows).flat()) {
    const { more } = row;
    if (more.of === 'deployment' && row.status !== 'waiting') add(row, row.status === 'failing' ? 'deployment_failed' : more.deployment_kind === 'rolledback' ? 'rolled_back' : 'deployed', row.occurred_at);
    if (more.of === 'run' && row.status === 'failing') add(row, 'run_failed', more.finished_at ?? row.occurred_at);
    if (more.of === 'ticket') add(row, 'ticket_opened', row.occurred_at);
    if (more.of === 'alert') add(row, 'alert_fired', row.occurred_at, more.ends_at);
  }
  return found.sort((a, b) => a.at.localeCompare(b.at));
}

function marksOf(items: Happened[], from: number, step: number): StripMark[] {
  const marks = new Map<string, StripMark>();
  for (const item of items.filter(({ what }) => what !== 'alert_fired')) {
    const key = `${item.what} ${Math.floor((Date.parse(item.at) - from) / step)}`;
    const known = marks.get(key);
    if (known) marks.set(key, { ...known, last: item.at, count: known.count + 1 });
    else marks.set(key, { what: item.what, at: item.at, last: item.at, count: 1, first: item });
  }
  return [...marks.values()];
}

function spansOf(items: Happened[]): StripSpan[] {
  const spans: StripSpan[] = [];
  for (const item of items.filter(({ what }) => what === 'alert_fired')) {
    const known = spans.find((span) => span.status === item.status && (span.to === null || span.to >= item.at));
    if (known) Object.assign(known, { to: known.to === null || item.until === null ? null : item.until, count: known.count + 1 });
    else spans.push({ status: item.status, from: item.at, to: item.until, count: 1 });
  }
  return spans;
}

const KINDS: Kind[] = ['run', 'deployment', 'alert', 'ticket'];

/** So long ago the sources were first read. */
const FIRST_READ_MS = 19 * 3_600_000;

/** Sources that are not current leave a gap up to now; all of them begin to be read 19 hours ago. */
function gapsOf(sources: SourceView[], now: number, from: number): StripGap[] {
  const first = new Date(now - FIRST_READ_MS).toISOString();
  return KINDS.flatMap((kind) => {
    const observing = sources.filter((source) => source.kinds.includes(kind));
    const silent = observing.filter((source) => !source.health.current);
    const since = silent.map((source) => source.health.as_of ?? first).sort()[0];
    const before: StripGap = { kind, from: new Date(from).toISOString(), to: observing.length ? first : null, sources: observing.map(({ id }) => id), whole: true };
    const after: StripGap[] = since ? [{ kind, from: since, to: null, sources: silent.map(({ id }) => id), whole: silent.length === observing.length }] : [];
    return [...(observing.length === 0 || first > before.from ? [before] : []), ...after];
  });
}

const ofService = (rows: Record<Kind, Row[]>, query: string): Record<Kind, Row[]> => {
  const service = /service:"?([\w-]+)/.exec(query)?.[1];
  if (!service) return rows;
  return Object.fromEntries(KINDS.map((kind) => [kind, rows[kind].filter((row) => row.service === service)])) as Record<Kind, Row[]>;
};

export function strip(rows: Record<Kind, Row[]>, sources: SourceView[], now: number, seq: number, { from, to, step_secs, query }: StripReq): StripView {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const items = happenings(ofService(rows, query), begin, end);
  return { unchanged: false, marks: marksOf(items, begin, step_secs * 1_000), spans: spansOf(items), gaps: gapsOf(sources, now, begin), truncated: false, seq };
}

export function happened(rows: Record<Kind, Row[]>, sources: SourceView[], now: number, { from, to, query, limit }: HappenedReq): HappenedView {
  const items = happenings(ofService(rows, query), Date.parse(from), Date.parse(to));
  const unread = within(sources, `during:${from}..${to}`, now).filter((source) => source.unread !== null).map(({ id }) => id);
  const counts = [...new Set(items.map(({ what }) => what))].map((what) => ({ what, count: new Set(items.filter((item) => item.what === what).map(({ id }) => id)).size }));
  return { items: items.slice(-limit), counts, at_least: false, truncated: items.length > limit, unread };
}

/** The sources with the part of a span in which they were not read: before the first reading, and since they are silent. */
export function within(sources: SourceView[], query: string, now: number): SourceView[] {
  const span = /during:(\S+?)\.\.(\S+)/.exec(query);
  if (!span) return sources;
  const [from, to] = [Date.parse(span[1]!), Math.min(now, Date.parse(span[2]!))];
  const first = now - FIRST_READ_MS;
  return sources.map((source) => {
    const since = source.health.current ? now : Date.parse(source.health.as_of ?? new Date(first).toISOString());
    const times = [[from, Math.min(first, to)], [Math.max(since, from), to]].filter(([begin, end]) => begin! < end!);
    const unread = { whole: times.length === 1 && times[0]![0] === from && times[0]![1] === to, times: times.map(([begin, end]) => ({ from: new Date(begin!).toISOString(), to: new Date(end!).toISOString() })), more: 0 };
    return times.length ? { ...source, unread } : source;
  });
}

export function narrow(rows: Record<Kind, Row[]>): NarrowView {
  const all = Object.values(rows).flat();
  const names = [...new Set(all.flatMap(({ service }) => service ?? []))].sort();
  const environments = new Map(all.flatMap(({ environment, tier }) => (environment && tier ? [[environment, tier] as const] : [])));
  return {
    services: names.map((name, at) => ({ name, owner: ['payments', 'platform', 'storefront'][at % 3] ?? null })),
    owners: names.length ? ['payments', 'platform', 'storefront'] : [],
    environments: [...environments].map(([name, tier]) => ({ name, tier })),
  };
}

/** Takes a span of time out of a query, and tells which rows something happened to in it. */
export function during(query: string): { rest: string; holds: (row: Row) => boolean } {
  const span = /during:(\S+?)\.\.(\S+)/.exec(query);
  if (!span) return { rest: query, holds: () => true };
  const [from, to] = [Date.parse(span[1]!), Date.parse(span[2]!)];
  const inside = (at: string | null | undefined) => at != null && Date.parse(at) >= from && Date.parse(at) < to;
  const holds = ({ occurred_at, more }: Row): boolean => {
    if (more.of === 'alert') return occurred_at !== null && Date.parse(occurred_at) < to && (more.ends_at === null || Date.parse(more.ends_at) >= from);
    const last = more.of === 'ticket' ? more.closed_at : more.finished_at;
    return inside(occurred_at) || inside(last);
  };
  return { rest: query.replace(span[0], ''), holds };
}
