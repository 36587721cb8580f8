import type { Zone } from './format';

/**
 * Reads a moment a person typed: `14:05` (today, or yesterday when that is still to come), `2026-11-20 14:05`, or RFC 3339.
 * In the zone that is shown unless it names its own. Nothing when it cannot be read or lies ahead.
 */
export function readMoment(typed: string, now: number, zone: Zone): string | null {
  const words = typed.trim();
  const suffix = zone === 'utc' ? 'Z' : '';
  const at = onlyTime(words, now, zone) ?? Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(words) ? words : `${full(words)}${suffix}`);
  return Number.isNaN(at) || at > now ? null : new Date(at).toISOString();
}

function full(words: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(words) ? `${words}T00:00:00` : words.replace(' ', 'T');
}

function onlyTime(words: string, now: number, zone: Zone): number | null {
  const match = /^(\d{1,2}):(\d\d)$/.exec(words);
  if (!match) return null;
  const [hours, minutes] = [Number(match[1]), Number(match[2])];
  if (hours > 23 || minutes > 59) return Number.NaN;
  const day = new Date(now);
  if (zone === 'utc') day.setUTCHours(hours, minutes, 0, 0);
  else day.setHours(hours, minutes, 0, 0);
  if (day.getTime() > now) day.setDate(day.getDate() - 1);
  return day.getTime();
}
