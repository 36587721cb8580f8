import { describe, expect, it, vi } from 'vitest';
import { Fading } from '../src/kit/fading';
import { asLost, type Identity, keepPlaces } from '../src/live/hold';
import { holding } from '../src/live/holding';
import { Places } from '../src/live/places.svelte';

interface Word {
  id: string;
  stale: boolean;
  value: string;
}
const identity: Identity<Word> = { keyOf: ({ id }) => id, lost: (row) => ({ ...row, stale: true }) };
const rows = (words: string): Word[] => words.split(' ').filter(Boolean).map((word) => ({ id: word[0]!, stale: word.includes('~'), value: word.slice(1) }));
const told = (list: readonly Word[]) => list.map(({ id, stale, value }) => `${id}${value}${stale ? '~' : ''}`).join(' ');
const page = (words: string, offset = 0) => ({ rows: rows(words), offset, total: words.length });

function check(shown: string, fresh: string, expected: string, waiting: number): void {
  const kept = keepPlaces(rows(shown), rows(fresh), identity);
  expect(told(kept.rows), `${shown} → ${fresh}`).toBe(expected);
  expect(kept.waiting, `${shown} → ${fresh}`).toBe(waiting);
  const came = rows(fresh).filter(({ id }) => !rows(shown).some((row) => row.id === id));
  expect(kept.came, `${shown} → ${fresh}: what came`).toEqual(came);
}

describe('rows under the pointer', () => {
  it('keep their places and change in them', () => {
    check('a b c', 'a b2 c', 'a b2 c', 0);
    check('a b c', 'n a b c', 'a b c', 1);
    check('a b c', 'c a b', 'a b c', 3);
    check('', 'a', '', 1);
  });

  it('that are no longer there are not drawn as current, nor as fine', () => {
    check('a b c', 'a c', 'a b~ c', 1);
    expect(asLost({ status: 'ok', stale: false })).toEqual({ status: 'unknown', stale: true });
    expect(asLost({ status: 'failing', stale: false })).toEqual({ status: 'failing', stale: true });
  });

  it('move when they are asked to, when nobody holds them, and when the question is another', () => {
    const places = new Places(identity);
    places.take(page('a b'), 'one');
    places.hold(true);
    places.take(page('n a b2'), 'one');
    expect([told(places.rows), places.waiting]).toEqual(['a b2', 1]);
    places.load();
    expect([told(places.rows), places.waiting], 'asked').toEqual(['n a b2', 0]);
    places.take(page('b a'), 'one');
    places.hold(false);
    expect([told(places.rows), places.waiting], 'let go').toEqual(['b a', 0]);
    places.hold(true);
    places.take(page('x'), 'two');
    expect([told(places.rows), places.waiting], 'another question').toEqual(['x', 0]);
    places.take(page('y', 50), 'two');
    expect(told(places.rows), 'another window').toBe('y');
  });

  it('of an earlier look are held by nobody: a list that comes back shows what is now', () => {
    const places = new Places(identity);
    places.take(page('a b'), 'one', true);
    places.hold(true);
    places.take(page('c a'), 'one');
    expect([told(places.rows), places.waiting]).toEqual(['c a', 0]);
    places.take(page('d c'), 'one');
    expect([told(places.rows), places.waiting], 'from then on they keep their places').toEqual(['c a~', 2]);
  });

  it('do not hold back the first rows of an empty list', () => {
    const places = new Places(identity);
    places.take(page(''), 'one');
    places.hold(true);
    places.take(page('a'), 'one');
    expect([told(places.rows), places.waiting]).toEqual(['a', 0]);
  });
});

describe('rows are held', () => {
  it('while somebody works on them, and no longer once nobody stirs', () => {
    vi.useFakeTimers();
    const section = document.createElement('section');
    const row = document.createElement('div');
    row.setAttribute('role', 'grid');
    section.append(row);
    const told: boolean[] = [];
    const stop = holding((held) => told.push(held))(section);
    row.dispatchEvent(new Event('focusin', { bubbles: true }));
    vi.advanceTimersByTime(14_000);
    row.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
    vi.advanceTimersByTime(14_000);
    expect(told, 'a key now and then').toEqual([true]);
    vi.advanceTimersByTime(2_000);
    expect(told, 'a window that is only looked at shows what comes').toEqual([true, false]);
    row.dispatchEvent(new Event('pointerover', { bubbles: true }));
    expect(told).toEqual([true, false, true]);
    if (stop) stop();
    vi.useRealTimers();
  });
});

describe('a row of a fresh answer', () => {
  it('is the very row of before when it says the same, and nothing of it is drawn again', () => {
    const places = new Places(identity);
    places.take(page('a1 b1 c1'), 'one');
    const before = [...places.rows];
    places.take(page('b1 c2 a9'), 'one');
    expect(told(places.rows)).toBe('b1 c2 a9');
    expect(places.rows.map((row) => before.includes(row))).toEqual([true, false, false]);
  });
});

describe('a cell', () => {
  const look = (fading: Fading, place: string, ...said: string[]) =>
    fading.look(place, said.map((word) => (word === '' ? null : { key: word[0]!, said: word.slice(1).split('') }))).map(({ row, cell }) => `${row}.${cell}`);

  it('that says something else than a moment ago is told, wherever its row is now', () => {
    const fading = new Fading();
    expect(look(fading, 'one', 'a12', 'b12'), 'first paint').toEqual([]);
    expect(look(fading, 'one', 'a12', 'b13')).toEqual(['1.1']);
    expect(look(fading, 'one', 'b23', 'a14')).toEqual(['0.0', '1.1']);
    expect(look(fading, 'one', 'b23', 'a14'), 'once').toEqual([]);
  });

  it('is nothing new after scrolling, under another question, or when nobody looked', () => {
    const fading = new Fading();
    look(fading, 'one', 'a12');
    expect(look(fading, 'one', '', 'b99'), 'not in sight before').toEqual([]);
    expect(look(fading, 'one', 'a77'), 'out of sight meanwhile').toEqual([]);
    expect(look(fading, 'two', 'a88'), 'another question').toEqual([]);
    fading.forget();
    expect(look(fading, 'two', 'a99'), 'hidden meanwhile').toEqual([]);
  });
});
