import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { seenSince, outcomeText } from '../src/text/outcome';
import { countedFrom } from '../src/text/partial';
import { rowWord } from '../src/text/word';
import { Past, alerts, sources, tickets } from '../src/host/fake/world';
import { open, settle } from './window';

const keys = () => screen.getAllByTestId('row').map((row) => row.getAttribute('data-key'));

describe('rows under the pointer', () => {
  it('of a board stay until they are asked for, and the focus goes back to them', async () => {
    const { host } = await open('#/alerts');
    const before = keys();
    await fireEvent.pointerOver(screen.getAllByTestId('row')[2]!);
    host.rows.alert = [{ ...host.rows.alert[0]!, id: 'alerts/alert/new', title: 'BrandNew' }, ...host.rows.alert];
    host.ring();
    await settle();
    expect(keys(), 'nothing moved').toEqual(before);
    const load = screen.getByTestId('load-new');
    load.focus();
    await userEvent.click(load);
    await settle();
    expect(keys()[0]).toBe('alerts/alert/new');
    expect(screen.queryByTestId('load-new')).toBeNull();
    expect(document.activeElement, 'the button is gone').toBe(screen.getByTestId('list'));
  });

  it('of what needs a person stay, and one that needs nobody any more is drawn as old', async () => {
    const { host } = await open('#/overview');
    const needs = () => within(screen.getByTestId('needs-you')).getAllByRole('listitem').map((item) => item.textContent);
    const before = needs();
    await fireEvent.pointerOver(within(screen.getByTestId('needs-you')).getAllByRole('listitem')[0]!);
    host.rows.alert = host.rows.alert.slice(1);
    host.ring();
    await settle();
    expect(needs().length).toBe(before.length);
    expect(within(screen.getByTestId('needs-you')).getAllByRole('listitem')[0]!.className).toContain('stale');
    await fireEvent.click(screen.getByTestId('load-new'));
    await settle();
    expect(needs()[0]).not.toBe(before[0]);
  });
});

describe('an action', () => {
  it('says what is seen once its source shows it, in the same place and with the focus where it was', async () => {
    const { host } = await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle();
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await settle(300);
    await userEvent.click(screen.getByTestId('action-send'));
    await settle();
    await settle();
    const outcome = screen.getAllByTestId('action-outcome')[0]!;
    expect(outcome.textContent).toContain('The row changes when the source shows it.');
    outcome.focus();
    host.rows.alert = host.rows.alert.map((row) => (row.id.endsWith('4f5e6d') ? { ...row, state: 'suppressed', status: 'inactive', acknowledged: true, changed_at: new Date(Date.now() + 5_000).toISOString() } : row));
    host.ring();
    await settle();
    await settle();
    expect(outcome.textContent).toContain('Its source shows it now');
    expect(outcome.textContent).not.toContain('The row changes when');
    expect(document.activeElement).toBe(outcome);
  });

  it('cannot be sent while its preview tells a problem, and says why', async () => {
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle();
    const send = () => screen.getByTestId('action-send') as HTMLButtonElement;
    expect(document.activeElement, 'the first empty field that is required').toBe(screen.getByTestId('action-field-comment'));
    expect([send().disabled, screen.getByTestId('action-reason').textContent]).toEqual([true, 'Fill in: Why.']);
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await settle(300);
    expect([send().disabled, screen.getByTestId('action-reason').textContent]).toEqual([false, '']);
    await userEvent.clear(screen.getByTestId('action-field-matchers'));
    await userEvent.type(screen.getByTestId('action-field-matchers'), 'nonsense');
    await settle(300);
    expect(send().disabled).toBe(true);
    expect(screen.getByTestId('action-reason').textContent).toContain('Cannot be sent: matchers');
  });
});

describe('words', () => {
  it('are those of the field where the status would say too little', () => {
    const past = new Past(Date.now());
    const word = (at: number) => rowWord(alerts(past)[at]!);
    expect([word(0), word(3), word(4), word(6)], 'paging, silenced, for information, inhibited').toEqual([undefined, undefined, 'firing', 'inhibited']);
    const [, started, , , todo] = tickets(past);
    expect([rowWord(started!), rowWord(todo!)]).toEqual(['in progress', 'open']);
  });

  it('of an accepted action change only with the row', () => {
    const row = alerts(new Past(Date.now()))[0]!;
    const action = { key: 'k', target: row.id, verb: 'silence', label: 'Silence', state: 'settled', outcome: 'accepted', message: 'made', undo: null, actor: 'window', proposed_at: row.changed_at, settled_at: row.changed_at };
    expect(seenSince(action, row)).toBeNull();
    expect(outcomeText(action).sentence).toContain('The row changes when the source shows it.');
    const ofSource = outcomeText({ ...action, target: 'alerts' }).sentence;
    expect(ofSource, 'there is no row').toBe('Silence: accepted. Made. What it did shows when “alerts” is read next.');
    const later = { ...row, changed_at: new Date(Date.parse(row.changed_at) + 1_000).toISOString() };
    expect(outcomeText(action, seenSince(action, later)).sentence).toContain('shows it now: firing');
  });

  it('of totals are of now while the views show an earlier moment', async () => {
    await open('#/alerts?as-of=2026-10-10T11:00:00Z');
    expect(screen.getByTestId('totals').textContent.trim()).toMatch(/^Now:/);
    expect(document.querySelector('[data-testid^="rail-"] .badge')).toBeNull();
  });

  it('of totals tell of how many sources they are', async () => {
    const all = sources(new Past(Date.now()));
    const [first, ...rest] = all;
    expect(countedFrom('14 alerts', all)).toBe('14 alerts');
    const down = { ...first!, health: { ...first!.health, current: false } };
    expect(countedFrom('14 alerts', [down, ...rest])).toBe('14 alerts, 3 of 4 sources answering');
    expect(countedFrom('14 alerts', [{ ...down, health: { ...down.health, state: 'paused' } }, ...rest]), 'what is paused is not asked').toBe('14 alerts');
    await open('#/overview', 'partial');
    expect(screen.getByTestId('totals').textContent).toContain('2 of 4 sources');
    await userEvent.click(screen.getByTestId('total-firing'));
    await settle();
    expect(location.hash).toBe('#/alerts?q=state%3Afiring');
  });
});

describe('an alert', () => {
  it('names the deployment that came before it, and leads there', async () => {
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    const likely = screen.getByTestId('likely');
    for (const word of ['v412', '3m before', 'ana', '2 others']) expect(likely.textContent).toContain(word);
    await userEvent.click(screen.getByTestId('likely-open'));
    await settle();
    expect(location.hash).toContain('open=gh%2Fdeployment%2Facme%2Fcheckout%2Fprod-eu');
  });
});
