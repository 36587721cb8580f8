import type { ViewName } from './route';

/** What a key asks the window to do. */
export type Intent =
  | { do: 'go'; view: ViewName; tab?: string }
  | { do: 'filter' | 'zone' | 'refresh' | 'sheet' | 'back' | 'density' | 'inspector' | 'open' | 'copy' | 'group' | 'note' }
  | { do: 'palette' | 'services' | 'undo' | 'copy-page' | 'pick' | 'pick-down' | 'pick-up' | 'pick-all' }
  | { do: 'list'; key: string }
  /** The window on the watch strip: earlier, later, wider, narrower. */
  | { do: 'window'; step: WindowStep }
  | { do: 'load' | 'connect' }
  | { do: 'history' | 'pane'; by: 1 | -1 }
  /** Larger, smaller, or as large as usual. */
  | { do: 'zoom'; by: 1 | -1 | 0 };

export type WindowStep = 'earlier' | 'later' | 'wider' | 'narrower';

export type KeyGroup = 'go' | 'list' | 'strip' | 'chart' | 'inspector' | 'window';

/** One entry of the one key table: the sheet, the palette and the window are made from it. */
export interface Binding {
  /** What it does, by its word in `text.keys.does`. */
  name: string;
  /** `u`, `g a` (one after the other), `Mod+Shift+D` (`Mod` is Ctrl, or ⌘ on a Mac), `Shift+J`. */
  press: readonly string[];
  group: KeyGroup;
  /** Nothing when the part that has the focus hears the key itself. */
  intent?: Intent;
}

const go = (view: ViewName, ...press: string[]): Binding => ({ name: view, press, group: 'go', intent: { do: 'go', view } });

export const BINDINGS: readonly Binding[] = [
  { name: 'palette', press: ['Mod+K'], group: 'go', intent: { do: 'palette' } },
  { name: 'services', press: ['Mod+P'], group: 'go', intent: { do: 'services' } },
  go('overview', 'g o', 'Mod+1'),
  go('pipelines', 'g p', 'Mod+2'),
  go('deployments', 'g d', 'Mod+3'),
  go('alerts', 'g a', 'Mod+4'),
  { name: 'silences', press: ['g s'], group: 'go', intent: { do: 'go', view: 'alerts', tab: 'silences' } },
  go('tickets', 'g t', 'Mod+5'),
  go('connections', 'g c', 'Mod+6'),
  go('charts', 'g i', 'Mod+7'),
  go('settings', 'Mod+,'),
  { name: 'addConnection', press: ['Mod+Shift+A'], group: 'go', intent: { do: 'connect' } },
  { name: 'next', press: ['j', 'ArrowDown'], group: 'list' },
  { name: 'previous', press: ['k', 'ArrowUp'], group: 'list' },
  { name: 'first', press: ['Home'], group: 'list' },
  { name: 'last', press: ['End'], group: 'list' },
  { name: 'pageUp', press: ['PageUp'], group: 'list' },
  { name: 'pageDown', press: ['PageDown'], group: 'list' },
  { name: 'inspect', press: ['Space', 'Enter'], group: 'list' },
  { name: 'unfold', press: ['ArrowRight', 'ArrowLeft'], group: 'list' },
  { name: 'group', press: ['f'], group: 'list', intent: { do: 'group' } },
  { name: 'pick', press: ['x'], group: 'list', intent: { do: 'pick' } },
  { name: 'pickDown', press: ['Shift+J'], group: 'list', intent: { do: 'pick-down' } },
  { name: 'pickUp', press: ['Shift+K'], group: 'list', intent: { do: 'pick-up' } },
  { name: 'pickAll', press: ['Mod+A'], group: 'list', intent: { do: 'pick-all' } },
  { name: 'filter', press: ['/'], group: 'list', intent: { do: 'filter' } },
  { name: 'back', press: ['Escape'], group: 'list', intent: { do: 'back' } },
  { name: 'earlier', press: ['['], group: 'strip', intent: { do: 'window', step: 'earlier' } },
  { name: 'later', press: [']'], group: 'strip', intent: { do: 'window', step: 'later' } },
  { name: 'wider', press: ['{'], group: 'strip', intent: { do: 'window', step: 'wider' } },
  { name: 'narrower', press: ['}'], group: 'strip', intent: { do: 'window', step: 'narrower' } },
  { name: 'stripMove', press: ['ArrowLeft', 'ArrowRight'], group: 'strip' },
  { name: 'stripSelect', press: ['Shift+ArrowLeft', 'Shift+ArrowRight'], group: 'strip' },
  { name: 'stripNarrow', press: ['Enter'], group: 'strip' },
  { name: 'stripMoment', press: ['Space'], group: 'strip' },
  { name: 'chartMove', press: ['ArrowLeft', 'ArrowRight'], group: 'chart' },
  { name: 'chartOpen', press: ['Enter'], group: 'chart' },
  { name: 'open', press: ['o'], group: 'inspector', intent: { do: 'open' } },
  { name: 'copy', press: ['y'], group: 'inspector', intent: { do: 'copy' } },
  { name: 'copyPage', press: ['Shift+Y'], group: 'inspector', intent: { do: 'copy-page' } },
  { name: 'inspector', press: ['Mod+\\'], group: 'inspector', intent: { do: 'inspector' } },
  { name: 'note', press: ['n'], group: 'inspector', intent: { do: 'note' } },
  { name: 'noteAdd', press: ['Mod+Enter'], group: 'inspector' },
  { name: 'undo', press: ['Mod+Z'], group: 'inspector', intent: { do: 'undo' } },
  { name: 'zone', press: ['u'], group: 'window', intent: { do: 'zone' } },
  { name: 'refresh', press: ['r', 'Mod+R'], group: 'window', intent: { do: 'refresh' } },
  { name: 'density', press: ['Mod+Shift+D'], group: 'window', intent: { do: 'density' } },
  { name: 'zoomIn', press: ['Mod++', 'Mod+='], group: 'window', intent: { do: 'zoom', by: 1 } },
  { name: 'zoomOut', press: ['Mod+-'], group: 'window', intent: { do: 'zoom', by: -1 } },
  { name: 'zoomReset', press: ['Mod+0'], group: 'window', intent: { do: 'zoom', by: 0 } },
  { name: 'load', press: ['.'], group: 'window', intent: { do: 'load' } },
  { name: 'nextPane', press: ['F6'], group: 'window', intent: { do: 'pane', by: 1 } },
  { name: 'previousPane', press: ['Shift+F6'], group: 'window', intent: { do: 'pane', by: -1 } },
  { name: 'historyBack', press: ['Mod+['], group: 'window', intent: { do: 'history', by: -1 } },
  { name: 'historyForward', press: ['Mod+]'], group: 'window', intent: { do: 'history', by: 1 } },
  { name: 'sheet', press: ['?'], group: 'window', intent: { do: 'sheet' } },
];

/** Movement that no list has heard is passed on to the list of the view. */
const MOVES = new Set(['j', 'k', 'ArrowDown', 'ArrowUp']);
const BY_PRESS = new Map(BINDINGS.flatMap(({ press, intent }) => (intent ? press.map((keys) => [keys, intent] as const) : [])));

/** The keys of a name as they are written, the ones without a chord first; nothing when it has none. */
export const keysOf = (name: string): readonly string[] => BINDINGS.find((binding) => binding.name === name)?.press ?? [];

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
    if (press.ctrlKey || press.metaKey) return this.#withModifier(press, typing);
    if (typing) return null;
    if (!single) return press.key.startsWith('Arrow') && MOVES.has(press.key) ? { do: 'list', key: press.key } : null;
    if (now - this.#chordAt < CHORD_MS) {
      this.#chordAt = Number.NEGATIVE_INFINITY;
      return BY_PRESS.get(`g ${press.key}`) ?? null;
    }
    if (press.key === 'g') {
      this.#chordAt = now;
      return null;
    }
    if (MOVES.has(press.key)) return { do: 'list', key: press.key };
    const letter = /^[A-Z]$/.test(press.key) ? `Shift+${press.key}` : press.key;
    return BY_PRESS.get(letter) ?? null;
  }

  #withModifier(press: KeyPress, typing: boolean): Intent | null {
    const key = press.key.length === 1 ? press.key.toUpperCase() : press.key;
    // Which of + and = needs Shift differs from keyboard to keyboard.
    const shift = press.shiftKey && !'+=-'.includes(key) ? 'Shift+' : '';
    const intent = BY_PRESS.get(`Mod+${shift}${key}`) ?? null;
    // A field undoes its own typing, and selects its own text.
    return typing && (intent?.do === 'undo' || intent?.do === 'pick-all') ? null : intent;
  }
}
