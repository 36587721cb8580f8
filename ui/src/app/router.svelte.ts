import { formatRoute, parseRoute, type Route, type ViewName } from './route';

/** The current address, and the one way to change it. */
class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  /** Follows the address bar (back, forward). Returns how to stop. */
  start(): () => void {
    const read = () => (this.route = parseRoute(location.hash));
    read();
    window.addEventListener('hashchange', read);
    window.addEventListener('popstate', read);
    return () => {
      window.removeEventListener('hashchange', read);
      window.removeEventListener('popstate', read);
    };
  }

  /** Another view: a step in the history. What narrows all views is kept, the question of this one is not. */
  go(view: ViewName, change: Partial<Route> = {}): void {
    this.#write({ ...this.route, view, query: '', open: null, all: false, list: false, group: null, tab: null, ...change }, true);
  }

  /** A change within the view. Typing replaces, opening a row is a step. */
  change(change: Partial<Route>, step = false): void {
    this.#write({ ...this.route, ...change }, step);
  }

  #write(route: Route, step: boolean): void {
    const hash = formatRoute(route);
    if (hash === location.hash) return;
    if (step) history.pushState(null, '', hash);
    else history.replaceState(null, '', hash);
    this.route = parseRoute(hash);
  }
}

export const router = new Router();
