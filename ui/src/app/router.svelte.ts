import { untrack } from 'svelte';
import { formatRoute, parseRoute, type Route, type ViewName } from './route';

/** What of an address is its view's own, and is as it was when somebody comes back to the view. */
type Own = Pick<Route, 'query' | 'all' | 'list' | 'group' | 'tables'>;

const NOTHING: Own = { query: '', all: false, list: false, group: null, tables: [] };
/** Parts of a view have their own questions, too. */
const partOf = ({ view, tab }: Pick<Route, 'view' | 'tab'>): string => `${view} ${tab ?? ''}`;

/** The current address, and the one way to change it. */
class Router {
  route = $state.raw<Route>(parseRoute(location.hash));
  /** What each view was asked last, for as long as the window is open. */
  #kept = $state.raw<Readonly<Record<string, Own>>>({});
  /** Nobody has gone anywhere yet: the first view may still be chosen. */
  untouched = location.hash === '';

  /** Follows the address bar (back, forward). Returns how to stop. */
  start(): () => void {
    const read = () => {
      this.untouched = false;
      this.#show(parseRoute(location.hash));
    };
    this.#kept = {};
    this.#show(parseRoute(location.hash));
    window.addEventListener('hashchange', read);
    window.addEventListener('popstate', read);
    return () => {
      window.removeEventListener('hashchange', read);
      window.removeEventListener('popstate', read);
    };
  }

  /**
   * The address of another view. What narrows all views is kept. Whoever only goes there finds its own question as they left
   * it; whoever is led to something finds that, and no filter that may hide it.
   */
  to(view: ViewName, change: Partial<Route> = {}): Route {
    const part = { view, tab: change.tab ?? null };
    const led = Object.keys(change).some((key) => key !== 'tab');
    return { ...this.route, ...((led ? null : this.#kept[partOf(part)]) ?? NOTHING), open: null, ...change, ...part };
  }

  /** Another view: a step in the history. */
  go(view: ViewName, change: Partial<Route> = {}): void {
    this.#write(this.to(view, change), true);
  }

  /** An address as a link or a saved view has it: a step in the history. */
  follow(hash: string): void {
    this.#write(parseRoute(hash), true);
  }

  /** The first view, unless the person has been quicker. */
  home(view: ViewName): void {
    if (this.untouched && location.hash === '' && view !== this.route.view) this.#write({ ...this.route, view }, false);
    this.untouched = false;
  }

  /** A change within the view. Typing replaces, opening a row is a step. */
  change(change: Partial<Route>, step = false): void {
    this.#write({ ...this.route, ...change }, step);
  }

  #write(route: Route, step: boolean): void {
    this.untouched = false;
    const hash = formatRoute(route);
    if (hash === formatRoute(this.route) && hash === location.hash) return;
    this.#show(parseRoute(hash));
    try {
      if (step) history.pushState(null, '', hash);
      else history.replaceState(null, '', hash);
    } catch {
      // The engine takes a hundred changes in half a minute, and somebody typed more: the next one it takes tells all.
    }
  }

  #show(route: Route): void {
    this.route = route;
    const { query, all, list, group, tables } = route;
    // Whoever changes the address need not be told of it.
    this.#kept = { ...untrack(() => this.#kept), [partOf(route)]: { query, all, list, group, tables } };
  }
}

export const router = new Router();
