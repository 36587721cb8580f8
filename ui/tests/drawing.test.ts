import { describe, expect, it } from 'vitest';
import type { Happened } from '../src/api/gen';
import { draw, SORTS, SPANS, stretchOf, timeAt, type Told, xOf } from '../src/frame/strip/drawing';
import { stretchWords } from '../src/frame/strip/words';

const FROM = Date.parse('2026-11-20T14:00:00Z');
const HOUR = 3_600_000;
const iso = (hours: number) => new Date(FROM + hours * HOUR).toISOString();
const frame = { ribbon: { from: FROM, to: FROM + 24 * HOUR }, now: FROM + 23 * HOUR, width: 960, height: 42 };
const first: Happened = { id: 'gh/deployment/1', what: 'deployed', status: 'ok', title: 'v412', service: 'checkout', environment: 'prod-eu', at: iso(1), until: null };
const view: Told = {
  span: frame.ribbon,
  unchanged: false, truncated: false, seq: 1,
  marks: [
    { what: 'deployed', at: iso(1), last: iso(1), count: 1, first },
    { what: 'run_failed', at: iso(2), last: iso(2.2), count: 3, first },
  ],
  spans: [{ status: 'paging', from: iso(2), to: iso(3), count: 1 }, { status: 'warn', from: iso(22), to: null, count: 2 }],
  gaps: [
    { kind: 'alert', from: iso(0), to: iso(0.5), sources: ['alerts'], whole: true },
    { kind: 'run', from: iso(20), to: null, sources: ['builds'], whole: false },
  ],
};

describe('the drawing', () => {
  it('puts moments where they happened', () => {
    expect(xOf(frame, FROM + 6 * HOUR)).toBe(240);
    expect(timeAt(frame, 240)).toBe(FROM + 6 * HOUR);
    expect(draw(view, frame).marks.deployed).toMatch(/^M40 /);
    expect(draw(view, frame).marks.run_failed.match(/M/g), 'three are drawn as the first and the last').toHaveLength(4);
  });

  it('gives every sort a shape and every status a height of its own', () => {
    const marks = SORTS.map((what) => ({ what, at: iso(5), last: iso(5), count: 1, first }));
    const spans = SPANS.map((status) => ({ status, from: iso(5), to: iso(6), count: 1 }));
    const drawing = draw({ ...view, marks, spans }, frame);
    const shapes = SORTS.map((sort) => drawing.marks[sort].replace(/^M\S+ \S+/, ''));
    expect(new Set(shapes).size).toBe(SORTS.length);
    expect(new Set(SPANS.map((status) => drawing.spans[status])).size).toBe(SPANS.length);
  });

  it('hatches what nobody read, and otherwise what not everybody read', () => {
    const drawing = draw(view, frame);
    expect(drawing.unseen).toMatch(/^M0 32/);
    expect(drawing.partly, 'up to now').toMatch(/^M800 22h120/);
  });
});

describe('what no answer has told of yet', () => {
  const early = { ...view, span: { from: FROM - HOUR, to: FROM + 22 * HOUR }, gaps: [] };

  it('is hatched up to now, and not where it is told', () => {
    expect(draw(null, frame).unseen.match(/M0 \d+h920v10h-920z/g), 'every row').toHaveLength(3);
    expect(draw(early, frame).unseen.match(/M880 \d+h40v10h-40z/g)).toHaveLength(3);
    expect(draw({ ...view, gaps: [] }, frame).unseen).toBe('');
  });

  it('is not nothing', () => {
    const words = (told: Told | null, hour: number) => stretchWords(stretchOf(told, { from: FROM + hour * HOUR, to: FROM + (hour + 0.25) * HOUR }, frame.now));
    expect(words(null, 10)).toBe('not known yet');
    expect(words(early, 10)).toBe('nothing seen');
    expect(words(early, 22)).toContain('not known yet');
  });
});

describe('a stretch in words', () => {
  const say = (from: number, to: number) => stretchWords(stretchOf(view, { from: FROM + from * HOUR, to: FROM + to * HOUR }, frame.now));

  it('counts what happened, and names the one there is', () => {
    expect(say(0.9, 1.1)).toBe('1 deployment (checkout v412)');
    expect(say(2, 3)).toBe('3 failed runs, alerts fire, the worst: Paging');
  });

  it('never takes what was not read for nothing', () => {
    expect(say(10, 11)).toBe('nothing seen');
    expect(say(20, 21)).toBe('nothing seen, “builds” not read');
    expect(say(19.9, 20.15), 'a part of it').toBe('nothing seen, “builds” read only partly');
    expect(say(22.9, 23.15), 'what is still to come is not missed').toBe('alerts fire, the worst: Warning, “builds” not read');
  });
});
