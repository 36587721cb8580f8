import { formatRoute, type Route } from './route';
import { serviceOf } from './target';

/** What an address of the window opens beside a view; `crates/api/src/deep_link.rs` reads what is written here. */
const SCHEME = 'quarterdeck://';
const KINDS = ['run', 'deployment', 'alert', 'ticket'];

/** The `quarterdeck://` link that leads to what is shown now: the open row, else the view with its question. */
export function linkTo(route: Route): string {
  return (route.open === null ? null : linkToOpen(route.open, route)) ?? linkToView(route);
}

function linkToOpen(open: string, { view }: Route): string | null {
  const service = serviceOf(open);
  if (service !== null) return `${SCHEME}service/${encodeURIComponent(service)}`;
  if (view === 'connections') return open === 'new' ? null : `${SCHEME}connection/${encodeURIComponent(open)}`;
  const kind = open.split('/', 2)[1] ?? '';
  return KINDS.includes(kind) ? `${SCHEME}${kind}/${open.split('/').map(encodeURIComponent).join('/')}` : null;
}

function linkToView(route: Route): string {
  return `${SCHEME}view/${formatRoute({ ...route, open: null }).slice('#/'.length)}`;
}
