import { FakeHost, SCENARIOS } from './fake';

/** The window in a plain browser: `?scenario=stale&theme=dark&density=compact` picks what it shows and how. */
const asked = new URLSearchParams(location.search);
const [theme, density, zone] = [asked.get('theme'), asked.get('density'), asked.get('zone')];
if (theme || density || zone) localStorage.setItem('quarterdeck.window', JSON.stringify({ theme, density, zone }));

export const host = new FakeHost(SCENARIOS.find((scenario) => scenario === asked.get('scenario')) ?? 'normal');
