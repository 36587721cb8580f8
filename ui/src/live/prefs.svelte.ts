import type { SettingsView } from '../api/gen';
import type { Zone } from '../text/format';

export type Theme = 'system' | 'light' | 'dark';
export type Density = 'compact' | 'normal' | 'roomy';

const ROW_HEIGHT: Record<Density, number> = { compact: 24, normal: 28, roomy: 36 };
const DENSITIES: readonly Density[] = ['compact', 'normal', 'roomy'];
const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
/** How large everything can be drawn. */
const ZOOMS: readonly number[] = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const KEY = 'quarterdeck.window';

interface Saved {
  theme: Theme;
  density: Density;
  zone: Zone;
  singleKeys: boolean;
  zoom: number;
}

/**
 * How this person wants the window to look. The configuration file is the truth; a copy stays in the webview, so that the
 * first paint is right before the file was read.
 */
class Prefs {
  theme = $state<Theme>('system');
  density = $state<Density>('normal');
  zone = $state<Zone>('local');
  /** Shortcuts of one letter can be switched off (WCAG 2.1.4). */
  singleKeys = $state(true);
  /** How large everything is drawn on this screen, 1 for as usual. It stays in the webview: another screen wants another. */
  zoom = $state(1);
  rowHeight = $derived(ROW_HEIGHT[this.density]);
  /** Writes a choice to the file; set while a core is there. */
  keep: ((key: string, value: string) => void) | null = null;

  constructor() {
    const saved = read();
    this.theme = THEMES.find((theme) => theme === saved.theme) ?? 'system';
    this.density = DENSITIES.find((density) => density === saved.density) ?? 'normal';
    this.zone = saved.zone === 'utc' ? 'utc' : 'local';
    this.singleKeys = saved.singleKeys !== false;
    this.zoom = ZOOMS.find((zoom) => zoom === saved.zoom) ?? 1;
  }

  /** Puts the choices on the document and keeps the copy. Call inside an effect. */
  apply(): void {
    const root = document.documentElement;
    if (this.theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = this.theme;
    root.dataset.density = this.density;
    const saved: Saved = { theme: this.theme, density: this.density, zone: this.zone, singleKeys: this.singleKeys, zoom: this.zoom };
    try {
      localStorage.setItem(KEY, JSON.stringify(saved));
    } catch {
      // A window without storage simply forgets.
    }
  }

  /** Takes over what the file says. */
  follow({ settings }: SettingsView): void {
    for (const { key, value } of settings) this.#take(key, value);
  }

  /** Changes one choice here and in the file. */
  set(key: string, value: string): void {
    this.#take(key, value);
    this.keep?.(key, value);
  }

  toggleZone(): void {
    this.set('window.zone', this.zone === 'local' ? 'utc' : 'local');
  }

  nextDensity(): void {
    this.set('window.density', after(DENSITIES, this.density));
  }

  nextTheme(): void {
    this.set('window.theme', after(THEMES, this.theme));
  }

  /** One step larger or smaller; 0: as usual. */
  zoomBy(step: 1 | -1 | 0): void {
    this.zoom = step === 0 ? 1 : (ZOOMS[ZOOMS.indexOf(this.zoom) + step] ?? this.zoom);
  }

  #take(key: string, value: string): void {
    if (key === 'window.theme') this.theme = THEMES.find((theme) => theme === value) ?? this.theme;
    else if (key === 'window.density') this.density = DENSITIES.find((density) => density === value) ?? this.density;
    else if (key === 'window.zone') this.zone = value === 'utc' ? 'utc' : 'local';
    else if (key === 'window.single_keys') this.singleKeys = value !== 'false';
  }
}

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one;
}

function read(): Partial<Saved> {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof saved === 'object' && saved !== null ? saved : {};
  } catch {
    return {};
  }
}

export const prefs = new Prefs();
