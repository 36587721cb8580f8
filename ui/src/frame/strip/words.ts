import type { Zone } from '../../text/format';
import type { Range } from '../../app/ribbon';
import { text } from '../../text/en';
import { formatClock } from '../../text/format';
import { safeText } from '../../text/safe';
import type { Stretch } from './drawing';

/** `14:15–14:30`. */
export function rangeWords({ from, to }: Range, now: number, zone: Zone): string {
  const at = (ms: number) => formatClock(new Date(ms).toISOString(), now, zone);
  const [first, last] = [at(from), at(to)];
  // The day is said once when both ends have the same.
  const [day] = first.split(' ');
  return text.strip.short(first, first.includes(' ') && last.startsWith(`${day} `) ? last.slice(day!.length + 1) : last);
}

/** What a stretch holds, in words. */
export function stretchWords(stretch: Stretch): string {
  const { strip } = text;
  const counts = stretch.counts.map(({ sort, count, only }) =>
    only ? `${strip.counts[sort](1)} (${safeText(strip.one(only.first.service, only.first.title))})` : strip.counts[sort](count),
  );
  const parts = [
    ...counts,
    ...(stretch.worst ? [strip.firing(text.status[stretch.worst])] : []),
    ...(counts.length || stretch.worst ? [] : [strip.nothing]),
    ...(stretch.unread.length ? [strip.unread(stretch.unread)] : stretch.unwatched ? [strip.unwatched] : []),
  ];
  return strip.here(parts);
}
