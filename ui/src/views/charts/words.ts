import type { ChartKind, ChartMark, ChartView } from '../../api/gen';
import { text } from '../../text/en';
import { formatCount, formatElapsed, type Zone } from '../../text/format';
import { rangeText } from '../../text/range';
import { safeText } from '../../text/safe';

const { charts } = text;
const MINUTES = 60;

/** `hour`, `15 minutes`, `7 days`. */
export function perWords(secs: number): string {
  const minutes = secs / MINUTES;
  if (minutes < 60) return charts.per.minutes(minutes);
  return minutes < 24 * 60 ? charts.per.hours(minutes / 60) : charts.per.days(minutes / 60 / 24);
}

/** Seconds as a person says them. */
export const tookWords = (secs: number | null): string => formatElapsed(secs === null ? null : secs * 1_000);

/** A value beside the grid. */
export const valueWords = (chart: ChartKind, value: number): string => (chart === 'durations' ? tookWords(value).replace(/ 00[ms]$/, '') : formatCount(value));

export const whenWords = ({ from, until }: Pick<ChartMark, 'from' | 'until'>, now: number, zone: Zone): string => rangeText(from, until, now, zone);

/** What one part holds. What was not read is never said to be nothing. */
export function partWords(chart: ChartKind, mark: ChartMark): string {
  const missing = mark.missing.map(safeText);
  if (mark.known !== 'read' && mark.count === 0) return mark.known === 'unread' ? charts.unread(missing) : charts.partly(missing);
  const counted = mark.count === 0 ? charts.none[chart] : charts.counted[chart](mark.count);
  return charts.join([
    mark.known === 'read' ? counted : charts.atLeast(counted),
    ...(mark.bad ? [charts.bad[chart](mark.bad)] : []),
    ...(mark.median_secs === null ? [] : [charts.took(tookWords(mark.median_secs), tookWords(mark.p90_secs))]),
    ...(mark.known === 'read' ? [] : [charts.partly(missing)]),
  ]);
}

/** The chart for those who do not see it. */
export function summaryWords({ chart, summary, marks }: ChartView, now: number, zone: Zone): string {
  if (summary.unobserved) return charts.unobserved;
  const least = summary.unread ? charts.atLeast(charts.counted[chart](summary.count)) : charts.counted[chart](summary.count);
  const counted = summary.count > 0 ? least : summary.unread ? charts.noneRead[chart] : charts.none[chart];
  const peak = summary.peak === null ? undefined : marks[summary.peak];
  return charts.sentences([
    charts.sentence([
      charts.capital(counted),
      ...(summary.bad ? [charts.bad[chart](summary.bad)] : []),
      ...(summary.median_secs === null ? [] : [charts.took(tookWords(summary.median_secs), tookWords(summary.p90_secs))]),
    ]),
    ...(peak && marks.length > 1
      ? [peak.median_secs === null ? charts.mostCount(whenWords(peak, now, zone), peak.count) : charts.mostTime(whenWords(peak, now, zone), tookWords(peak.median_secs))]
      : []),
    ...(summary.truncated ? [charts.truncated] : []),
    ...(summary.unread ? [charts.gaps(summary.unread, marks.length)] : []),
    ...(summary.excluded ? [charts.excluded(summary.excluded)] : []),
  ]);
}

/** How well a part was read, for a table. */
export function knownWords(mark: ChartMark): string {
  const missing = mark.missing.map(safeText);
  if (mark.known === 'read') return charts.known.read;
  if (missing.length === 0) return mark.known === 'unread' ? charts.known.nobody : charts.known.incomplete;
  return mark.known === 'unread' ? charts.known.unread(missing) : charts.known.partly(missing);
}

/** A number of a part in a table. */
export function numberWords(mark: ChartMark, number: number): string {
  if (mark.known === 'read') return formatCount(number);
  return number === 0 ? charts.notKnown : charts.least(number);
}

/** The part a key goes to, or nothing when it is no key of movement. */
export function partAfterKey(key: string, at: number, count: number): number | null {
  const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -6, PageUp: 6, Home: -count, End: count };
  const step = STEPS[key];
  return step === undefined ? null : Math.max(0, Math.min(count - 1, at + step));
}

/** Parts that follow each other, say the same and hold nothing are one line of a table. */
export function folded(marks: readonly ChartMark[]): ChartMark[] {
  const lines: ChartMark[] = [];
  for (const mark of marks) {
    const last = lines.at(-1);
    const same = last && last.count === 0 && mark.count === 0 && last.known === mark.known && last.missing.join() === mark.missing.join();
    if (same) lines[lines.length - 1] = { ...last, until: mark.until };
    else lines.push(mark);
  }
  return lines;
}
