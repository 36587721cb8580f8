import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { clock } from '../src/live/clock.svelte';
import { FakeHost } from '../src/host/fake/fake';
import { asked, open, settle } from './window';

describe('the demo', () => {
  it('says so on every view: in the bar, in the title and all round', async () => {
    await open('#/alerts', 'demo');
    expect(document.title).toBe('DEMO · Alerts · Quarterdeck');
    expect(screen.getByTestId('demo-bar').textContent).toContain('DEMO');
    expect(document.querySelector('.frame.demo')).not.toBeNull();
  });

  it('is not there in the real thing', async () => {
    await open('#/alerts', 'normal');
    expect(screen.queryByTestId('demo-bar')).toBeNull();
    expect(document.querySelector('.frame.demo')).toBeNull();
    expect(document.title).toBe('Alerts · Quarterdeck');
  });

  it('plays, hurries and stops', async () => {
    const { host } = await open('#/overview', 'demo');
    screen.getByTestId('demo-play').click();
    await settle();
    expect(screen.getByTestId('demo-play').textContent).toContain('Pause');
    within(screen.getByTestId('demo-speed')).getByText('×60').click();
    await settle();
    screen.getByTestId('demo-play').click();
    await settle();
    expect(asked(host, 'demo_control')).toEqual([
      { playing: true, speed: null, chapter: null },
      { playing: null, speed: 60, chapter: null },
      { playing: false, speed: null, chapter: null },
    ]);
  });

  it('is one tab stop of chapters which the arrows walk and Enter opens', async () => {
    const { host } = await open('#/overview', 'demo');
    const present = screen.getByTestId('demo-chapter-alert');
    expect(present.getAttribute('aria-current')).toBe('step');
    present.focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(screen.getByTestId('demo-chapter-tickets'));
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(asked(host, 'demo_control')).toEqual([{ playing: null, speed: null, chapter: 'tickets' }]);
    expect(screen.getByTestId('demo-chapter-tickets').getAttribute('aria-current')).toBe('step');
  });

  it('begins with the focus on the list', async () => {
    await open('#/overview', 'demo');
    await settle();
    expect(document.activeElement).toBe(screen.getByTestId('list'));
  });

  it('can be left', async () => {
    const { host } = await open('#/overview', 'demo');
    screen.getByTestId('demo-leave').click();
    expect(asked(host, 'demo_leave')).toHaveLength(1);
  });
});

describe('the first start', () => {
  it('gives the focus on to the list as soon as there is one', async () => {
    const { host } = await open('#/overview', 'unset');
    expect(document.activeElement).toBe(screen.getByTestId('first-demo'));
    const full = new FakeHost('normal');
    Object.assign(host, { sources: full.sources, rows: full.rows });
    host.ring();
    await settle();
    await settle();
    expect(document.activeElement).toBe(screen.getByTestId('list'));
  });

  it('offers the demo first, with the focus on it', async () => {
    const { host } = await open('#/overview', 'unset');
    const choices = within(screen.getByTestId('empty-unset')).getAllByRole('button').map((button) => button.dataset.testid);
    expect(choices).toEqual(['first-demo', 'first-connection']);
    expect(document.activeElement).toBe(screen.getByTestId('first-demo'));
    await userEvent.keyboard('{Enter}');
    expect(asked(host, 'demo_enter')).toHaveLength(1);
  });
});

describe('the clock of a demo', () => {
  const told = '2026-11-19T13:24:00.000Z';

  it('stands while the demo stands', async () => {
    clock.align(told, 0);
    const stop = clock.start();
    await settle(30);
    stop();
    expect(new Date(clock.now).toISOString()).toBe(told);
  });

  it('hurries with the demo', async () => {
    clock.align(told, 60);
    await settle(60);
    const stop = clock.start();
    stop();
    expect(clock.now - Date.parse(told)).toBeGreaterThanOrEqual(60 * 50);
  });
});
