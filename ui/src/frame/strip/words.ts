import type { Zone } from '../../text/format';
import type { Range } from '../../app/ribbon';
import { text } from '../../text/en';
import { rangeText } from '../../text/range';
import { safeText } from '../../text/safe';
import type { Stretch } from './drawing';

/** `14:15–14:30`. */
export function rangeWords({ from, to }: Range, now: number, zone: Zone): string {
  return rangeText(new Date(from).toISOString(), new Date(to).toISOString(), now, zone);
}

/** Which sources did not tell all of it. */
export const unreadWords = ({ unread, partly }: Pick<Stretch, 'unread' | 'partly'>): string[] => [
  ...(unread.length ? [text.strip.unread(unread)] : []),
  ...(partly.length ? [text.strip.partly(partly)] : []),
];

/** What a stretch holds, in words. */
export function stretchWords(stretch: Stretch): string {
  const { strip } = text;
  const counts = stretch.counts.map(({ sort, count, only }) =>
    only ? `${strip.counts[sort](1)} (${safeText(strip.one(only.first.service, only.first.title))})` : strip.counts[sort](count),
  );
  const parts = [
    ...counts,
    ...(stretch.worst ? [strip.firing(text.status[stretch.worst])] : []),
    ...(stretch.waits ? [strip.waits] : counts.length || stretch.worst ? [] : [strip.nothing]),
    ...unreadWords(stretch),
    ...(stretch.unwatched && !stretch.unread.length && !stretch.partly.length ? [strip.unwatched] : []),
  ];
  return strip.here(parts);
}
