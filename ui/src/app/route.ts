/** The window's address: which view, which question, which row. Lives in the hash, so that back and forward work. */

export const VIEWS = ['overview', 'pipelines', 'deployments', 'alerts', 'tickets', 'connections'] as const;
export type ViewName = (typeof VIEWS)[number];

export interface Route {
  view: ViewName;
  /** The filter query as typed. */
  query: string;
  /** A past moment the views show (RFC 3339), or nothing for now. */
  asOf: string | null;
  /** The row the inspector shows, or nothing. */
  open: string | null;
  /** Everything instead of only what is current. */
  all: boolean;
}

export const HOME: Route = { view: 'overview', query: '', asOf: null, open: null, all: false };

/** Reads a hash. An unknown view leads home; an unreadable part is left out. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const view = VIEWS.find((name) => name === path) ?? 'overview';
  const params = new URLSearchParams(search);
  const asOf = params.get('as-of');
  return {
    view,
    query: params.get('q') ?? '',
    asOf: asOf && !Number.isNaN(Date.parse(asOf)) ? asOf : null,
    open: params.get('open'),
    all: params.get('all') === '1',
  };
}

/** Writes the hash that reads back as the route. */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  if (route.query) params.set('q', route.query);
  if (route.asOf) params.set('as-of', route.asOf);
  if (route.all) params.set('all', '1');
  if (route.open) params.set('open', route.open);
  const search = params.toString();
  return `#/${route.view}${search ? `?${search}` : ''}`;
}
