import type { Kind, Status, StripGap, StripMark, StripSpan, StripView } from '../../api/gen';
import type { Range } from '../../app/ribbon';

/** What the strip draws, as a handful of paths: pure, so that nothing is measured twice and tests need no page. */

/** Sorts of marks, each with a shape of its own. */
export const SORTS = ['deployed', 'rolled_back', 'deployment_failed', 'run_failed', 'ticket_opened'] as const;
export type Sort = (typeof SORTS)[number];

/** Heights of alert spans by status: they differ without colour, and a worse one stands out above a lesser one. */
const TALL: Partial<Record<Status, number>> = { paging: 1, failing: 0.8, warn: 0.55, unknown: 0.35, inactive: 0.2 };
export const SPANS = Object.keys(TALL) as Status[];

/** Where the rows of the strip lie, from top to bottom; their kinds. */
const ROWS: readonly (readonly Kind[])[] = [['deployment'], ['run', 'ticket'], ['alert']];
const KINDS = ROWS.flat();
const ROW_OF: Record<Sort, number> = { deployed: 0, rolled_back: 0, deployment_failed: 0, run_failed: 1, ticket_opened: 1 };

/** Height of the line of hours above the rows. */
export const HOURS = 12;

export interface Frame {
  ribbon: Range;
  now: number;
  width: number;
  height: number;
}

export interface Drawing {
  marks: Record<Sort, string>;
  spans: Partial<Record<Status, string>>;
  /** Nobody looked at all. */
  unseen: string;
  /** Not everybody who could have looked did. */
  partly: string;
}

const round = (value: number) => Math.round(value * 10) / 10;

export const xOf = ({ ribbon, width }: Frame, at: number): number => ((at - ribbon.from) / (ribbon.to - ribbon.from)) * width;

export const timeAt = ({ ribbon, width }: Frame, x: number): number =>
  ribbon.from + (Math.max(0, Math.min(width, x)) / Math.max(1, width)) * (ribbon.to - ribbon.from);

/** Top and height of a row. */
export function rowAt(row: number, height: number): { top: number; size: number } {
  const size = (height - HOURS) / ROWS.length;
  return { top: HOURS + row * size, size };
}

/** Shapes, drawn around a middle; `r` is half their height. */
const SHAPES: Record<Sort, (x: number, y: number, r: number) => string> = {
  deployed: (x, y, r) => `M${x} ${round(y - r)}l${r} ${2 * r}h${-2 * r}z`,
  deployment_failed: (x, y, r) => `M${x} ${round(y - r)}l${r} ${2 * r}h${-2 * r}zM${round(x - r)} ${round(y - r)}l${2 * r} ${2 * r}`,
  rolled_back: (x, y, r) => `M${round(x - r * 0.3)} ${round(y - r)}l${-r * 0.7} ${r * 0.7}l${r * 0.7} ${r * 0.7}M${round(x - r)} ${round(y - r * 0.3)}h${r * 1.2}a${r * 0.6} ${r * 0.6} 0 0 1 0 ${r * 1.2}h${-r * 0.7}`,
  run_failed: (x, y, r) => `M${round(x - r * 0.85)} ${round(y - r * 0.85)}l${r * 1.7} ${r * 1.7}M${round(x + r * 0.85)} ${round(y - r * 0.85)}l${-r * 1.7} ${r * 1.7}`,
  ticket_opened: (x, y, r) => `M${round(x - r)} ${round(y + r)}l${r * 0.4} ${-r * 0.9}l${r * 1.1} ${-r * 1.1}l${r * 0.5} ${r * 0.5}l${-r * 1.1} ${r * 1.1}z`,
};

/** An answer, and the span of time it is an answer for. */
export interface Told extends StripView {
  span: Range;
}

/** Everything that depends on data. */
export function draw(view: Told | null, frame: Frame): Drawing {
  const marks = Object.fromEntries(SORTS.map((sort) => [sort, pathOf(view?.marks ?? [], sort, frame)])) as Record<Sort, string>;
  const spans = Object.fromEntries(SPANS.map((status) => [status, spanPath(view?.spans ?? [], status, frame)]));
  return { marks, spans, unseen: gapPath([...(view?.gaps ?? []), ...untold(view, frame)], true, frame), partly: gapPath(view?.gaps ?? [], false, frame) };
}

function pathOf(marks: readonly StripMark[], sort: Sort, frame: Frame): string {
  const { top, size } = rowAt(ROW_OF[sort], frame.height);
  const r = round(Math.min(4.5, size / 2 - 0.8));
  const shape = (at: number) => SHAPES[sort](round(Math.max(r, Math.min(frame.width - r, at))), round(top + size / 2), r);
  return marks
    .filter(({ what }) => what === sort)
    .map(({ at, last, count }) => {
      const [first, second] = [xOf(frame, Date.parse(at)), xOf(frame, Date.parse(last))];
      // More than one is drawn as two, the first and the last, never wholly on top of each other.
      return count > 1 ? shape(first) + shape(Math.max(second, first + r)) : shape(first);
    })
    .join('');
}

function spanPath(spans: readonly StripSpan[], status: Status, frame: Frame): string {
  const { top, size } = rowAt(2, frame.height);
  const tall = round((size - 2) * (TALL[status] ?? 1));
  const bottom = round(top + size - 1);
  return spans
    .filter((span) => span.status === status)
    .map(({ from, to }) => {
      const x = Math.max(0, xOf(frame, Date.parse(from)));
      const end = Math.min(frame.width, xOf(frame, to === null ? frame.now : Date.parse(to)));
      return end < 0 ? '' : `M${round(x)} ${bottom}v${-tall}h${round(Math.max(2, end - x))}v${tall}z`;
    })
    .join('');
}

/** What no answer has told of yet, up to now: nobody knows it, so it must not look as if nothing had happened. */
function untold(view: Told | null, { ribbon, now }: Frame): StripGap[] {
  const iso = (at: number) => new Date(at).toISOString();
  const gap = (from: number, to: number): StripGap[] =>
    from < to ? ROWS.map(([kind]) => ({ kind: kind!, from: iso(from), to: iso(to), sources: [], whole: true })) : [];
  const end = Math.min(now, ribbon.to);
  if (view === null) return gap(ribbon.from, end);
  return [...gap(ribbon.from, Math.min(end, view.span.from)), ...gap(Math.max(ribbon.from, view.span.to), end)];
}

/** A row is hatched where a kind of it was not seen. */
function gapPath(gaps: readonly StripGap[], whole: boolean, frame: Frame): string {
  return ROWS.map((kinds, row) => {
    const { top, size } = rowAt(row, frame.height);
    const block = ({ from, to }: StripGap) => {
      const x = Math.max(0, xOf(frame, Date.parse(from)));
      const end = Math.min(frame.width, xOf(frame, to === null ? frame.now : Date.parse(to)));
      return end <= x ? '' : `M${round(x)} ${round(top)}h${round(end - x)}v${round(size)}h${round(x - end)}z`;
    };
    const blocks = gaps.filter((gap) => gap.whole === whole && kinds.includes(gap.kind)).map(block);
    return [...new Set(blocks)].join('');
  }).join('');
}

/** What a stretch of the ribbon holds, for the line under the pointer and for people who cannot see it. */
export interface Stretch {
  counts: { sort: Sort; count: number; only: StripMark | null }[];
  /** The worst status of alerts that fired then. */
  worst: Status | null;
  /** Sources that were not read then at all. */
  unread: string[];
  /** Sources that were read for a part of it. */
  partly: string[];
  /** A kind has no source. */
  unwatched: boolean;
  /** No answer has told of it yet. */
  waits: boolean;
}

/** Whether gaps leave nothing of a span: they may follow one another. */
function covers(gaps: readonly StripGap[], from: number, to: number): boolean {
  const ordered = [...gaps].sort((a, b) => a.from.localeCompare(b.from));
  return to <= ordered.reduce((at, gap) => (Date.parse(gap.from) > at ? at : Math.max(at, gap.to === null ? to : Date.parse(gap.to))), from);
}

export function stretchOf(view: Told | null, { from, to }: Range, now: number): Stretch {
  const inside = (mark: StripMark) => Date.parse(mark.at) < to && Date.parse(mark.last) >= from;
  const overlaps = (span: { from: string; to: string | null }) => Date.parse(span.from) < to && (span.to === null ? now : Date.parse(span.to)) > from;
  const counts = SORTS.flatMap((sort) => {
    const marks = view?.marks.filter((mark) => mark.what === sort && inside(mark)) ?? [];
    const count = marks.reduce((sum, mark) => sum + mark.count, 0);
    return count === 0 ? [] : [{ sort, count, only: count === 1 ? (marks[0] ?? null) : null }];
  });
  const firing = view?.spans.filter(overlaps).map(({ status }) => status) ?? [];
  const gaps = view?.gaps.filter(overlaps) ?? [];
  const silent = [...new Set(gaps.flatMap(({ sources }) => sources))].sort();
  const end = Math.min(to, now);
  const whole = (source: string) => KINDS.some((kind) => covers(gaps.filter((gap) => gap.kind === kind && gap.sources.includes(source)), from, end));
  return {
    counts,
    worst: SPANS.find((status) => firing.includes(status)) ?? null,
    unread: silent.filter(whole),
    partly: silent.filter((source) => !whole(source)),
    unwatched: gaps.some(({ sources }) => sources.length === 0),
    waits: view === null || from < view.span.from || Math.min(to, now) > view.span.to,
  };
}
