/** Grouped lists over invented rows: what `crates/rules/src/board.rs` does, as far as looking at the window needs it. */
import type { BoardReq, BoardView, EntityLine, GroupLine, Line, Row, SourceView, Status, TransitionView } from '../../api/gen';
import type { Past } from './world';

const RANK: Status[] = ['paging', 'failing', 'warn', 'waiting', 'unknown', 'running', 'ok', 'inactive'];
const worse = (a: Status, b: Status): Status => (RANK.indexOf(a) <= RANK.indexOf(b) ? a : b);

function value(row: Row, key: string): string | null {
  if (key === 'service') return row.service;
  if (key === 'environment') return row.environment;
  if (key === 'source') return row.source;
  const { more } = row;
  if (more.of === 'alert') {
    if (key === 'name') return row.title;
    if (key === 'severity') return more.severity;
    if (key === 'receiver') return more.receivers.join(', ') || null;
    return more.labels[key.replace(/^label:/, '')] ?? null;
  }
  if (more.of === 'ticket') {
    if (key === 'type') return more.ticket_type;
    if (key === 'priority') return more.priority;
    if (key === 'assignee') return more.assignees.join(', ') || null;
  }
  return null;
}

/** What the filter of the core would leave, as far as the tests and pictures ask for it. */
export function matching(rows: readonly Row[], query: string): Row[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word && !word.startsWith('age:'));
  const wanted = words.map((word) => word.replace(/^\w+:/, '').split(','));
  return wanted.length === 0 ? [...rows] : rows.filter((row) => wanted.every((some) => some.some((word) => said(row).includes(word))));
}

const texts = new WeakMap<Row, string>();

/** All words of a row, made once. */
function said(row: Row): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const ticket = row.more.of === 'ticket' ? [row.more.customer ? 'customer' : '', row.more.regression ? 'regression' : ''] : [];
  const text = [row.title, row.service, row.state, row.status, row.author, ...ticket].join(' ').toLowerCase();
  texts.set(row, text);
  return text;
}

export function board(past: Past, request: BoardReq, all: readonly Row[], sources: SourceView[], seq: number, last_closed: TransitionView): BoardView {
  const rows = matching(all, request.query);
  const firing = rows.filter((row) => row.state === 'firing').length;
  const storm = request.group === null && request.kind === 'alert' && firing > 200;
  const keys = request.group ?? (storm ? ['service', 'name'] : []);
  const lines: Line[] = [];
  const flat = keys.length === 0;
  if (flat) lines.push(...rows.slice(request.offset, request.offset + request.limit).map((row, at) => entity(past, row, request.offset + at, false)));
  else {
    for (const group of groups(rows, keys)) {
      const open = request.open.includes(group.line.key) !== request.inverted;
      lines.push({ line: 'group', ...group.line, open });
      if (open) lines.push(...group.rows.map((row, at) => entity(past, row, at + 100, true)));
    }
  }
  const labels = [...new Set(rows.flatMap((row) => (row.more.of === 'alert' ? Object.keys(row.more.labels) : [])))].map((name) => `label:${name}`);
  const own = request.kind === 'alert' ? ['service', 'name', 'severity', 'receiver', 'environment', 'source', ...labels] : ['service', 'type', 'priority', 'assignee', 'source'];
  return {
    unchanged: false, lines: flat ? lines : lines.slice(request.offset, request.offset + request.limit), total: flat ? rows.length : lines.length, count: rows.length, unfiltered: all.length, firing, cut: false,
    group: keys, storm, keys: own.map((key) => ({ key, count: rows.filter((row) => value(row, key) !== null).length })), seq,
    sources: sources.filter((source) => source.kinds.includes(request.kind)), last_closed,
  };
}

function groups(rows: readonly Row[], keys: readonly string[]): { line: Omit<GroupLine, 'open'>; rows: Row[] }[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keys.map((word) => value(row, word) ?? '\u0002').join('\u0001');
    found.set(key, [...(found.get(key) ?? []), row]);
  }
  return [...found]
    .map(([key, members]) => ({ line: { key, ...summary(members, keys) }, rows: members }))
    .sort((a, b) => RANK.indexOf(a.line.status) - RANK.indexOf(b.line.status) || b.line.firing - a.line.firing);
}

function summary(rows: Row[], keys: readonly string[]): Omit<GroupLine, 'open' | 'key'> {
  const first = rows[0]!;
  const severities = (['critical', 'high', 'warning', 'info', 'low', 'unknown'] as const).map((severity) => ({
    severity, count: rows.filter((row) => row.state === 'firing' && row.more.of === 'alert' && row.more.severity === severity).length,
  }));
  return {
    values: keys.map((key) => value(first, key)), count: rows.length, firing: rows.filter((row) => row.state === 'firing').length,
    suppressed: rows.filter((row) => row.state === 'suppressed').length, severities: severities.filter(({ count }) => count > 0),
    status: rows.map((row) => row.status).reduce(worse), newest: rows.map((row) => row.since).sort().at(-1) ?? null, stale: rows.some((row) => row.stale),
  };
}

function entity(past: Past, row: Row, at: number, inside: boolean): Line {
  const alert = row.kind === 'alert';
  const line: EntityLine = {
    row, inside, sources: alert && at === 0 ? [row.source, 'alerts-b'] : [row.source], flap: alert && at === 2 ? { per_hour: 9, last: past.ago(70_000) } : null,
    inhibitors: row.more.of === 'alert' && row.more.inhibited_by > 0 ? [{ fingerprint: '4f5e6d', id: 'alerts/alert/4f5e6d', title: 'LatencyBudgetBurn' }] : [],
    during: row.kind === 'ticket' && at === 0 ? { id: 'alerts/alert/4f5e6d', title: 'LatencyBudgetBurn', severity: 'critical', from: past.ago(12 * 60_000), to: null } : null,
  };
  return { line: 'entity', ...line };
}
