import type { Intent, WindowStep } from '../app/keys';
import { attention } from '../app/attention.svelte';
import { landing } from '../kit/landing';
import { PICK_ALL } from '../kit/virtual';
import { linkTo } from '../app/link';
import { passing } from '../app/passing.svelte';
import { stepped, toRange, toSpan } from '../app/ribbon';
import type { ViewName } from '../app/route';
import { router } from '../app/router.svelte';
import type { Session } from '../app/session.svelte';
import { isSubject, openService } from '../app/target';
import { clock } from '../live/clock.svelte';
import { prefs } from '../live/prefs.svelte';
import { ApiError } from '../api/client';
import { text } from '../text/en';
import { safeText } from '../text/safe';

interface Around {
  session: Session;
  /** The focus is in a field. */
  typing: boolean;
  openSheet: () => void;
  openPalette: (only: 'all' | 'services') => void;
  /** To the form of a new connection. */
  connect: () => void;
}

const list = () => document.querySelector<HTMLElement>('[data-primary-list]');

/** Does what a key asked for. `false`: there was nothing to do, the key stays the webview's. */
export function perform(intent: Intent, { session, typing, openSheet, openPalette, connect }: Around): boolean {
  switch (intent.do) {
    case 'go':
      go(intent.view, intent.tab ?? null);
      return true;
    case 'connect':
      connect();
      return true;
    case 'filter':
      return toFilter();
    case 'zone':
      prefs.toggleZone();
      return true;
    case 'density':
      prefs.nextDensity();
      return true;
    case 'zoom':
      prefs.zoomBy(intent.by);
      return true;
    case 'refresh':
      void session.refresh();
      return true;
    case 'sheet':
      openSheet();
      return true;
    case 'back':
      return back(typing);
    case 'inspector':
      if (router.route.open !== null) router.change({ open: null });
      else list()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      return true;
    case 'open':
      return press('[data-testid="link-page"]:not(:disabled)');
    case 'group':
      return press('[data-testid="group-toggle"]');
    case 'palette':
      openPalette('all');
      return true;
    case 'services':
      openPalette('services');
      return true;
    case 'copy':
      void passing.copy(linkTo(router.route));
      return true;
    case 'copy-page':
      return copyPage(session);
    case 'note':
      note();
      return true;
    case 'undo':
      void passing.undo(session);
      return true;
    case 'pick':
      return toList('x');
    case 'pick-down':
      return toList('J');
    case 'pick-up':
      return toList('K');
    case 'pick-all':
      // Also where there is nothing to select: the text of the whole page is never meant.
      list()?.dispatchEvent(new KeyboardEvent('keydown', { key: PICK_ALL, bubbles: true, cancelable: true }));
      return true;
    case 'list':
      return toList(intent.key);
    case 'window':
      return toWindow(intent.step);
    case 'load':
      return press('[data-testid="load-new"]');
    case 'history':
      history.go(intent.by);
      return true;
    case 'pane':
      return toPane(intent.by);
  }
}

/** The focus goes to the list of the view, now or when it is there. */
export function landToList(): void {
  landing.ask();
  const grid = list();
  if (grid) landing.take(grid);
}

/** The focus goes to the view as well: to its list, now or when it is there. */
function go(view: ViewName, tab: string | null): void {
  const stays = view === router.route.view && tab === router.route.tab;
  if (!stays) landing.ask();
  router.go(view, { tab });
  if (stays) list()?.focus();
}

function toFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>('[data-testid="filter"]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** From a field to the list it belongs to. */
export function leaveField(): void {
  const grid = list();
  if (grid) {
    grid.focus();
    return;
  }
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  // Half a name matches nothing: the list comes with the rest of the answer.
  landing.ask();
}

/** Escape steps back: out of the field, then out of the inspector, then out of the filter, then out of the past. */
function back(typing: boolean): boolean {
  if (typing) {
    leaveField();
    return true;
  }
  const selection = document.querySelector<HTMLElement>('[data-testid="bulk-clear"]');
  if (selection) selection.click();
  else if (router.route.open !== null && router.route.view !== 'connections') router.change({ open: null });
  else if (router.route.query) router.change({ query: '' });
  else if (router.route.asOf !== null) router.change({ asOf: null });
  else return false;
  list()?.focus();
  return true;
}

/** Movement that no list has heard goes to the list of the view; a dialog, an open popover, and arrows in the inspector, keep theirs. */
function toList(key: string): boolean {
  const grid = list();
  const active = document.activeElement;
  if (!grid || (active !== null && keepsMovement(active, key))) return false;
  grid.focus();
  grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return true;
}

function toWindow(step: WindowStep): boolean {
  const { during } = router.route;
  router.change({ during: toSpan(stepped(toRange(during), step, clock.now)) }, during === null);
  return true;
}

/** The next part of the window that can take the focus, in the order it is read. */
function toPane(by: 1 | -1): boolean {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')];
  // The inspector is a pane within that of its view.
  const at = panes.findLastIndex((pane) => pane.contains(document.activeElement));
  const FOCUSABLE = '[data-primary-list], [role="slider"], button:not(:disabled), a[href], input, [tabindex="0"]';
  for (let step = 1; step <= panes.length; step += 1) {
    const start = at < 0 && by < 0 ? 0 : at;
    const pane = panes[(((start + by * step) % panes.length) + panes.length) % panes.length];
    const first = pane?.querySelector<HTMLElement>('[data-primary-list], [role="slider"]') ?? pane?.querySelector<HTMLElement>(FOCUSABLE);
    if (first) {
      first.focus();
      return true;
    }
  }
  return false;
}

function press(selector: string): boolean {
  const button = document.querySelector<HTMLElement>(selector);
  button?.click();
  return button !== null;
}

/** The address of the open row's page; the core has checked it, as it does before it opens one. */
function copyPage({ client }: Session): boolean {
  const { open } = router.route;
  if (open === null) return false;
  client.call('link_address', { id: open, index: 0 }).then(
    ({ url }) => passing.copy(url),
    (failure) => passing.say(safeText(ApiError.of(failure).message)),
  );
  return true;
}

/** To the field of a note on what is open, or else on the current row. */
function note(): void {
  const { open, asOf } = router.route;
  const subject = open ?? attention.row?.id ?? (attention.service === null ? null : openService(attention.service));
  if (asOf !== null) passing.say(text.notes.past);
  else if (subject === null || !isSubject(subject)) passing.say(text.notes.nothing);
  else {
    attention.writing = subject;
    if (open === null) router.change({ open: subject }, true);
  }
}

function keepsMovement(active: Element, key: string): boolean {
  if (active.closest('[data-primary-list], dialog, [role="tablist"]') || document.querySelector('[data-popover]')) return true;
  return key.startsWith('Arrow') && active.closest('[data-testid="inspector"]') !== null;
}
