import { FakeHost, SCENARIOS } from './fake';

/**
 * The window in a plain browser: `?scenario=stale&theme=dark&density=compact` picks what it shows and how,
 * `now=2026-11-21T14:32:00Z` stops the clock there, `locale=pseudo` makes every sentence longer.
 */
const asked = new URLSearchParams(location.search);
const [theme, density, zone] = [asked.get('theme'), asked.get('density'), asked.get('zone')];
if (theme || density || zone) localStorage.setItem('quarterdeck.window', JSON.stringify({ theme, density, zone }));
const now = Date.parse(asked.get('now') ?? '');
if (!Number.isNaN(now)) Date.now = () => now;

export const host = new FakeHost(SCENARIOS.find((scenario) => scenario === asked.get('scenario')) ?? 'normal');
