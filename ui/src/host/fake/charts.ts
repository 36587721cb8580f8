/** Invented charts: what happened to the invented rows, and to the same rows again in the hours before. */
import type { ChartDrawing, ChartKind, ChartMark, ChartRow, ChartRowsReq, ChartRowsView, ChartsReq, ChartsView, ChartView, Kind, Row, SourceView } from '../../api/gen';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KIND: Record<ChartKind, Kind> = { alerts: 'alert', deployments: 'deployment', durations: 'run' };
const PER_HOUR: Record<ChartKind, number> = { alerts: 7, deployments: 4, durations: 9 };
const WIDTHS = [[3, 5], [12, 15], [169, 60], [45 * 24, 360]] as const;

const during = /during:"?([^\s."]\S*?)\.\.([^\s"]+)/;
const iso = (at: number) => new Date(at).toISOString();

/** What a chart counts in a span, oldest first. */
function found(rows: Record<Kind, Row[]>, chart: ChartKind, from: number, to: number, query: string): ChartRow[] {
  const service = /service:"?([\w-]+)/.exec(query)?.[1];
  const own = rows[KIND[chart]].filter((row) => (!service || row.service === service) && !query.includes('nonsense'));
  if (own.length === 0) return [];
  const points: ChartRow[] = [];
  for (let hour = Math.floor(from / HOUR); hour * HOUR < to; hour += 1) {
    const busy = (hour % 24) / 24;
    const count = Math.round(((hour * 7919) % PER_HOUR[chart]) * (busy > 0.3 && busy < 0.8 ? 1 : 0.4));
    for (let at = 0; at < count; at += 1) {
      const row = own[(hour * 7 + at * 3) % own.length]!;
      const secs = 70 + ((hour * 37 + at * 131) % 400) + (row.more.of === 'run' && hour % 9 === 4 ? 900 : 0);
      points.push({
        id: row.id, title: row.title, service: row.service, environment: row.environment, at: iso(hour * HOUR + ((at * 17 + hour * 5) % 60) * MINUTE),
        bad: row.status === 'failing' || row.status === 'paging', secs: chart === 'durations' ? secs : null,
      });
    }
  }
  return points.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to).sort((a, b) => a.at.localeCompare(b.at));
}

const rank = (secs: number[], percent: number): number | null => secs[Math.max(0, Math.ceil((secs.length * percent) / 100) - 1)] ?? null;
const timesOf = (points: ChartRow[]) => points.flatMap(({ secs }) => (secs === null ? [] : [secs])).sort((a, b) => a - b);

function partsOf({ query, hours, as_of, ahead_mins }: ChartsReq, now: number) {
  const end = as_of ? Date.parse(as_of) : now;
  const span = during.exec(query);
  const floor = (at: number, width: number) => Math.floor((at + ahead_mins * MINUTE) / width) * width - ahead_mins * MINUTE;
  const length = span ? Date.parse(span[2]!) - Date.parse(span[1]!) : hours * HOUR;
  const width = (WIDTHS.find(([most]) => length <= most * HOUR)?.[1] ?? 1_440) * MINUTE;
  const to = span ? Date.parse(span[2]!) : floor(end, width) + width;
  const from = to - length;
  const parts: { from: number; until: number }[] = [];
  for (let at = floor(from, width); at < Math.min(to, end); at += width) parts.push({ from: Math.max(at, from), until: Math.min(at + width, to) });
  return { from, to, width, end, parts };
}

/** All sources begin to be read 19 hours ago, and Buildbot is away for two of them. */
function missingIn(sources: SourceView[], part: { from: number; until: number }, now: number): string[] {
  const away = (source: SourceView) => source.id === 'builds' && part.from < now - 12 * HOUR && part.until > now - 14 * HOUR;
  const silent = (source: SourceView) => !source.health.current && part.until > Date.parse(source.health.as_of ?? iso(now));
  return sources.filter((source) => part.from < now - 19 * HOUR || away(source) || silent(source)).map(({ id }) => id);
}

function draw(chart: ChartKind, marks: ChartMark[], { width, height }: ChartsReq): { drawing: ChartDrawing; marks: ChartMark[] } {
  const [left, right, top, foot] = [52, width - 12, 8, height - 20];
  const [first, last] = [marks[0], marks.at(-1)];
  const begin = Date.parse(first?.from ?? iso(0));
  const length = Math.max(1, Date.parse(last?.until ?? iso(1)) - begin);
  const x = (at: number) => Math.round(left + ((at - begin) / length) * (right - left));
  const times = chart === 'durations';
  const most = Math.max(1, ...marks.map((mark) => (times ? (mark.p90_secs ?? 0) : mark.count)));
  const step = Math.max(1, times ? Math.ceil(most / 4 / 300) * 300 : Math.ceil(most / 4));
  const grid = Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
  const y = (value: number) => Math.round(foot - (value / grid.at(-1)!) * (foot - top));
  const placed = marks.map((mark) => {
    const [from, until] = [x(Date.parse(mark.from)), x(Date.parse(mark.until))];
    return { ...mark, x: from, width: until - from, y: y(times ? (mark.p90_secs ?? 0) : mark.count) };
  });
  const box = (mark: ChartMark, value: number, gap = Math.floor(mark.width / 8)) => `M${mark.x + gap} ${y(value)}h${mark.width - 2 * gap}v${foot - y(value)}h-${mark.width - 2 * gap}z`;
  const of = (ink: string, draws: (mark: ChartMark) => string) => ({ ink, d: placed.map(draws).join('') });
  const middle = (mark: ChartMark) => mark.x + Math.round(mark.width / 2);
  const layers = [
    of('unread', (mark) => (mark.known === 'unread' ? box(mark, grid.at(-1)!, 0) : '')),
    of('partly', (mark) => (mark.known === 'partly' ? box(mark, grid.at(-1)!, 0) : '')),
    { ink: 'grid', d: grid.map((value) => `M${left} ${y(value)}H${right}`).join('') },
    ...(times
      ? [
          of('spread', (mark) => (mark.p90_secs === null ? '' : `M${middle(mark)} ${y(mark.median_secs!)}V${y(mark.p90_secs)}M${middle(mark) - 4} ${y(mark.p90_secs)}h8`)),
          of('middle', (mark) => (mark.median_secs === null ? '' : `M${middle(mark) - 3} ${y(mark.median_secs)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`)),
        ]
      : [
          of('bar', (mark) => (mark.count && mark.known === 'read' ? box(mark, mark.count) : '')),
          of('at_least', (mark) => (mark.count && mark.known !== 'read' ? box(mark, mark.count) : '')),
          of('bad', (mark) => (mark.bad ? box(mark, mark.bad) : '')),
        ]),
  ].filter(({ d }) => d !== '');
  const every = Math.max(1, Math.ceil((84 * marks.length) / (right - left)));
  const ticks = placed.filter((_, at) => at % every === 0 && at > 0).map((mark) => ({ at: mark.from, x: mark.x }));
  return { marks: placed, drawing: { width, height, foot, layers, values: grid.map((value) => ({ value, y: y(value) })), times: ticks } };
}

export function charts(rows: Record<Kind, Row[]>, sources: SourceView[], now: number, request: ChartsReq): ChartsView {
  const span = partsOf(request, now);
  const view = (chart: ChartKind): ChartView => {
    const asked = sources.filter((source) => source.kinds.includes(KIND[chart]));
    const points = found(rows, chart, span.from, Math.min(span.to, span.end), request.query);
    const marks = span.parts.map((part): ChartMark => {
      const inside = points.filter(({ at }) => Date.parse(at) >= part.from && Date.parse(at) < part.until);
      const missing = missingIn(asked, part, now);
      const secs = timesOf(inside);
      return {
        from: iso(part.from), until: iso(part.until), known: missing.length === asked.length ? 'unread' : missing.length ? 'partly' : 'read', missing,
        count: inside.length, bad: inside.filter(({ bad }) => bad).length, median_secs: rank(secs, 50), p90_secs: rank(secs, 90), x: 0, width: 0, y: 0,
      };
    });
    const weight = (mark: ChartMark) => mark.median_secs ?? mark.count;
    const most = Math.max(0, ...marks.map(weight));
    const secs = timesOf(points);
    return {
      chart, ...draw(chart, marks, request),
      summary: {
        count: points.length, bad: points.filter(({ bad }) => bad).length, peak: most > 0 ? marks.findIndex((mark) => weight(mark) === most) : null, median_secs: rank(secs, 50), p90_secs: rank(secs, 90),
        unread: marks.filter(({ known }) => known !== 'read').length, excluded: chart === 'durations' && points.length ? 3 : 0, unobserved: asked.length === 0, truncated: false,
      },
    };
  };
  return {
    from: iso(span.from), to: iso(span.to), part_secs: span.width / 1_000, charts: (['alerts', 'deployments', 'durations'] as const).map(view),
    sources: sources.filter(({ kinds }) => kinds.some((kind) => kind !== 'ticket')),
  };
}

export function chartRows(rows: Record<Kind, Row[]>, now: number, { chart, query, from, to, as_of }: ChartRowsReq): ChartRowsView {
  const points = found(rows, chart, Date.parse(from), Math.min(Date.parse(to), as_of ? Date.parse(as_of) : now), query);
  return { rows: points, count: points.length };
}
