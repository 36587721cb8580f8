import type { WindowStep } from './keys';
import type { Span } from './route';

/** Where the watch strip lies in time, and how the window on it moves. Pure; all times in milliseconds since 1970. */

const MINUTE = 60_000;
/** One bucket of the strip. */
export const STEP = 15 * MINUTE;
/** What the strip shows. */
export const LENGTH = 24 * 60 * MINUTE;
export const BUCKETS = LENGTH / STEP;
/** A dragged edge snaps to this. */
const SNAP = 5 * MINUTE;
/** Widths of the window, from narrow to wide. */
const WIDTHS = [15, 30, 60, 120, 180, 360, 720, 1_440].map((minutes) => minutes * MINUTE);
/** The width of a window that is opened by a key. */
const FIRST = 30 * MINUTE;
/** What the strip shows behind a window or moment it was moved for. */
const BEHIND = 6 * 60 * MINUTE;

export interface Range {
  from: number;
  to: number;
}

const floor = (at: number, step: number) => Math.floor(at / step) * step;
const ceil = (at: number, step: number) => Math.ceil(at / step) * step;

/** The end of the bucket that now is in: nothing lies behind it. */
export const present = (now: number): number => floor(now, STEP) + STEP;

/** The 24 hours that are shown: up to now, or around the window or moment that is asked for when that lies further back. */
export function ribbonOf(now: number, during: Range | null, asOf: number | null): Range {
  const end = present(now);
  const wanted = during ?? (asOf === null ? null : { from: asOf, to: asOf });
  if (wanted === null || wanted.from >= end - LENGTH) return { from: end - LENGTH, to: end };
  const to = Math.min(end, ceil(Math.min(wanted.to + BEHIND, wanted.from + LENGTH), STEP));
  return { from: to - LENGTH, to };
}

/** The bucket a moment is in, within the ribbon. */
export function bucketOf(ribbon: Range, at: number): number {
  return Math.max(0, Math.min(BUCKETS - 1, Math.floor((at - ribbon.from) / STEP)));
}

/** The times of a run of buckets, in either direction. */
export function bucketsRange(ribbon: Range, one: number, other: number): Range {
  const [first, last] = one < other ? [one, other] : [other, one];
  return { from: ribbon.from + first * STEP, to: ribbon.from + (last + 1) * STEP };
}

/** What of a span of time has passed: nobody can look at what is still to come. */
export function passed({ from, to }: Range, now: number): Range {
  const end = Math.min(to, now);
  return { from: Math.min(from, end - MINUTE), to: end };
}

/** What a drag between two moments selects: whole five minutes, at least five. */
export function draggedRange(one: number, other: number, now: number): Range {
  const end = present(now);
  const from = Math.min(floor(Math.min(one, other), SNAP), end - SNAP);
  return { from, to: Math.min(end, Math.max(from + SNAP, ceil(Math.max(one, other), SNAP))) };
}

/** The window after a key: moved by half its width, or made wider or narrower around its middle; never past now. */
export function stepped(during: Range | null, step: WindowStep, now: number): Range {
  if (during === null) return { from: now - FIRST, to: now };
  const width = during.to - during.from;
  if (step === 'earlier' || step === 'later') {
    const by = Math.max(SNAP, floor(width / 2, SNAP)) * (step === 'later' ? 1 : -1);
    const to = Math.min(now, during.to + by);
    return { from: to - width, to };
  }
  const next = step === 'wider' ? WIDTHS.find((other) => other > width) : WIDTHS.findLast((other) => other < width);
  if (next === undefined) return during;
  const to = Math.min(now, ceil((during.from + during.to + next) / 2, SNAP));
  return { from: to - next, to };
}

/** The bucket a key goes to, or nothing when it is not a key of movement. */
export function bucketAfterKey(key: string, at: number): number | null {
  const clamp = (bucket: number) => Math.max(0, Math.min(BUCKETS - 1, bucket));
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return clamp(at - 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return clamp(at + 1);
    case 'PageDown':
      return clamp(at - 4);
    case 'PageUp':
      return clamp(at + 4);
    case 'Home':
      return 0;
    case 'End':
      return BUCKETS - 1;
    default:
      return null;
  }
}

/** As the address has it. */
export const toSpan = ({ from, to }: Range): Span => ({ from: iso(from), to: iso(to) });

export const toRange = (span: Span | null): Range | null =>
  span === null ? null : { from: Date.parse(span.from), to: Date.parse(span.to) };

/** RFC 3339 to the second. */
export const iso = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
