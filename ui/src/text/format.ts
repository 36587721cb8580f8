/** Whether times are shown in the person's own zone or in UTC. */
export type Zone = 'local' | 'utc';

const NONE = '—';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const numbers = new Intl.NumberFormat('en');

/** `4,212`. */
export const formatCount = (count: number): string => numbers.format(count);

/** At most three figures, for a mark without room: `812`, `4k`. Never more than there is. */
export const formatShort = (count: number): string =>
  count < 1_000 ? String(count) : count < 1_000_000 ? `${Math.floor(count / 1_000)}k` : `${Math.floor(count / 1_000_000)}M`;

/** A span in at most two units, `6m`, `1h 04m`, `3d`; `—` when it is not known. A negative span (a clock that is off) reads as `0s`. */
export function formatSpan(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return NONE;
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h ${pad(Math.floor((ms % HOUR) / MINUTE))}m`;
  return `${Math.floor(ms / DAY)}d`;
}

/** A duration to the second, `6m 12s`, for work that is measured rather than remembered. */
export function formatElapsed(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return NONE;
  if (ms < MINUTE || ms >= HOUR) return formatSpan(ms);
  return `${Math.floor(ms / MINUTE)}m ${pad(Math.floor((ms % MINUTE) / SECOND))}s`;
}

/** Clocks are never quite equal, and ages are counted from one that moves every ten seconds: what lies this little ahead is now. */
const AHEAD = 15 * SECOND;

/** The age of a moment, in the shortest honest form; `now` for one that lies ahead: what has not begun has no age. */
export function formatAge(at: string | null | undefined, now: number): string {
  const ms = parseTime(at);
  if (ms == null) return NONE;
  return ms - now > AHEAD ? 'now' : formatSpan(now - ms);
}

/** The same in one unit, `15h`, where a second one would be cut off. */
export const formatBrief = (at: string | null | undefined, now: number): string => formatAge(at, now).replace(/ .*/, '');

/** The age of what may begin later by its source's word (an alert): `in 4m` until then. */
export function formatBegun(at: string | null | undefined, now: number): string {
  const ms = parseTime(at);
  return ms !== null && ms - now > AHEAD ? `in ${formatSpan(ms - now)}` : formatAge(at, now);
}

/** How far an end is: `in 4m`, or `4m ago` when it is over. */
export function formatEnd(at: string | null | undefined, now: number): string {
  const ms = parseTime(at);
  if (ms == null) return NONE;
  return ms > now ? `in ${formatSpan(ms - now)}` : `${formatSpan(now - ms)} ago`;
}

/** When something was read, for the middle of a sentence: `14:03, 57s ago`. */
export function formatRead(at: string | null | undefined, now: number, zone: Zone): string {
  const ms = parseTime(at);
  return ms === null ? NONE : `${formatClock(at, now, zone)}, ${formatSpan(now - ms)} ago`;
}

/** The exact moment with its offset: `2026-11-21 14:27:03 +01:00` or `… Z`. Never a bare local time. */
export function formatAbsolute(at: string | null | undefined, zone: Zone): string {
  const ms = parseTime(at);
  if (ms == null) return NONE;
  const shift = zoneAhead(zone, ms);
  const shown = new Date(ms + shift * MINUTE).toISOString();
  return `${shown.slice(0, 10)} ${shown.slice(11, 19)} ${zone === 'utc' ? 'Z' : offset(shift)}`;
}

/** Hours and minutes of a moment in the zone, with the date when it is not the day of `now`, and with its year when that is another. */
export function formatClock(at: string | null | undefined, now: number, zone: Zone): string {
  const exact = formatAbsolute(at, zone);
  if (exact === NONE) return NONE;
  const today = formatAbsolute(new Date(now).toISOString(), zone).slice(0, 10);
  if (exact.startsWith(today)) return exact.slice(11, 16);
  return exact.slice(exact.startsWith(today.slice(0, 5)) ? 5 : 0, 16);
}

/** A time on an axis: with its day where that begins, and the day alone where every time is the begin of one. */
export function formatTick(at: string, before: string | undefined, zone: Zone): string {
  const [exact, last] = [formatAbsolute(at, zone), formatAbsolute(before, zone)];
  const [day, time] = [exact.slice(5, 10), exact.slice(11, 16)];
  if (last.slice(5, 10) === day) return time;
  return time === '00:00' ? day : `${day} ${time}`;
}

/** How many minutes the zone is ahead of UTC. */
export const zoneAhead = (zone: Zone, now: number): number => (zone === 'utc' ? 0 : -new Date(now).getTimezoneOffset());

/** The short name of the zone that is shown, for the chip that is always visible. */
export function zoneName(zone: Zone, now: number): string {
  if (zone === 'utc') return 'UTC';
  const parts = new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(now);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? offset(-new Date(now).getTimezoneOffset());
}

/** Milliseconds since the epoch, or nothing for an absent or unreadable time. */
export function parseTime(at: string | null | undefined): number | null {
  if (!at) return null;
  const ms = Date.parse(at);
  return Number.isNaN(ms) ? null : ms;
}

/** A revision shortened as people quote it; anything that is not a hash stays whole. */
export const shortRevision = (revision: string): string =>
  /^[0-9a-f]{12,64}$/i.test(revision) ? revision.slice(0, 7) : revision;

function offset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
