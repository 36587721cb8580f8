import type { DemoView } from '../../api/gen';
import { text } from '../../text/en';
import { safeText } from '../../text/safe';
import type { Item } from './items';

/** What steers the demo. */
export interface Steering {
  readonly view: DemoView | null;
  toggle: () => Promise<void>;
  go: (chapter: string) => Promise<void>;
  leave: () => Promise<void>;
}

/** The demo bar's buttons; nothing in the real thing. */
export function demoItems(demo: Steering): Item[] {
  const { view } = demo;
  if (view === null) return [];
  const item = (id: string, label: string, run: () => unknown, change: Partial<Item> = {}): Item => ({ id: `demo ${id}`, kind: 'command', label: text.demo.does(label), find: text.demo.label, weight: 8, run: () => void run(), ...change });
  return [
    item('play', view.playing ? text.demo.pause : text.demo.play, () => demo.toggle()),
    ...view.chapters.map(({ key, title }) => item(key, text.demo.chapters[key] ?? safeText(title), () => demo.go(key), { cli: `qd demo --story ${key}` })),
    item('leave', text.demo.leave, () => demo.leave()),
  ];
}
