import type { SourceView } from '../api/gen';
import { text } from './en';
import type { Zone } from './format';
import { rangeText } from './range';

/** Which sources were not read in the span of time that is asked for, and when; those that missed the same are named together. */
export function missedText(sources: readonly SourceView[], now: number, zone: Zone): string {
  const { missed } = text;
  const when = ({ unread }: SourceView): string =>
    unread === null || unread.whole ? missed.whole : missed.times(unread.times.map(({ from, to }) => rangeText(from, to, now, zone)), unread.more);
  const times = [...new Set(sources.map(when))];
  const sentences = times.map((time) => missed.notRead(sources.filter((source) => when(source) === time).map(({ id }) => id), time));
  return [...sentences, missed.means].join(' ');
}
