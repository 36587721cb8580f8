import { listing, named, plural } from '../plural';

/** What nobody looked at in the span of time that all views are narrowed to. */
export const missed = {
  whole: 'in this time',
  times: (ranges: readonly string[], more: number) => listing(more > 0 ? [...ranges, plural(more, 'once more', '# more times')] : ranges),
  notRead: (names: readonly string[], when: string) => plural(names.length, `${named(names)} was not read ${when}.`, `${named(names)} were not read ${when}.`),
  means: 'What happened then may be missing.',
  unread: (query: string) => `Nothing is known of “${query}”: nobody read it in that time.`,
  filtered: (query: string) => `Nothing that was read matches “${query}”. Not all of that time was read.`,
} as const;
