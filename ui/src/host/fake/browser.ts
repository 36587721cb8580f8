import type { Host } from '../host';
import { FakeHost, SCENARIOS } from './fake';
import { HostileHost } from './hostile';

/**
 * The window in a plain browser: `?scenario=stale&theme=dark&density=compact` picks what it shows and how,
 * `scenario=hostile` fills every text with the next one of `/hostile.json`,
 * `count=100000` makes every list that long,
 * `now=2026-11-21T14:32:00Z` stops the clock there, `locale=pseudo` makes every sentence longer.
 */
const asked = new URLSearchParams(location.search);
const [theme, density, zone] = [asked.get('theme'), asked.get('density'), asked.get('zone')];
if (theme || density || zone) localStorage.setItem('quarterdeck.window', JSON.stringify({ theme, density, zone }));
const now = Date.parse(asked.get('now') ?? '');
if (!Number.isNaN(now)) Date.now = () => now;

async function chosen(): Promise<Host> {
  const scenario = asked.get('scenario');
  if (scenario === 'hostile') return new HostileHost((await (await fetch('/hostile.json')).json()) as string[]);
  return new FakeHost(SCENARIOS.find((name) => name === scenario) ?? 'normal', Date.now(), Number(asked.get('count')) || null);
}

export const host = await chosen();

// For looking at what happens when something changes: `fakeHost.ring()` in the console.
Object.assign(globalThis, { fakeHost: host });
