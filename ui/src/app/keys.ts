import type { ViewName } from './route';

/** What a key asks the window to do. */
export type Intent =
  | { do: 'go'; view: ViewName; tab?: string }
  | { do: 'filter' | 'zone' | 'refresh' | 'sheet' | 'back' | 'density' | 'inspector' | 'open' | 'copy' | 'group' }
  | { do: 'list'; key: string }
  /** The window on the watch strip: earlier, later, wider, narrower. */
  | { do: 'window'; step: WindowStep }
  | { do: 'load' }
  | { do: 'history' | 'pane'; by: 1 | -1 };

export type WindowStep = 'earlier' | 'later' | 'wider' | 'narrower';

/** The second letter of `g …`. */
const GO: Record<string, ViewName> = {
  o: 'overview',
  p: 'pipelines',
  d: 'deployments',
  a: 'alerts',
  t: 'tickets',
  c: 'connections',
};
const BY_NUMBER: Record<string, ViewName> = {
  1: 'overview',
  2: 'pipelines',
  3: 'deployments',
  4: 'alerts',
  5: 'tickets',
  6: 'connections',
};
const SINGLE: Record<string, Intent> = {
  '/': { do: 'filter' },
  u: { do: 'zone' },
  r: { do: 'refresh' },
  '?': { do: 'sheet' },
  '.': { do: 'load' },
  '[': { do: 'window', step: 'earlier' },
  ']': { do: 'window', step: 'later' },
  '{': { do: 'window', step: 'wider' },
  '}': { do: 'window', step: 'narrower' },
  o: { do: 'open' },
  y: { do: 'copy' },
  f: { do: 'group' },
  j: { do: 'list', key: 'j' },
  k: { do: 'list', key: 'k' },
  ArrowDown: { do: 'list', key: 'ArrowDown' },
  ArrowUp: { do: 'list', key: 'ArrowUp' },
};

/** How long `g` waits for its second letter. */
const CHORD_MS = 1_200;

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** Reads key presses, remembering a `g` that waits for its letter. */
export class Keymap {
  #chordAt = Number.NEGATIVE_INFINITY;

  /** `typing`: the focus is in a field, so letters are text. `single`: shortcuts of one letter are on. */
  read(press: KeyPress, now: number, { typing, single }: { typing: boolean; single: boolean }): Intent | null {
    if (press.key === 'Escape') return { do: 'back' };
    if (press.key === 'F6' && !press.altKey && !press.ctrlKey) return { do: 'pane', by: press.shiftKey ? -1 : 1 };
    if (press.altKey) return null;
    if (press.ctrlKey || press.metaKey) return this.#withModifier(press);
    if (typing || !single) return null;
    if (now - this.#chordAt < CHORD_MS) {
      this.#chordAt = Number.NEGATIVE_INFINITY;
      if (press.key === 's') return { do: 'go', view: 'alerts', tab: 'silences' };
      const view = GO[press.key];
      return view ? { do: 'go', view } : null;
    }
    if (press.key === 'g') {
      this.#chordAt = now;
      return null;
    }
    return SINGLE[press.key] ?? null;
  }

  #withModifier(press: KeyPress): Intent | null {
    const view = press.shiftKey ? undefined : BY_NUMBER[press.key];
    if (view) return { do: 'go', view };
    switch (press.key.toLowerCase()) {
      case 'r':
        return press.shiftKey ? null : { do: 'refresh' };
      case 'd':
        return press.shiftKey ? { do: 'density' } : null;
      case '[':
        return { do: 'history', by: -1 };
      case ']':
        return { do: 'history', by: 1 };
      case '\\':
        return { do: 'inspector' };
      default:
        return null;
    }
  }
}
