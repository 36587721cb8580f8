import { screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { asked, open, settle } from './window';

const PATIENCE = { timeout: 4_000 };

describe('a click outside the window', () => {
  it('leads to what it is about, and is followed once', async () => {
    const { host } = await open('#/overview');
    const id = host.rows.alert[0]!.id;
    host.arrivals.push({ route: `#/alerts?open=${encodeURIComponent(id)}`, verb: null, refused: null });
    host.ring();
    await settle(20);
    expect(location.hash).toBe(`#/alerts?open=${encodeURIComponent(id)}`);
    expect(await screen.findByTestId('inspector', undefined, PATIENCE)).toBeTruthy();
    expect(screen.queryByTestId('action-form')).toBeNull();
    location.hash = '#/tickets';
    host.ring();
    await settle(20);
    expect(location.hash).toBe('#/tickets');
  });

  it('on a button opens the form and sends nothing', async () => {
    const { host } = await open('#/overview');
    const id = host.rows.alert[0]!.id;
    host.arrivals.push({ route: `#/alerts?open=${encodeURIComponent(id)}`, verb: 'silence', refused: null });
    host.ring();
    expect(await screen.findByTestId('action-form', undefined, PATIENCE)).toBeTruthy();
    await settle();
    expect(asked(host, 'action_form')).toHaveLength(1);
    expect(asked(host, 'act'), 'a person sends it').toEqual([]);
  });

  it('on a link that leads nowhere says why, and stays', async () => {
    const { host } = await open('#/tickets');
    host.arrivals.push({ route: '', verb: null, refused: 'the link leads to nothing this window can show' });
    host.ring();
    expect(await screen.findByText('The link is not followed: the link leads to nothing this window can show.', undefined, PATIENCE)).toBeTruthy();
    expect(location.hash).toBe('#/tickets');
  });

  it('that was left before the window listened is followed at its start', async () => {
    const { host } = await open('#/overview');
    expect(asked(host, 'arrival').length).toBeGreaterThan(0);
  });
});
