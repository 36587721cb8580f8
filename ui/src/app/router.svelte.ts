import { formatRoute, parseRoute, type Route, type ViewName } from './route';

/** The current address, and the one way to change it. */
class Router {
  route = $state.raw<Route>(parseRoute(location.hash));
  /** Nobody has gone anywhere yet: the first view may still be chosen. */
  untouched = location.hash === '';

  /** Follows the address bar (back, forward). Returns how to stop. */
  start(): () => void {
    const read = () => {
      this.untouched = false;
      this.route = parseRoute(location.hash);
    };
    this.route = parseRoute(location.hash);
    window.addEventListener('hashchange', read);
    window.addEventListener('popstate', read);
    return () => {
      window.removeEventListener('hashchange', read);
      window.removeEventListener('popstate', read);
    };
  }

  /** Another view: a step in the history. What narrows all views is kept, the question of this one is not. */
  go(view: ViewName, change: Partial<Route> = {}): void {
    this.#write({ ...this.route, view, query: '', open: null, all: false, list: false, group: null, tab: null, tables: [], ...change }, true);
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
    this.route = parseRoute(hash);
    try {
      if (step) history.pushState(null, '', hash);
      else history.replaceState(null, '', hash);
    } catch {
      // The engine takes a hundred changes in half a minute, and somebody typed more: the next one it takes tells all.
    }
  }
}

export const router = new Router();
