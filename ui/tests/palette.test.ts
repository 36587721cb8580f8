import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import type { ActionOffer } from '../src/api/gen';
import { cliOfAction, cliOfRoute, quoted } from '../src/app/cli';
import { BINDINGS } from '../src/app/keys';
import { passing, UNDO_MS } from '../src/app/passing.svelte';
import { HOME } from '../src/app/route';
import type { Session } from '../src/app/session.svelte';
import { score } from '../src/frame/palette/match';
import { prefs } from '../src/live/prefs.svelte';
import { text } from '../src/text/en';
import { ActionController } from '../src/views/inspector/action.svelte';
import { accessible, asked, open, settle } from './window';

const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });
const lines = () => screen.getAllByTestId('palette-item').map((line) => line.textContent ?? '');

async function palette(typed = '') {
  await key('k', { ctrlKey: true });
  await settle();
  await settle();
  if (typed) await userEvent.type(screen.getByTestId('palette-input'), typed);
  await settle(160);
}

describe('matching', () => {
  it('wants every word, in any order, and likes the beginnings of words', () => {
    expect(score('sil che', 'Silence “LatencyBudgetBurn” checkout')).not.toBeNull();
    expect(score('sil zzz', 'Silence checkout')).toBeNull();
    expect(score('gtal', 'Go to Alerts')).not.toBeNull();
    expect(score('al', 'Go to Alerts')!).toBeGreaterThan(score('al', 'Total')!);
  });
});

describe('the command line twin', () => {
  it('is what a shell takes', () => {
    expect(quoted("it's")).toBe(String.raw`'it'\''s'`);
    expect(cliOfAction('ci/run/a b', 'rerun', true)).toBe("qd act 'ci/run/a b' rerun --set …");
    expect(cliOfRoute({ ...HOME, view: 'alerts', query: 'age:<2h', all: true })).toBe("qd alerts --filter 'age:<2h' --all");
    expect(cliOfRoute({ ...HOME, view: 'settings' })).toBeNull();
  });
});

describe('the key table', () => {
  it('has a sentence for every entry, and no key twice', () => {
    const keys = BINDINGS.flatMap(({ press, intent }) => (intent ? press : []));
    expect(new Set(keys).size).toBe(keys.length);
    for (const { name } of BINDINGS) expect(text.keys.does, name).toHaveProperty(name);
  });
});

describe('the palette', () => {
  it('offers what can be done with the open row first, with its effect, its undoing and its twin', async () => {
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await palette();
    expect(lines()[0]).toContain('Silence “LatencyBudgetBurn”');
    const about = screen.getByTestId('palette-about').textContent;
    expect(about).toContain('matching alerts notify nobody');
    expect(about).toContain('Can be undone');
    expect(about).toContain('qd act alerts/alert/4f5e6d silence');
    await key('Enter');
    await settle(50);
    expect(screen.getByTestId('action-form')).toBeTruthy();
  });

  it('offers no Enter on what cannot be done now, and says why instead', async () => {
    await open('#/overview');
    await palette('address of its page');
    expect(screen.getByTestId('palette-blocked').textContent).toBe('Not now: no row is open');
    expect(screen.getByTestId('palette-about').textContent).not.toContain(text.palette.run);
    await key('Enter');
    expect(screen.getByTestId('palette'), 'Enter does nothing').toBeTruthy();
  });

  it('finds views, settings, saved views, connections, services and rows by text, and goes there', async () => {
    await open('#/overview');
    await palette('ledger');
    expect(lines().some((line) => line.startsWith('ledger') && line.includes('service'))).toBe(true);
    expect(lines().some((line) => line.includes('DiskAlmostFull'))).toBe(true);
    await userEvent.clear(screen.getByTestId('palette-input'));
    await userEvent.type(screen.getByTestId('palette-input'), 'payments watch');
    await key('Enter');
    await settle();
    expect(location.hash).toBe('#/alerts?q=service%3Acheckout');
  });

  it('sets a setting, and writes it to the file', async () => {
    const { host } = await open('#/overview');
    await palette('theme dark');
    await key('Enter');
    await settle();
    expect(asked(host, 'setting_save')).toEqual([{ key: 'window.theme', value: 'dark' }]);
    prefs.set('window.theme', 'system');
  });

  it('follows a link and refuses another', async () => {
    await open('#/overview');
    await palette();
    await userEvent.click(screen.getByTestId('palette-input'));
    await userEvent.paste('quarterdeck://view/tickets?q=x');
    await key('Enter');
    await settle();
    expect(location.hash).toBe('#/tickets?q=x');
    await palette();
    await userEvent.paste('quarterdeck://act/x');
    await key('Enter');
    await settle();
    expect(location.hash).toBe('#/tickets?q=x');
    expect(screen.getByTestId('passing').textContent).toContain('leads to nothing');
  });

  it.each(['normal', 'loading', 'error', 'offline'] as const)('works while %s', async (scenario) => {
    await open('#/alerts', scenario);
    await palette('connections');
    expect(lines().some((line) => line.includes('Go to Connections'))).toBe(true);
    await accessible(`palette ${scenario}`);
    await key('Escape');
    await settle();
    expect(screen.queryByTestId('palette')).toBeNull();
  });

  it('begins a silence that belongs to no row', async () => {
    await open('#/overview');
    await palette('new silence');
    expect(lines()[0]).toContain('New silence');
    await key('Enter');
    await settle(100);
    expect(location.hash).toBe('#/alerts?tab=silences');
    expect(screen.getByTestId('action-form').textContent).toContain('New silence');
  });

  it('finds only services by Ctrl+P', async () => {
    await open('#/alerts');
    await key('p', { ctrlKey: true });
    await settle();
    await settle();
    expect(lines().length).toBeGreaterThan(3);
    for (const line of screen.getAllByTestId('palette-item')) expect(line.dataset.kind).toBe('service');
  });
});

describe('a saved view', () => {
  it('is named, listed, renamed and deleted', async () => {
    const { host } = await open('#/tickets?q=search&group=type');
    await userEvent.click(screen.getByTestId('views-menu'));
    await userEvent.click(screen.getByTestId('saved-add'));
    await userEvent.type(screen.getByTestId('save-view-name'), 'Typos');
    await accessible('save view');
    await userEvent.click(screen.getByTestId('save-view-save'));
    await settle();
    expect(asked(host, 'view_save')).toEqual([{ name: 'Typos', view: 'tickets', query: 'search', all: false, form: 'group=type', replaces: null }]);
    expect(screen.getByTestId('views-menu').textContent).toContain('Typos');
    await userEvent.click(screen.getByTestId('views-menu'));
    await accessible('views menu');
    await userEvent.click(within(screen.getAllByTestId('saved-view').at(-1)!.parentElement!).getByTestId('saved-remove'));
    await settle();
    expect(asked(host, 'view_remove')).toEqual([{ name: 'Typos' }]);
  });

  it('is shown again as it was: what it is grouped by, and which charts are tables', async () => {
    const { host } = await open('#/charts?tab=week&tables=alerts');
    await userEvent.click(screen.getByTestId('views-menu'));
    await userEvent.click(screen.getByTestId('saved-add'));
    await userEvent.type(screen.getByTestId('save-view-name'), 'The week');
    await userEvent.click(screen.getByTestId('save-view-save'));
    await settle();
    expect(asked(host, 'view_save').at(-1)).toMatchObject({ view: 'charts', query: '', form: 'tab=week&tables=alerts' });
    await userEvent.click(screen.getByTestId('views-menu'));
    await userEvent.click(screen.getByText('By severity'));
    await settle();
    expect(location.hash).toBe('#/alerts?group=severity');
    await userEvent.click(screen.getByTestId('views-menu'));
    await userEvent.click(screen.getByText('The week'));
    await settle();
    expect(location.hash).toBe('#/charts?tab=week&tables=alerts');
  });

  it('of a name that is taken says so and keeps the form', async () => {
    await open('#/tickets?q=search');
    await userEvent.click(screen.getByTestId('views-menu'));
    await userEvent.click(screen.getByTestId('saved-add'));
    await userEvent.type(screen.getByTestId('save-view-name'), 'Payments watch');
    await userEvent.click(screen.getByTestId('save-view-save'));
    await settle();
    expect(screen.getByTestId('save-view').textContent).toContain('already');
  });
});

describe('settings', () => {
  it('show their origin, are searched, changed, put back, and say why a value does not fit', async () => {
    const { host } = await open('#/settings');
    const ceiling = screen.getByTestId('setting-polling.budget_percent');
    expect(within(ceiling).getByTestId('origin').textContent).toContain('config.toml:12');
    await accessible('settings');
    const field = within(ceiling).getByRole('spinbutton');
    await fireEvent.change(field, { target: { value: '140' } });
    await settle();
    expect(ceiling.textContent).toContain('must be a whole number');
    await userEvent.click(within(ceiling).getByRole('button', { name: 'Back to the default: Request ceiling' }));
    await settle();
    expect(asked(host, 'setting_save').at(-1)).toEqual({ key: 'polling.budget_percent', value: null });
    expect(within(ceiling).getByTestId('origin').textContent).toContain('default');
    await userEvent.type(screen.getByTestId('filter'), 'retention');
    await settle(150);
    expect(screen.queryByTestId('setting-window.theme')).toBeNull();
    expect(screen.getByTestId('setting-history.retention_days')).toBeTruthy();
  });
});

describe('what was done', () => {
  it('is undone by Ctrl+Z where the source can', async () => {
    const { host } = await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle(50);
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await userEvent.click(screen.getByTestId('action-send'));
    await settle(50);
    expect(screen.getByTestId('undo')).toBeTruthy();
    expect(screen.getByTestId('passing').textContent, 'which one is told').toContain('ilence was sent: alertname="');
    await fireEvent.pointerEnter(screen.getByTestId('passing'));
    await accessible('undo');
    await key('z', { ctrlKey: true });
    await settle(50);
    expect(asked(host, 'undo')).toEqual([{ target: 'alerts/alert/4f5e6d', key: asked(host, 'act')[0]?.idempotency_key }]);
    expect(screen.getByTestId('passing').textContent, 'in the words of what was done').toMatch(/ilence was undone: alertname="/);
  });

  it('is named by the conditions it goes by, else by its target, else by what was chosen', () => {
    const check = (kind: string, value: string, title: string, expected: string) => {
      // Nothing is asked of the core here.
      const action = new ActionController({} as Session, 'tickets/ticket/1', {} as ActionOffer, 1, {}, title);
      action.form = { offer: {} as ActionOffer, fields: [{ key: 'k', label: '', help: '', kind, required: true, value: '', choices: [{ value: '5', label: 'Closed' }] }] };
      action.args = { k: value };
      expect(action.what).toBe(expected);
    };
    check('matchers', 'a="1"\nb="2"', 'LatencyBudgetBurn', 'a="1", b="2"');
    check('choice', '5', 'Checkout is slow', 'Checkout is slow');
    check('choice', '5', '', 'Closed');
    check('text', 'x', '', '');
  });

  it('is called back by the key after its line has gone, and undone by the next', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const undone = vi.fn(() => Promise.resolve('It is as it was.'));
      // What is undone here needs none.
      const session = {} as Session;
      passing.clear();
      passing.offerUndo('Silence was sent.', undone);
      await vi.advanceTimersByTimeAsync(UNDO_MS + 1);
      expect([passing.word, passing.undoable]).toEqual(['', null]);
      await passing.undo(session);
      expect([passing.word, undone.mock.calls.length], 'nothing is undone unseen').toEqual(['Silence was sent.', 0]);
      await passing.undo(session);
      expect([passing.word, undone.mock.calls.length]).toEqual(['It is as it was.', 1]);
      await vi.advanceTimersByTimeAsync(UNDO_MS + 1);
      await passing.undo(session);
      expect([passing.word, undone.mock.calls.length], 'once').toEqual(['There is nothing to undo.', 1]);
    } finally {
      vi.useRealTimers();
      passing.clear();
    }
  });

  it('to production is held, or confirmed by a second Enter; a repeated key is no second one', async () => {
    const { host } = await open('#/deployments?open=gh%2Fdeployment%2Facme%2Fcheckout%2Fprod-eu');
    await settle();
    await userEvent.click(screen.getByTestId('action-redeploy'));
    await settle(50);
    const hold = screen.getByTestId('action-hold');
    expect(screen.getByTestId('action-form').textContent).toContain('cannot be undone');
    await accessible('production');
    hold.focus();
    await fireEvent.pointerDown(hold, { button: 0 });
    await fireEvent.pointerUp(hold);
    await fireEvent.keyDown(hold, { key: 'Enter' });
    await fireEvent.keyDown(hold, { key: 'Enter', repeat: true });
    expect(asked(host, 'act')).toEqual([]);
    await fireEvent.keyDown(hold, { key: 'Enter' });
    await settle(50);
    expect(asked(host, 'act')).toHaveLength(1);
  });

  it('is copied as a link', async () => {
    const writeText = vi.fn(async () => undefined);
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await key('y');
    await settle();
    expect(writeText).toHaveBeenCalledWith('quarterdeck://alert/alerts/alert/4f5e6d');
    await key('Y', { shiftKey: true });
    await settle();
    expect(writeText).toHaveBeenLastCalledWith('https://github.example/alerts/alert/4f5e6d');
  });
});
