import { text } from './en';
import { formatClock, type Zone } from './format';

/** `14:15–14:30`; the day is said once when both ends have the same. */
export function rangeText(from: string, until: string, now: number, zone: Zone): string {
  const [first, last] = [formatClock(from, now, zone), formatClock(until, now, zone)];
  const [day] = first.split(' ');
  return text.strip.short(first, first.includes(' ') && last.startsWith(`${day} `) ? last.slice(day!.length + 1) : last);
}
