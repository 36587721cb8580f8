import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import { accessible, asked, open, settle } from './window';

const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });
const during = () => new URLSearchParams(location.hash.split('?')[1]).get('during');

describe('the watch strip', () => {
  it('is there on every view, small, and says what its quarter of an hour holds', async () => {
    await open('#/connections');
    const strip = screen.getByTestId('strip');
    expect(strip.getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d–\d\d:\d\d: /);
    expect(strip.querySelectorAll('*').length).toBeLessThan(60);
  });

  it('is hatched and tells no time until the core has told what it is', async () => {
    await open('#/overview', 'loading');
    const strip = screen.getByTestId('strip');
    expect(strip.getAttribute('aria-valuetext')).toBe('not known yet');
    expect([...strip.querySelectorAll('text')].map((hour) => hour.textContent)).toEqual([]);
    expect(strip.querySelector('path[fill*="hatch"]')?.getAttribute('d')).toMatch(/^M0 /);
  });

  it('narrows every view to what the keys select, and widens again', async () => {
    const { host } = await open('#/alerts');
    screen.getByTestId('strip').focus();
    for (const press of ['ArrowLeft', 'ArrowLeft']) await key(press);
    await key('ArrowLeft', { shiftKey: true });
    await key('Enter');
    await settle();
    const [from = '', to = ''] = during()?.split('..') ?? [];
    expect(Date.parse(to) - Date.parse(from), 'two quarters of an hour').toBe(30 * 60_000);
    expect(asked(host, 'board').at(-1)).toMatchObject({ query: `during:${from}..${to}` });
    expect(asked(host, 'happened').at(-1)).toMatchObject({ from, to, query: '' });
    await accessible('a selected window');
    await key('Escape');
    await settle();
    expect(during()).toBeNull();
  });

  it('is moved and widened from anywhere, and opens as a table', async () => {
    await open('#/overview');
    await key('[');
    await settle();
    const first = during();
    await key('[');
    await key('{');
    await settle();
    expect(during()).not.toBe(first);
    await fireEvent.click(screen.getByTestId('window-list'));
    await settle();
    const table = screen.getByTestId('strip-table');
    expect(within(table).getAllByRole('row').length).toBeGreaterThan(1);
    await accessible('the strip as a table');
  });

  it('says of a window that was not counted to its end that there is at least so much', async () => {
    const { host } = await open('#/alerts');
    const answer = host.call.bind(host);
    let at_least = true;
    host.call = async (command, payload) => (command === 'happened' ? { ...((await answer(command, payload)) as object), at_least } : answer(command, payload));
    await key('[');
    await key('{');
    await settle();
    await settle();
    const counts = () => within(screen.getByTestId('window-counts')).getAllByRole('button').map(({ textContent }) => textContent.trim());
    for (const counted of counts()) expect(counted).toMatch(/^At least \d/);
    at_least = false;
    host.ring();
    await settle();
    for (const counted of counts()) expect(counted).toMatch(/^\d/);
  });

  it('shows a moment: every view as of then, and the strip keeps its place', async () => {
    const { host } = await open('#/alerts');
    screen.getByTestId('strip').focus();
    for (let step = 0; step < 4; step += 1) await key('ArrowLeft');
    await key(' ');
    await settle();
    expect(asked(host, 'board').at(-1)?.as_of).toMatch(/:00Z$/);
    expect(screen.getByTestId('banner-past')).toBeTruthy();
  });

  it('closes what it tells with the address, and when the focus leaves it', async () => {
    await open('#/alerts');
    const told = () => screen.queryByTestId('strip-told');
    const point = async () => {
      await fireEvent.pointerMove(screen.getByTestId('strip'), { clientX: 10 });
      expect(told()).not.toBeNull();
    };
    await point();
    await key('g');
    await key('t');
    await settle();
    expect(told()).toBeNull();
    await point();
    screen.getByTestId('strip').focus();
    screen.getByTestId('strip').blur();
    await settle();
    expect(told()).toBeNull();
  });

  it('that was left asks nobody any more, though it had heard the bell', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { host, unmount } = await open('#/overview');
    host.ring();
    await settle();
    unmount();
    const before = asked(host, 'strip').length;
    await settle(1_700);
    expect(asked(host, 'strip')).toHaveLength(before);
    expect(warn.mock.calls.flat().filter((said) => String(said).includes('derived_inert')), 'nor reads what is gone').toEqual([]);
    warn.mockRestore();
  });
});

describe('what narrows all views', () => {
  it('stays from view to view and is a part of every question', async () => {
    const { host } = await open('#/alerts?scope=service%3Acheckout&env=prod-eu');
    expect(asked(host, 'board').at(-1)).toMatchObject({ query: 'service:checkout env:prod-eu' });
    expect(asked(host, 'strip').at(-1)).toMatchObject({ query: 'service:checkout env:prod-eu' });
    await key('g');
    await key('t');
    await settle();
    expect(location.hash).toBe('#/tickets?scope=service%3Acheckout&env=prod-eu');
  });

  it('is picked from lists of what is known', async () => {
    await open('#/alerts');
    await fireEvent.click(screen.getByTestId('narrow-scope'));
    await settle();
    await fireEvent.click(screen.getByRole('button', { name: 'ledger' }));
    await settle();
    expect(location.hash).toBe('#/alerts?scope=service%3Aledger');
    for (const row of screen.getAllByTestId('row')) expect(row.textContent).toContain('ledger');
  });
});

describe('panes', () => {
  it('are cycled by F6, in both directions', async () => {
    await open('#/alerts');
    const panes: (string | undefined)[] = [];
    for (let step = 0; step < 5; step += 1) {
      await key('F6');
      panes.push(document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane);
    }
    expect(panes).toEqual(['rail', 'context', 'strip', 'view', 'status']);
    await key('F6', { shiftKey: true });
    expect(document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset.pane).toBe('view');
  });
});
