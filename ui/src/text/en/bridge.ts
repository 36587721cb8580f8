/** Sentences of the calm bridge: what is seen, what is likely, how much of it was asked. */
import { formatCount } from '../format';
import { plural, quoted } from '../plural';

export const bridge = {
  /** Said behind a total, when not every source it comes from is current. */
  ofSources: (answering: number, total: number) => `${formatCount(answering)} of ${formatCount(total)} sources`,
  fromSources: (counted: string, answering: number, total: number) => `${counted}, ${formatCount(answering)} of ${formatCount(total)} sources answering`,
  totals: 'Totals',
  /** Before the totals while the views show an earlier moment. */
  now: 'Now:',
  firing: (n: number) => plural(n, '# alert firing', '# alerts firing'),
  firingUnknown: 'alerts not known',
  failingUnknown: 'runs not known',
  failing: (n: number) => plural(n, '# run failing', '# runs failing'),
  open: 'open',
  /** What an action led to, once its source shows it. */
  seen: (label: string, message: string, state: string) => `${label}: accepted. ${message} Its source shows it now: ${state}.`,
  /** Of an action on a source itself. */
  acceptedBySource: (label: string, message: string, source: string) => `${label}: accepted. ${message} What it did shows when ${quoted(source)} is read next.`,
  seenLeft: (label: string, message: string) => `${label}: accepted. ${message} It does not need you any more.`,
  seenList: (label: string, message: string) => `${label}: accepted. ${message} The list was read anew since.`,
  /** Why something cannot be sent. */
  fillIn: (fields: string) => `Fill in: ${fields}.`,
  notSent: (problem: string) => `Cannot be sent: ${problem}.`,
  likely: {
    title: 'Likely',
    deploy: (version: string | null) => (version === null ? 'a deployment' : `deploy of ${version}`),
    before: (span: string) => `${span} before it began`,
    began: 'began',
    others: (n: number) => plural(n, '# other within the hour before', '# others within the hour before'),
    help: 'The last deployment of this service that began within 60 minutes before the alert. It came before; that it is the cause is not known.',
  },
} as const;
