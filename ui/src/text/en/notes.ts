import { formatCount } from '../format';
import { plural } from '../plural';

/** Notes that people write on entities and services. */
export const notes = {
  title: 'Notes',
  count: (n: number) => `Notes (${formatCount(n)})`,
  /** What the mark on a row says. */
  on: (n: number) => plural(n, '# note', '# notes'),
  none: 'None yet. A note stays on this machine.',
  begin: 'Write a note',
  label: 'New note',
  help: (who: string) => `Stays on this machine, signed ${who}. Plain text; no backend gets it.`,
  left: (n: number) => plural(n, '# character left.', '# characters left.'),
  over: (n: number) => plural(n, '# character too many.', '# characters too many.'),
  add: 'Add',
  adding: 'Adding…',
  remove: 'Remove',
  removeOf: (who: string, age: string) => `Remove the note of ${who}, ${age} ago`,
  removed: 'The note was removed.',
  restored: 'The note is back.',
  earlierFiring: 'before this firing',
  earlierFiringHelp: 'Written before the alert began to fire this time',
  earlier: (n: number) => plural(n, 'Show # earlier note', 'Show # earlier notes'),
  by: (who: string) => `Note by ${who}`,
  past: 'This is the past: notes written later are not shown, and none can be written.',
  unread: (why: string) => `The notes could not be read: ${why}`,
  notAdded: (why: string) => `Not added: ${why}`,
  notRemoved: (why: string) => `Not removed: ${why}`,
  nothing: 'Go to a row or a service first, then write a note on it.',
} as const;
