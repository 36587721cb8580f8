import type { EntityView, Row, SavedView, SettingView, SourceView } from '../../api/gen';
import { cliOfAction, cliOfNote, cliOfRoute, cliOfSaved, HOME_OF } from '../../app/cli';
import { BINDINGS, keysOf, type Intent } from '../../app/keys';
import { asked, formatRoute, HOME, isNarrowed, parseRoute, VIEWS, WIDE, type Route, type ViewName } from '../../app/route';
import { isSubject, openService } from '../../app/target';
import { text } from '../../text/en';
import { safeText } from '../../text/safe';
import { stateWord } from '../../text/word';
import type { Steering } from './demo';
import { score } from './match';

export type ItemKind = keyof typeof text.palette.kinds;

/** One line of the palette. */
export interface Item {
  id: string;
  kind: ItemKind;
  label: string;
  /** Said behind the label in a quieter tone. */
  detail?: string;
  /** More words it is found by. */
  find?: string;
  keys?: readonly string[];
  /** The same on the command line. */
  cli?: string | null;
  effect?: string;
  undo?: string;
  /** Why it cannot be run now. */
  blocked?: string | null;
  /** Added to how well it matches: what belongs to what is shown comes first. */
  weight: number;
  run: () => void;
}

/** What the palette can make happen. */
export interface Hands {
  go: (hash: string) => void;
  intent: (intent: Intent) => void;
  act: (target: string, verb: string) => void;
  set: (key: string, value: string) => void;
  saveView: () => void;
  newSilence: () => void;
  openFile: () => void;
  say: (word: string) => void;
  demo: Steering;
}

/** What can be done with the selected row, first of all. */
export function actionItems(entity: EntityView | null, past: boolean, hands: Hands): Item[] {
  if (entity === null) return [];
  const { row } = entity;
  return entity.actions.map((offer) => ({
    id: `action ${offer.verb}`, kind: 'action', label: text.palette.on(offer.label, safeText(row.title)), detail: safeText(row.service ?? ''), find: offer.verb,
    cli: cliOfAction(row.id, offer.verb, offer.has_form), effect: offer.effect,
    undo: offer.risk === 'undoable' ? text.undoing.undoable : offer.risk === 'production' ? text.undoing.production : text.undoing.visible,
    blocked: past ? (text.blocked.past ?? '') : offer.disabled === null ? null : (text.blocked[offer.disabled] ?? offer.disabled),
    weight: 60, run: () => hands.act(row.id, offer.verb),
  }));
}

export function viewItems(route: Route, hands: Hands): Item[] {
  return VIEWS.map((view) => {
    const to: Route = { ...route, view, query: '', open: null, all: false };
    const here = view === route.view;
    return {
      id: `view ${view}`, kind: 'view', label: text.palette.goTo(text.views[view]), keys: keysOf(view), cli: cliOfRoute(here ? route : to),
      weight: here ? 0 : 20, run: () => hands.intent({ do: 'go', view }),
    };
  });
}

export function savedItems(views: readonly SavedView[], hands: Hands): Item[] {
  return views.map((saved) => ({
    id: `saved ${saved.name}`, kind: 'saved', label: safeText(saved.name), detail: safeText([text.views[saved.view as ViewName], saved.query].filter(Boolean).join(' · ')),
    cli: cliOfSaved(saved.view, saved.name), weight: 30, run: () => hands.go(hashOfSaved(saved)),
  }));
}

/** Where a saved view leads. */
export const hashOfSaved = ({ view, query, all, form }: SavedView): string => formatRoute({ ...parseRoute(`#/${view}?${form}`), query, all });

/** What does the same on the command line. */
const TWINS: Record<string, string> = { refresh: 'qd sync', silences: 'qd silences', addConnection: 'qd conn add NAME --backend … --url …' };

/** Commands of the window, all of the key table and those that have no key. */
export function commandItems(route: Route, hands: Hands): Item[] {
  const skip = new Set(['back', 'next', 'previous', 'palette', 'services', 'pick', 'pickDown', 'pickUp', 'pickAll', ...VIEWS]);
  const rowless = new Set(['open', 'copyPage']);
  const bound = BINDINGS.filter(({ name, intent }) => intent && !skip.has(name)).map(({ name, press, intent }): Item => ({
    id: `command ${name}`, kind: 'command', label: text.keys.does[name as keyof typeof text.keys.does], keys: press, cli: name === 'note' ? cliOfNote(route.open !== null && isSubject(route.open) ? route.open : null) : (TWINS[name] ?? null),
    blocked: rowless.has(name) && route.open === null ? text.palette.nothingOpen : name === 'note' && route.asOf !== null ? (text.blocked.past ?? '') : null,
    weight: 10, run: () => intent && hands.intent(intent),
  }));
  const plain = (name: keyof typeof text.keys.does, run: () => void, change: Partial<Item> = {}): Item => ({ id: `command ${name}`, kind: 'command', label: text.keys.does[name], weight: 10, run, ...change });
  return [
    ...bound,
    plain('saveView', hands.saveView, { blocked: isNarrowed(route.view) ? null : text.saved.cannot }),
    plain('newSilence', hands.newSilence, { find: 'silence create mute', cli: 'qd act SOURCE create_silence --set …', blocked: route.asOf === null ? null : (text.blocked.past ?? '') }),
    plain('problems', () => hands.go('#/connections?tab=problems'), { cli: 'qd problems' }),
    plain('openFile', hands.openFile, { cli: 'qd paths' }),
    ...(asked(route) ? [plain('clear', () => hands.go(formatRoute({ ...route, ...WIDE })))] : []),
    ...(route.asOf ? [plain('now', () => hands.go(formatRoute({ ...route, asOf: null })))] : []),
  ];
}

export function settingItems(settings: readonly SettingView[], hands: Hands): Item[] {
  const wordOf = (value: string) => text.settings.words[value] ?? value;
  return settings.flatMap((setting): Item[] => {
    const { label, help } = text.settings.names[setting.key] ?? { label: setting.key, help: '' };
    const values = setting.kind === 'flag' ? ['true', 'false'] : setting.kind === 'choice' ? setting.choices : [];
    return [
      { id: `setting ${setting.key}`, kind: 'setting', label, detail: wordOf(setting.value), find: `${setting.key} ${help}`, weight: 0, run: () => hands.go(`#/settings?q=${encodeURIComponent(setting.key)}`) },
      ...values.filter((value) => value !== setting.value).map((value): Item => ({
        id: `setting ${setting.key} ${value}`, kind: 'setting', label: text.palette.settingTo(label, wordOf(value)), find: `${setting.key} ${value}`, effect: help, weight: -5, run: () => hands.set(setting.key, value),
      })),
    ];
  });
}

export function connectionItems(sources: readonly SourceView[], hands: Hands): Item[] {
  return sources.map(({ id, backend_name }) => ({
    id: `connection ${id}`, kind: 'connection', label: id, detail: backend_name, cli: `qd conn test ${id}`, weight: 0, run: () => hands.go(`#/connections?open=${encodeURIComponent(id)}`),
  }));
}

export function serviceItems(names: readonly string[], hands: Hands): Item[] {
  return names.map((name) => ({
    id: `service ${name}`, kind: 'service', label: safeText(name), cli: cliOfRoute({ ...HOME, query: text.overview.serviceQuery(name) }), weight: 15,
    run: () => hands.go(formatRoute({ ...HOME, open: openService(name) })),
  }));
}

/** Rows that the core found by what was typed; it has judged the match already. */
export function rowItems(rows: readonly Row[], route: Route, hands: Hands): Item[] {
  return rows.map((row) => ({
    id: row.id, kind: row.kind, label: safeText(row.title), detail: safeText([row.service, row.environment, stateWord(row)].filter(Boolean).join(' · ')),
    cli: `qd show ${row.id}`, weight: HOME_OF[row.kind] === route.view ? 25 : 5, run: () => hands.go(formatRoute({ ...HOME, view: HOME_OF[row.kind], open: row.id })),
  }));
}

/** How many lines are shown at the most. */
const MOST = 40;

/** What matches, best first; with nothing typed, what belongs to what is shown. `found` matched in the core. */
export function rank(typed: string, items: readonly Item[], found: readonly Item[] = []): Item[] {
  const judged = items.flatMap((item) => {
    if (!typed.trim()) return item.weight > 5 ? [{ item, points: item.weight }] : [];
    const own = score(typed, item.label) ?? score(typed, `${item.label} ${item.detail ?? ''} ${item.find ?? ''}`);
    return own === null ? [] : [{ item, points: own + item.weight }];
  });
  const rows = found.map((item) => ({ item, points: 40 + item.weight + (score(typed, item.label) ?? 0) / 2 }));
  return [...judged, ...rows].sort((a, b) => b.points - a.points).slice(0, MOST).map(({ item }) => item);
}
