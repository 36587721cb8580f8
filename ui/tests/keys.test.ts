import { describe, expect, it } from 'vitest';
import { Keymap, type Intent, type KeyPress } from '../src/app/keys';

const plain = { typing: false, single: true };
const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held,
});
const read = (...keys: string[]): Intent | null => {
  const map = new Keymap();
  return keys.map((key, at) => map.read(press(key), at * 100, plain)).at(-1) ?? null;
};

describe('keys', () => {
  it('go to the views by g and a letter', () => {
    expect(read('g', 'o')).toEqual({ do: 'go', view: 'overview' });
    expect(read('g', 'p')).toEqual({ do: 'go', view: 'pipelines' });
    expect(read('g', 'd')).toEqual({ do: 'go', view: 'deployments' });
    expect(read('g', 'a')).toEqual({ do: 'go', view: 'alerts' });
    expect(read('g', 't')).toEqual({ do: 'go', view: 'tickets' });
    expect(read('g', 'i')).toEqual({ do: 'go', view: 'charts' });
    expect(read('g', 'c')).toEqual({ do: 'go', view: 'connections' });
    expect(read('g', 'x')).toBeNull();
    expect(read('o'), 'without the g the letter means itself').toEqual({ do: 'open' });
  });

  it('forget the g when the letter is late', () => {
    const map = new Keymap();
    map.read(press('g'), 0, plain);
    expect(map.read(press('u'), 5_000, plain)).toEqual({ do: 'zone' });
  });

  it('are text while somebody types, except Escape and those with Ctrl', () => {
    const map = new Keymap();
    const typing = { typing: true, single: true };
    expect(map.read(press('u'), 0, typing)).toBeNull();
    expect(map.read(press('Escape'), 0, typing)).toEqual({ do: 'back' });
    expect(map.read(press('r', { ctrlKey: true }), 0, typing)).toEqual({ do: 'refresh' });
    expect(map.read(press('4', { metaKey: true }), 0, typing)).toEqual({ do: 'go', view: 'alerts' });
  });

  it('of one letter can be switched off', () => {
    expect(new Keymap().read(press('u'), 0, { typing: false, single: false })).toBeNull();
  });

  it('with Alt belong to the desktop', () => {
    expect(new Keymap().read(press('u', { altKey: true }), 0, plain)).toBeNull();
  });

  it('draw larger, smaller and as usual, wherever a keyboard has + and =', () => {
    const map = new Keymap();
    const zoom = (key: string, shiftKey = false) => map.read(press(key, { ctrlKey: true, shiftKey }), 0, plain);
    for (const larger of [zoom('='), zoom('+'), zoom('+', true)]) expect(larger).toEqual({ do: 'zoom', by: 1 });
    expect(zoom('-')).toEqual({ do: 'zoom', by: -1 });
    expect(zoom('0')).toEqual({ do: 'zoom', by: 0 });
  });
});
