import { describe, expect, it } from 'vitest';
import { keepPlaces } from '../src/live/hold';

const rows = (words: string) => words.split(' ').filter(Boolean).map((word) => ({ id: word[0]!, stale: word.includes('~'), value: word.slice(1) }));

function check(shown: string, fresh: string, expected: string, waiting: number): void {
  const kept = keepPlaces(rows(shown), rows(fresh));
  expect(kept.rows.map(({ id, stale, value }) => `${id}${value}${stale ? '~' : ''}`).join(' '), `${shown} → ${fresh}`).toBe(expected);
  expect(kept.waiting, `${shown} → ${fresh}`).toBe(waiting);
}

describe('rows under the pointer', () => {
  it('keep their places and change in them', () => {
    check('a b c', 'a b2 c', 'a b2 c', 0);
    check('a b c', 'n a b c', 'a b c', 1);
    check('a b c', 'c a b', 'a b c', 3);
    check('', 'a', '', 1);
  });

  it('that are no longer there are not drawn as current', () => {
    check('a b c', 'a c', 'a b~ c', 1);
  });
});
