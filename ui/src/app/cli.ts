import type { Kind } from '../api/gen';
import { asked, type Route, type ViewName } from './route';

/** The command line's word for each view. */
const LISTS: Partial<Record<ViewName, string>> = {
  overview: 'services', pipelines: 'runs', deployments: 'deployments', alerts: 'alerts', tickets: 'tickets', charts: 'chart alerts', connections: 'conn list',
};

/** The view that lists a kind. */
export const HOME_OF: Record<Kind, ViewName> = { run: 'pipelines', deployment: 'deployments', alert: 'alerts', ticket: 'tickets' };

/** A word as a POSIX shell takes it. */
export const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** `qd alerts --filter '…'`: the same list in a terminal; nothing for a view that only the window has. */
export function cliOfRoute(route: Route): string | null {
  const { view, asOf, all } = route;
  const query = asked(route);
  const list = LISTS[view];
  if (list === undefined) return null;
  if (view === 'connections') return `qd ${list}`;
  return ['qd', list, ...(query ? ['--filter', quoted(query)] : []), ...(all ? ['--all'] : []), ...(asOf ? ['--as-of', asOf] : [])].join(' ');
}

/** `qd act ID VERB`; arguments that have to be filled in are left to the person. */
export const cliOfAction = (target: string, verb: string, form: boolean): string => `qd act ${quoted(target)} ${verb}${form ? ' --set …' : ''}`;

/** `qd note ID`; the text is left to the person. */
export const cliOfNote = (subject: string | null): string => `qd note ${subject === null ? 'ID' : quoted(subject)} 'TEXT'`;

/** `qd alerts --view NAME`; nothing for charts, which the command line draws one by one. */
export const cliOfSaved = (view: string, name: string): string | null => (view === 'charts' ? null : `qd ${LISTS[view as ViewName] ?? 'services'} --view ${quoted(name)}`);
