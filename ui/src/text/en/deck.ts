import { formatCount } from '../format';
import { plural } from '../plural';

/** Sentences of the overview and of the deployments matrix. */
export const deck = {
  fold: (all: number, fine: number) => `${plural(all, '# service', '# services')}, ${formatCount(fine)} fine`,
  foldShow: 'Show the fine ones',
  foldHide: 'Hide the fine ones',
  day: '24 h',
  calm: 'Nothing needs you.',
  unsure: 'Nothing that is known needs you, but not every source could be asked.',
  calmThen: 'Nothing needed you then.',
  unsureThen: 'Nothing that is known needed you then, but not every source was read.',
  lastOne: (service: string, title: string, at: string) => `Last one: ${service ? `${service} ` : ''}${title}, ${at}.`,
  readLog: 'Read log',
  look: 'Look',
  alertsUnknown: 'Whether an alert fires is not known: a source of alerts is not current',
  /** So many more, of lesser kinds. */
  more: (count: string) => `+${count}`,
  alertsOld: 'Counted when the source of the alerts was last read',
  rowsOf: (what: string) => `${what}. Show the rows`,
  openTickets: (n: number) => plural(n, '# open ticket', '# open tickets'),
  shape: (ok: number, failed: number, other: number) => `${formatCount(ok)} passed, ${formatCount(failed)} failed, ${formatCount(other)} other`,
  hours: {
    alerts: (hours: number, most: number) => (hours === 0 ? 'no alert fired' : `${plural(hours, 'alerts fired in # hour', 'alerts fired in # hours')}, at most ${formatCount(most)} at once`),
    paging: (hours: number) => `paging in ${formatCount(hours)} of them`,
    failed: (n: number) => plural(n, '# run failed', '# runs failed'),
    unread: (n: number) => plural(n, '# hour was not read', '# hours were not read'),
    said: (parts: readonly string[]) => `Last 24 hours: ${parts.join('; ')}`,
  },
  drift: {
    versions: (n: number) => `+${formatCount(n)}`,
    differs: (version: string) => `≠ ${version}`,
    said: (environment: string, version: string, versions: number | null, age: string) =>
      versions === null
        ? `${environment} runs ${version}, another version, for ${age}`
        : `${plural(versions, '# version', '# versions')} behind ${environment} (${version}); the oldest has waited for ${age}`,
  },
  certain: {
    button: 'Make it certain…',
    title: (name: string) => `Write down ${name}`,
    what: (file: string) => `This is added to the end of the services in ${file}. Everything else in it stays as it is.`,
    save: 'Write it',
    failed: (why: string) => `Not written: ${why}`,
    preview: 'What is written',
  },
  matrix: {
    label: 'What runs where',
    layouts: { matrix: 'Matrix', list: 'List' },
    layout: 'How deployments are shown',
    counted: (services: number, drifting: number) => `${plural(services, '# service', '# services')}, ${formatCount(drifting)} not in step`,
    never: 'never deployed there',
    moves: (version: string) => `→ ${version}`,
    nothingLive: 'nothing known to be live',
  },
  history: {
    title: 'History',
    of: (service: string, environment: string) => `${service} · ${environment}`,
    live: 'live',
    rollback: 'rolled back to it',
    takenBack: (after: string) => `taken back after ${after}`,
    some: (shown: number, all: number) => `${formatCount(shown)} of ${formatCount(all)}`,
    none: 'No deployment is known.',
    by: (who: string) => `by ${who}`,
    took: (span: string) => `took ${span}`,
    failed: (why: string) => `The history could not be read: ${why}.`,
  },
  compare: {
    title: 'Compare',
    from: 'Older',
    to: 'Newer',
    ask: 'Compare',
    past: 'Comparing asks the backend, which knows only the present',
    cannot: 'The backend of these deployments cannot tell what lies between two versions.',
    failed: (why: string) => `Not compared: ${why}`,
    counted: (commits: number | null, authors: number, files: number | null) =>
      [commits === null ? 'Commits not told' : plural(commits, '# commit', '# commits'), plural(authors, '# author', '# authors'), ...(files === null ? [] : [plural(files, '# file', '# files')])].join(' · '),
    back: (n: number) => plural(n, '# commit of the older one is missing in the newer one', '# commits of the older one are missing in the newer one'),
    truncated: 'There are more than are listed here.',
    commits: 'Commits',
  },
} as const;
