import { describe, expect, it } from 'vitest';
import { formatAbsolute, formatAge, formatBegun, formatClock, formatElapsed, formatEnd, formatRead, formatShort, formatSpan, formatTick, shortRevision, zoneName } from '../src/text/format';
import { safeLines, safeText } from '../src/text/safe';

const NOW = Date.parse('2026-11-21T14:32:00Z');

it('a count for a mark has three figures at the most, and never more than there is', () => {
  for (const [count, expected] of [[0, '0'], [999, '999'], [1_000, '1k'], [4_999, '4k'], [999_999, '999k'], [2_500_000, '2M']] as const) expect(formatShort(count)).toBe(expected);
});

describe('spans', () => {
  it('are short, and honest about what is not known', () => {
    const cases: [number | null | undefined, string][] = [
      [null, '—'], [undefined, '—'], [Number.NaN, '—'], [-5_000, '0s'], [0, '0s'], [59_999, '59s'], [60_000, '1m'],
      [3_599_999, '59m'], [3_600_000, '1h 00m'], [86_399_999, '23h 59m'], [86_400_000, '1d'], [10 * 86_400_000, '10d'],
    ];
    for (const [ms, expected] of cases) expect(formatSpan(ms), String(ms)).toBe(expected);
  });

  it('of measured work tell the seconds', () => {
    expect(formatElapsed(372_000)).toBe('6m 12s');
    expect(formatElapsed(4_000)).toBe('4s');
    expect(formatElapsed(3_700_000)).toBe('1h 01m');
  });
});

describe('moments', () => {
  it('always carry their offset', () => {
    expect(formatAbsolute('2026-11-21T13:27:03Z', 'local')).toBe('2026-11-21 14:27:03 +01:00');
    expect(formatAbsolute('2026-07-21T13:27:03Z', 'local')).toBe('2026-07-21 15:27:03 +02:00');
    expect(formatAbsolute('2026-11-21T14:27:03+01:00', 'utc')).toBe('2026-11-21 13:27:03 Z');
  });

  it('that are absent or unreadable stay absent', () => {
    for (const at of [null, undefined, '', 'soon']) {
      expect(formatAbsolute(at, 'utc')).toBe('—');
      expect(formatAge(at, NOW)).toBe('—');
      expect(formatClock(at, NOW, 'utc')).toBe('—');
    }
  });

  it('of the future have no age, and are no more than now', () => {
    const at = (ms: number) => new Date(NOW + ms).toISOString();
    const cases: [number, string, string, string][] = [
      [3_000, '0s', '0s', 'in 3s'], [300_000, 'now', 'in 5m', 'in 5m'], [0, '0s', '0s', '0s ago'], [-300_000, '5m', '5m', '5m ago'],
    ];
    for (const [ms, age, begun, end] of cases) expect([formatAge(at(ms), NOW), formatBegun(at(ms), NOW), formatEnd(at(ms), NOW)], String(ms)).toEqual([age, begun, end]);
  });

  it('at which something was read are told with their age', () => {
    expect(formatRead('2026-11-21T14:31:03Z', NOW, 'utc')).toBe('14:31, 57s ago');
    expect(formatRead('2026-11-21T14:32:03Z', NOW, 'utc'), 'by a clock that is ahead').toBe('14:32, 0s ago');
    expect(formatRead(null, NOW, 'utc')).toBe('—');
  });

  it('of another day show the day', () => {
    expect(formatClock('2026-11-21T13:27:03Z', NOW, 'utc')).toBe('13:27');
    expect(formatClock('2026-11-20T13:27:03Z', NOW, 'utc')).toBe('11-20 13:27');
    expect(formatClock('2025-11-21T13:27:03Z', NOW, 'utc'), 'of another year, with it').toBe('2025-11-21 13:27');
  });

  it('are shown in a zone that is named', () => {
    expect(zoneName('utc', NOW)).toBe('UTC');
    expect(zoneName('local', NOW)).toMatch(/CET|GMT\+1/);
  });
});

describe('revisions', () => {
  it('are shortened only when they are hashes', () => {
    expect(shortRevision('9f31c2a0b1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6')).toBe('9f31c2a');
    expect(shortRevision('v4.13.0')).toBe('v4.13.0');
    expect(shortRevision('release-2026')).toBe('release-2026');
  });
});

describe('hostile text', () => {
  it('shows what cannot be seen', () => {
    expect(safeText('pay\u202Egnp.exe')).toBe('pay⟨U+202E⟩gnp.exe');
    expect(safeText('a\u200Bb\u0000c\u001b[31m')).toBe('a⟨U+200B⟩b⟨U+0000⟩c⟨U+001B⟩[31m');
    expect(safeText('x\u2066y\u2069z\ufeff')).toBe('x⟨U+2066⟩y⟨U+2069⟩z⟨U+FEFF⟩');
    expect(safeText('tag\u{E0041}')).toBe('tag⟨U+E0041⟩');
  });

  it('is one line in rows, and keeps its lines in logs', () => {
    expect(safeText('one\r\ntwo\tthree')).toBe('one two three');
    expect(safeLines('one\r\ntwo\rthree\tx\u202E')).toBe('one\ntwo\nthree\tx⟨U+202E⟩');
  });

  it('leaves every language alone', () => {
    for (const fine of ['Überprüfung', '漢字', 'עברית', 'العربية', '👩🏽 🚢', '<script>alert(1)</script>']) {
      expect(safeText(fine)).toBe(fine);
    }
  });
});

describe('times of an axis', () => {
  it('say the day where it begins, and once', () => {
    const ticks = ['2026-11-20T20:00:00Z', '2026-11-20T22:00:00Z', '2026-11-21T00:00:00Z', '2026-11-21T02:00:00Z'];
    expect(ticks.map((at, nth) => formatTick(at, ticks[nth - 1], 'utc'))).toEqual(['11-20 20:00', '22:00', '11-21', '02:00']);
  });
});
