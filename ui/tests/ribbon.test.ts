import { describe, expect, it } from 'vitest';
import type { WindowStep } from '../src/app/keys';
import { bucketAfterKey, bucketOf, BUCKETS, bucketsRange, draggedRange, iso, LENGTH, passed, ribbonOf, STEP, stepped, toRange, toSpan, type Range } from '../src/app/ribbon';
import { asked, HOME } from '../src/app/route';

const NOW = Date.parse('2026-11-21T14:07:00Z');
const at = (clock: string) => Date.parse(`2026-11-21T${clock}:00Z`);
const words = ({ from, to }: Range) => `${iso(from).slice(5, 16)} ${iso(to).slice(5, 16)}`;

describe('the ribbon', () => {
  it('ends with the quarter of an hour that now is in', () => {
    expect(words(ribbonOf(NOW, null, null))).toBe('11-20T14:15 11-21T14:15');
    expect(words(ribbonOf(NOW, null, at('09:00'))), 'a moment of today does not move it').toBe('11-20T14:15 11-21T14:15');
  });

  it('goes back to the window or the moment that is asked for, never past now', () => {
    const old = Date.parse('2026-11-18T03:20:00Z');
    expect(words(ribbonOf(NOW, null, old))).toBe('11-17T09:30 11-18T09:30');
    const window = { from: NOW - LENGTH, to: NOW - LENGTH + STEP };
    const ribbon = ribbonOf(NOW, window, null);
    expect(ribbon.from <= window.from && window.to <= ribbon.to).toBe(true);
    expect(ribbonOf(NOW, { from: NOW - 2 * LENGTH, to: NOW }, null).to).toBeLessThanOrEqual(at('14:15'));
  });

  it('is cut into quarters of an hour', () => {
    const ribbon = ribbonOf(NOW, null, null);
    expect(bucketOf(ribbon, NOW)).toBe(BUCKETS - 1);
    expect(bucketOf(ribbon, 0)).toBe(0);
    expect(words(bucketsRange(ribbon, 95, 94))).toBe('11-21T13:45 11-21T14:15');
  });
});

describe('the window', () => {
  function check(during: Range | null, step: WindowStep, expected: string): void {
    expect(words(stepped(during, step, NOW)), step).toBe(expected);
  }

  it('moves by half its width and stops at now', () => {
    const half = { from: at('13:00'), to: at('13:30') };
    check(null, 'earlier', '11-21T13:37 11-21T14:07');
    check(half, 'earlier', '11-21T12:45 11-21T13:15');
    check(half, 'later', '11-21T13:15 11-21T13:45');
    check({ from: at('13:35'), to: at('14:05') }, 'later', '11-21T13:37 11-21T14:07');
  });

  it('widens and narrows around its middle, from a quarter of an hour to a day', () => {
    check({ from: at('13:00'), to: at('13:30') }, 'wider', '11-21T12:45 11-21T13:45');
    check({ from: at('12:00'), to: at('13:00') }, 'narrower', '11-21T12:15 11-21T12:45');
    check({ from: at('12:00'), to: at('12:15') }, 'narrower', '11-21T12:00 11-21T12:15');
    check({ from: at('13:35'), to: at('14:05') }, 'wider', '11-21T13:07 11-21T14:07');
  });

  it('ends with now where a quarter of an hour has not passed yet', () => {
    expect(words(passed({ from: at('14:00'), to: at('14:15') }, NOW))).toBe('11-21T14:00 11-21T14:07');
    expect(words(passed({ from: at('13:00'), to: at('13:15') }, NOW))).toBe('11-21T13:00 11-21T13:15');
    const begun = passed({ from: at('14:00'), to: at('14:15') }, at('14:00'));
    expect(begun.from < begun.to && begun.to === at('14:00'), 'even as it begins').toBe(true);
  });

  it('that is dragged takes whole five minutes, in either direction, not past now', () => {
    expect(words(draggedRange(at('13:02'), at('13:11'), NOW))).toBe('11-21T13:00 11-21T13:15');
    expect(words(draggedRange(at('13:11'), at('13:02'), NOW))).toBe('11-21T13:00 11-21T13:15');
    expect(words(draggedRange(at('14:14'), at('20:00'), NOW))).toBe('11-21T14:10 11-21T14:15');
  });

  it('reads back from the address, and becomes a part of the question', () => {
    const during = toSpan({ from: at('13:00'), to: at('13:30') });
    expect(toRange(during)).toEqual({ from: at('13:00'), to: at('13:30') });
    expect(asked({ ...HOME, query: 'x', scope: 'service:pay page', env: 'prod-eu', during })).toBe(
      'service:"pay page" env:prod-eu during:2026-11-21T13:00:00Z..2026-11-21T13:30:00Z x',
    );
    expect(asked(HOME)).toBe('');
  });
});

describe('a key on the ribbon', () => {
  it('moves by a quarter of an hour, an hour, or to an end', () => {
    expect(['ArrowLeft', 'ArrowRight', 'PageDown', 'PageUp', 'Home', 'End', 'x'].map((key) => bucketAfterKey(key, 90))).toEqual([89, 91, 86, 94, 0, 95, null]);
    expect(bucketAfterKey('ArrowRight', 95)).toBe(95);
  });
});
