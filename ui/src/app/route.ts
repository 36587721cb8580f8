/** The window's address: which view, which question, which row. Lives in the hash, so that back and forward work. */

export const VIEWS = ['overview', 'pipelines', 'deployments', 'alerts', 'tickets', 'charts', 'connections', 'settings'] as const;
export type ViewName = (typeof VIEWS)[number];

/** The views that list. */
export const ASKED_VIEWS = ['overview', 'pipelines', 'deployments', 'alerts', 'tickets'] as const satisfies readonly ViewName[];
export const isAsked = (view: ViewName): boolean => (ASKED_VIEWS as readonly ViewName[]).includes(view);
/** What narrows the frame narrows the view, and what is shown can be saved: those that list, and the charts of what they list. */
export const isNarrowed = (view: ViewName): boolean => isAsked(view) || view === 'charts';

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
  /** What all views are narrowed to: `service:NAME` or `owner:NAME`, or nothing. */
  scope: string | null;
  /** The environment all views are narrowed to, or nothing. */
  env: string | null;
  /** The span of time all views are narrowed to: something happened in it. */
  during: Span | null;
  /** Rows of a list instead of the view's own form (a matrix). */
  list: boolean;
  /** What the list is grouped by: an empty list groups by nothing, nothing leaves it to the view. */
  group: readonly string[] | null;
  /** A part of the view that is not its main one (the silences of the alerts). */
  tab: string | null;
  /** The charts that are shown as tables. */
  tables: readonly string[];
}

/** A span of time, half open, RFC 3339. */
export interface Span {
  from: string;
  to: string;
}

/** What narrows a view beside its own question, and how to widen it again. */
export const WIDE = { query: '', scope: null, env: null, during: null } as const;

export const HOME: Route = { view: 'overview', asOf: null, open: null, all: false, list: false, group: null, tab: null, tables: [], ...WIDE };

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
    scope: /^(service|owner):./.exec(params.get('scope') ?? '')?.input ?? null,
    env: params.get('env') || null,
    during: parseSpan(params.get('during')),
    list: params.get('list') === '1',
    group: params.get('group')?.split(',').filter((key) => key && key !== 'none') ?? null,
    tab: params.get('tab'),
    tables: params.get('tables')?.split(',').filter(Boolean) ?? [],
  };
}

function parseSpan(text: string | null): Span | null {
  const [from = '', to = ''] = text?.split('..', 2) ?? [];
  return Date.parse(from) < Date.parse(to) ? { from, to } : null;
}

/** Everything a view is narrowed to, as one question for the core. */
export function asked({ query, scope, env, during }: Route): string {
  return [narrowedTo({ scope, env }), during && `during:${during.from}..${during.to}`, query].filter(Boolean).join(' ');
}

/** The services and environments all views are narrowed to, as a question. */
export function narrowedTo({ scope, env }: Pick<Route, 'scope' | 'env'>): string {
  const [field = '', ...name] = scope?.split(':') ?? [];
  return [scope && term(field, name.join(':')), env && term('env', env)].filter(Boolean).join(' ');
}

/** A word of a question. A value with blanks is quoted; a quote inside cannot be written, so it is left out. */
export const term = (field: string, value: string) => `${field}:${/[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;

/** Writes the hash that reads back as the route. */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  if (route.query) params.set('q', route.query);
  if (route.asOf) params.set('as-of', route.asOf);
  if (route.all) params.set('all', '1');
  if (route.scope) params.set('scope', route.scope);
  if (route.env) params.set('env', route.env);
  if (route.during) params.set('during', `${route.during.from}..${route.during.to}`);
  writeForm(params, route);
  if (route.open) params.set('open', route.open);
  const search = params.toString();
  return `#/${route.view}${search ? `?${search}` : ''}`;
}

/** How a view is shown, as its address has it and as saved views keep it; empty: as usual. */
export function formOf(route: Route): string {
  const params = new URLSearchParams();
  writeForm(params, route);
  return params.toString();
}

function writeForm(params: URLSearchParams, { list, group, tab, tables }: Route): void {
  if (list) params.set('list', '1');
  if (group) params.set('group', group.join(',') || 'none');
  if (tab) params.set('tab', tab);
  if (tables.length) params.set('tables', tables.join(','));
}
