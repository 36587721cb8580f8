const PREFIX = 'service:';

/** What the address says when a service is inspected: an entity's id never begins like this. */
export const openService = (name: string): string => `${PREFIX}${name}`;

/** The service an address inspects, or nothing when it is something else. */
export const serviceOf = (open: string | null): string | null =>
  open?.startsWith(PREFIX) ? open.slice(PREFIX.length) : null;
