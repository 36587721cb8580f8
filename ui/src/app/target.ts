import type { ViewName } from './route';

const PREFIX = 'service:';

/** What the address says when a service is inspected: an entity's id never begins like this. */
export const openService = (name: string): string => `${PREFIX}${name}`;

/** The service an address inspects, or nothing when it is something else. */
export const serviceOf = (open: string | null): string | null =>
  open?.startsWith(PREFIX) ? open.slice(PREFIX.length) : null;

/** Whether an address inspects an entity, `source/kind/native`, and not a service or a cell. */
export const isEntity = (open: string): boolean => /^[^:/]+\/(run|deployment|alert|ticket)\/./.test(open);

/** Whether notes can be written on what an address inspects: an entity or a service. */
export const isSubject = (open: string): boolean => Boolean(serviceOf(open)) || isEntity(open);

const HOMES: Record<string, ViewName> = { run: 'pipelines', deployment: 'deployments', alert: 'alerts', ticket: 'tickets' };

/** The view that lists an entity, by its id `source/kind/native`. */
export const homeOf = (id: string): ViewName => HOMES[id.split('/', 2)[1] ?? ''] ?? 'overview';

const CELL = 'cell:';

/** What the address says when the deployments of a service to an environment are inspected. */
export const openCell = (service: string, environment: string): string => `${CELL}${encodeURIComponent(service)}/${encodeURIComponent(environment)}`;

/** The service and the environment an address inspects, or nothing when it is something else. */
export function cellOf(open: string | null): { service: string; environment: string } | null {
  const [service, environment] = open?.startsWith(CELL) ? open.slice(CELL.length).split('/') : [];
  if (service === undefined || environment === undefined) return null;
  try {
    return { service: decodeURIComponent(service), environment: decodeURIComponent(environment) };
  } catch {
    return null;
  }
}
