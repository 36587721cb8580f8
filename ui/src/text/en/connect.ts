import { formatCount } from '../format';
import { plural } from '../plural';

/** What can be chosen for a connection, what it costs, and what is wrong. */
export const connect = {
  proposals: {
    finding: 'Asking…',
    chosen: (chosen: number, all: number) => `${formatCount(chosen)} of ${formatCount(all)} chosen`,
    preselected: 'Chosen for you: what was active within 90 days, the latest 25.',
    more: (all: number) => `There is more; these are the latest ${formatCount(all)}. Others can be written above.`,
    none: 'This credential sees nothing that could be chosen.',
    last: 'last active',
    failed: (why: string) => `Not found out: ${why}.`,
  },
  estimate: {
    title: (n: number) => plural(n, 'An hour costs, at the most, with # chosen', 'An hour costs, at the most, with # chosen'),
    pace: { idle: 'Nothing runs, nobody looks', watched: 'Nothing runs', running: 'Something runs all hour, in one of them' } as Record<string, string>,
    when: 'When',
    requests: 'Requests',
    counted: 'Counted',
    share: 'Of the quota',
    percent: (percent: number | null) => (percent === null ? '—' : `${formatCount(percent)} %`),
    free: 'Answers that bring nothing new (304) are free of the quota; each change costs a request or two more.',
    notFree: 'Every answer counts, also those that bring nothing new.',
    ceiling: (percent: number) => `Reading stops at ${percent} % of the quota and waits for the next window. Settings › Request ceiling.`,
  },
  problemView: {
    tabs: 'Connections and problems',
    connectionsTab: 'Connections',
    title: 'Problems',
    none: 'No problems.',
    unread: (why: string) => `The problems could not be read: ${why}.`,
    words: { broken: 'mistake', ignored: 'ignored', source: 'source', unread: 'not read', unmatched: 'no service' },
    unmatched: (n: number, counted: string) => `${plural(n, `${counted} belongs`, `${counted} belong`)} to no service. A [[service]] in config.toml changes that.`,
    openFile: 'Open file',
    show: 'Show',
    list: 'List them',
    all: (n: number) => `Show all ${formatCount(n)}`,
  },
} as const;

/** Names of the settings around the window. */
export const aroundSettings = {
  groups: { notifications: 'Notifications', desktop: 'Desktop' },
  names: {
    'notifications.enabled': { label: 'Notifications', help: 'Native notifications of the desktop, for changes only.' },
    'notifications.from': { label: 'From this severity on', help: 'A failure counts as high, and so does what waits for a person.' },
    'notifications.kinds': { label: 'Of these', help: 'What notifications are about.' },
    'notifications.quiet_hours': { label: 'Quiet hours', help: 'Nothing within them, one summary after them: 22:00-07:00. Empty: none.' },
    'notifications.digest_above': { label: 'Digest above', help: 'More within a minute become one notification.' },
    'notifications.unreachable_minutes': { label: 'Unreachable, minutes', help: 'A source that has not answered for so long is told of. 0: never.' },
    'desktop.tray': { label: 'Tray icon', help: 'With the worst status, where the desktop has a tray.' },
    'desktop.keep_running': { label: 'Keep running when closed', help: 'Closing the window leaves Quarterdeck in the tray. Without a tray, closing ends it.' },
    'desktop.autostart': { label: 'Start with the session', help: 'Hidden, where there is a tray to find it by.' },
  },
  words: { critical: 'critical', high: 'high', warning: 'warning', run: 'Runs', deployment: 'Deployments', alert: 'Alerts', ticket: 'Tickets' },
} as const;
