import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { router } from '../src/app/router.svelte';
import { prefs } from '../src/live/prefs.svelte';
import { accessible, asked, open, settle } from './window';

const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });

describe('the filter', () => {
  it('goes into the address, and the address into the question', async () => {
    const { host } = await open('#/alerts');
    await userEvent.type(screen.getByTestId('filter'), 'service:ledger');
    await settle(200);
    expect(location.hash).toBe('#/alerts?q=service%3Aledger');
    expect(asked(host, 'board').at(-1)).toMatchObject({ kind: 'alert', query: 'service:ledger', offset: 0 });
    for (const row of screen.getAllByTestId('row')) expect(row.textContent).toContain('ledger');
  });

  it('is read from the address, and cleared with one button when nothing matches', async () => {
    await open('#/tickets?q=zzzz');
    expect((screen.getByTestId('filter') as HTMLInputElement).value).toBe('zzzz');
    await userEvent.click(within(screen.getByTestId('empty-filtered')).getByRole('button'));
    await settle();
    expect(location.hash).toBe('#/tickets');
    expect(screen.getAllByTestId('row').length).toBeGreaterThan(1);
  });

  it('keeps the focus in the list though there is none for a moment', async () => {
    await open('#/deployments');
    screen.getByTestId('matrix').focus();
    router.change({ query: 'service:' });
    await settle(200);
    router.change({ query: 'zzzz' });
    await settle(200);
    expect(screen.queryByTestId('matrix')).toBeNull();
    router.change({ query: 'service:checkout' });
    await settle(200);
    expect(document.activeElement).toBe(screen.getByTestId('matrix'));
  });

  it('that asks for a time in which nobody read says that nothing is known of it', async () => {
    await open('#/tickets?q=zzzz&during=2020-01-01T00:00:00Z..2020-01-01T01:00:00Z');
    expect(screen.getByTestId('empty-filtered').textContent).toMatch(/Nothing is known of “.*zzzz”: nobody read it in that time/);
  });

  it('that cannot be read says why, and keeps the rows', async () => {
    await open('#/alerts');
    await userEvent.type(screen.getByTestId('filter'), 'state:"x');
    await settle(200);
    expect(screen.getByTestId('banner-filter').textContent).toContain('a quote is opened and never closed');
    expect(screen.getAllByTestId('row').length).toBeGreaterThan(1);
    expect(screen.getByTestId('banner-filter').textContent, 'and whose they are').toContain('Rows and totals are those of the filter before.');
  });

  it('that can never be read has no rows to speak of', async () => {
    await open(`#/alerts?q=${encodeURIComponent('state:"x')}`);
    expect(screen.getByTestId('banner-filter').textContent).not.toContain('filter before');
  });

  it.each(['overview', 'pipelines', 'deployments', 'alerts', 'tickets', 'charts'])('that can never be read is no reason for %s to say what is known', async (view) => {
    await open(`#/${view}?q=${encodeURIComponent('state:"x')}`);
    const empty = screen.getByTestId('empty-mistake');
    expect(empty.textContent).toContain('Nothing to show: the filter cannot be read.');
    await userEvent.click(within(empty).getByRole('button'));
    await settle();
    expect(location.hash).toBe(`#/${view}`);
    expect(screen.queryByTestId('empty-mistake')).toBeNull();
  });

  it('that cannot be read after one that nothing matches speaks of no rows', async () => {
    await open('#/overview?q=zzzz');
    await userEvent.type(screen.getByTestId('filter'), ' state:"x');
    await settle(200);
    expect(screen.getByTestId('empty-mistake')).toBeTruthy();
    expect(screen.getByTestId('banner-filter').textContent).not.toContain('filter before');
  });

  it('that is endless is said back only in part', async () => {
    await open(`#/alerts?q=${encodeURIComponent(`service:${'é'.repeat(3_000)}`)}`);
    await settle(60);
    const said = screen.getByTestId('empty-filtered').textContent;
    expect(said).toMatch(/Nothing matches “service:é+…”/);
    expect(said.length).toBeLessThan(600);
    expect(screen.getByTestId('unheard').textContent.length).toBeLessThan(210);
  });
});

describe('the filter of a view', () => {
  const field = () => screen.getByTestId('filter') as HTMLInputElement;

  it('is kept for it, whichever way one goes and comes back', async () => {
    await open('#/pipelines?q=checkout&all=1');
    await key('g');
    await key('t');
    await settle();
    expect([location.hash, field().value]).toEqual(['#/tickets', '']);
    expect(screen.getByTestId('rail-pipelines').title).toBe('Pipelines, filtered: checkout');
    expect(screen.getByTestId('kept-pipelines')).toBeTruthy();
    await key('g');
    await key('p');
    await settle();
    expect([location.hash, field().value]).toEqual(['#/pipelines?q=checkout&all=1', 'checkout']);
    expect(field().closest('.filter')?.classList, 'that it is on is seen').toContain('on');
    await userEvent.click(screen.getByTestId('rail-alerts'));
    await userEvent.click(screen.getByTestId('rail-pipelines'));
    expect(location.hash).toBe('#/pipelines?q=checkout&all=1');
  });

  it.each(['alerts', 'overview'])('of %s that names what nobody knows is told so where nothing matches', async (view) => {
    await open(`#/${view}?q=service%3Achekcout`);
    await settle(60);
    expect(screen.getByTestId('unheard').textContent).toBe("No service 'chekcout' is known.");
  });

  it('gives way to what one is led to, and stays off when it was cleared', async () => {
    await open('#/alerts?q=ledger');
    await userEvent.click(screen.getByTestId('rail-overview'));
    await settle();
    await userEvent.click(screen.getByTestId('total-firing'));
    await settle();
    expect(field().value).toBe('state:firing');
    await userEvent.click(screen.getByTestId('filter-clear'));
    await userEvent.click(screen.getByTestId('rail-tickets'));
    await userEvent.click(screen.getByTestId('rail-alerts'));
    expect(location.hash).toBe('#/alerts');
  });

  it('is another for each of its parts', async () => {
    await open('#/alerts?tab=silences&q=mara');
    await key('g');
    await key('a');
    await settle();
    expect(location.hash).toBe('#/alerts');
    await key('g');
    await key('s');
    await settle();
    expect(field().value).toBe('mara');
  });
});

describe('the keyboard', () => {
  it('goes to views, moves in lists, inspects and steps back', async () => {
    await open('#/overview');
    await key('g');
    await key('a');
    await settle();
    expect(location.hash).toBe('#/alerts');
    await key('j');
    await key('j');
    await key(' ');
    await settle();
    const second = screen.getAllByTestId('row')[1];
    expect(second?.getAttribute('aria-selected')).toBe('true');
    expect(screen.getByTestId('inspector').textContent).toContain('HttpErrorRatio');
    await key('j');
    await settle();
    await settle();
    expect(screen.getByTestId('inspector').textContent, 'the inspector follows the row').toContain('DiskAlmostFull');
    await key('Escape');
    await settle();
    expect(screen.queryByTestId('inspector')).toBeNull();
  });

  it('reaches the filter, switches the zone, shows its keys', async () => {
    await open('#/pipelines');
    await key('/');
    expect((document.activeElement as HTMLElement).dataset.testid).toBe('filter');
    await key('u');
    expect(screen.getByTestId('zone').textContent, 'letters in a field are text').not.toContain('UTC');
    await key('Escape');
    await key('u');
    await settle();
    expect(screen.getByTestId('zone').textContent).toContain('UTC');
    await key('u');
    await key('?');
    await settle();
    expect(screen.getByTestId('key-sheet')).toBeTruthy();
    await accessible('key sheet');
  });
});

describe('keys and what lies above the list', () => {
  it('of an open popover do not reach the list behind it', async () => {
    const { host } = await open('#/alerts?group=none');
    await userEvent.click(screen.getByTestId('views-menu'));
    await settle();
    expect(document.activeElement?.closest('[data-popover]'), 'it has the focus').not.toBeNull();
    for (const press of ['ArrowDown', 'Enter', '[', 'g', 'd']) await key(press);
    await settle();
    expect(document.activeElement?.closest('[data-popover]')).not.toBeNull();
    expect(location.hash).toBe('#/alerts?group=none');
    expect(document.querySelector('[data-testid="row"][aria-selected="true"]')).toBeNull();
    expect(asked(host, 'entity')).toEqual([]);
    await key('Escape');
    expect(document.activeElement).toBe(screen.getByTestId('views-menu'));
    await key('ArrowDown');
    await settle();
    expect(document.querySelector('[data-testid="row"][aria-selected="true"]')).not.toBeNull();
  });

  it.each(['views-menu', 'window-pick', 'as-of', 'narrow-env'])('%s closes with the view it was opened on', async (popover) => {
    await open('#/alerts');
    await userEvent.click(screen.getByTestId(popover));
    expect(document.querySelector('[data-popover]')).not.toBeNull();
    await key('7', { ctrlKey: true });
    await settle();
    expect(location.hash).toBe('#/charts');
    expect(document.querySelector('[data-popover]')).toBeNull();
  });

  it('that make larger and smaller do so with a dialog open, too', async () => {
    await open('#/alerts');
    await key('?');
    await settle();
    await key('+', { ctrlKey: true });
    expect(prefs.zoom).toBeGreaterThan(1);
    await key('0', { ctrlKey: true });
    expect(prefs.zoom).toBe(1);
    await key('u');
    expect(screen.getByTestId('zone').textContent, 'nothing else behind it moves').not.toContain('UTC');
  });

  it('that step back lead out of the past at last', async () => {
    await open('#/alerts?q=ledger&as-of=2026-11-20T14%3A00%3A00Z');
    screen.getByTestId('list').focus();
    await key('Escape');
    await settle();
    expect(location.hash).toMatch(/^#\/alerts\?as-of=/);
    await key('Escape');
    await settle();
    expect(location.hash).toBe('#/alerts');
  });
});

describe('the inspector', () => {
  it('of what nobody knows says so, once', async () => {
    const { host } = await open('#/overview');
    const answer = host.call.bind(host);
    host.call = (command, payload) => (command === 'entity' ? Promise.reject({ code: 'not_found', message: '“gh/run/x” is not known.', trace_id: null }) : answer(command, payload));
    router.change({ open: 'gh/run/x' });
    await settle();
    await settle();
    const said = screen.getByTestId('inspector').textContent;
    expect(said).toContain('Not found');
    expect(said).toContain('“gh/run/x” is not known.');
    expect(said).not.toMatch(/Loading|\.\./);
  });

  it('shows details, history and, when asked, the log', async () => {
    const { host } = await open('#/pipelines?open=gh%2Frun%2Facme%2Fcheckout%2F9132');
    await settle(450);
    const inspector = screen.getByTestId('inspector');
    expect(inspector.textContent).toContain('First failure');
    expect(inspector.textContent).toContain('cargo nextest run');
    expect(asked(host, 'log'), 'a log is fetched when it is asked for').toEqual([]);
    await userEvent.click(screen.getByTestId('tab-log'));
    await settle();
    expect(screen.getByTestId('log').textContent).toContain('the budget is three');
    await accessible('log');
    await userEvent.click(screen.getByTestId('tab-history'));
    expect(screen.getByTestId('history').textContent).toContain('pending → failure');
  });

  it('opens links by number, never by address, and not those that failed the check', async () => {
    const { host } = await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('link-runbook'));
    expect(asked(host, 'open_link')).toEqual([{ id: 'alerts/alert/4f5e6d', index: 1 }]);
    expect((screen.getByTestId('link-generator') as HTMLButtonElement).disabled).toBe(true);
    expect(document.querySelector('a[href^="http"]')).toBeNull();
  });

  it('does nothing to the past', async () => {
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d&as-of=2026-11-20T14%3A00%3A00Z');
    expect((screen.getByTestId('action-silence') as HTMLButtonElement).disabled).toBe(true);
    expect(screen.getByTestId('banner-past')).toBeTruthy();
  });
});

describe('a silence', () => {
  it('shows what it will hit, is sent once with what was seen, and is answered in the row', async () => {
    const { host } = await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle(350);
    expect(screen.getByTestId('action-preview').textContent).toContain('Will hit 1 alert');
    const send = screen.getByTestId('action-send') as HTMLButtonElement;
    expect(send.disabled, 'a reason is required').toBe(true);
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await accessible('silence form');
    // Enter alone is a new line here.
    await key('Enter');
    await settle(50);
    expect(asked(host, 'act')).toHaveLength(0);
    await key('Enter', { ctrlKey: true });
    await settle(50);
    const [act] = asked(host, 'act');
    expect(act).toMatchObject({ target: 'alerts/alert/4f5e6d', verb: 'silence', seen_seq: 40 });
    expect((act as { args: Record<string, string> }).args.comment).toBe('known');
    expect((act as { idempotency_key: string }).idempotency_key).toMatch(/^[0-9a-f]{32}$/);
    expect(asked(host, 'act')).toHaveLength(1);
    expect(screen.getAllByTestId('action-outcome')[0]?.textContent).toContain('accepted');
    expect(screen.getAllByTestId('row-outcome')[0]?.textContent).toContain('Silence 8c2f created');
  });

  it('that was undone is claimed nowhere any more', async () => {
    await open('#/alerts?group=none&open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle(50);
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await key('Enter', { ctrlKey: true });
    await settle(50);
    expect(screen.getByTestId('inspector').textContent).toContain('Silence 8c2f created');
    await userEvent.click(screen.getByTestId('undo'));
    await settle(50);
    for (const outcome of [...screen.getAllByTestId('action-outcome'), ...screen.getAllByTestId('row-outcome')]) expect(outcome.textContent.trim()).toBe('silence: undone.');
    expect(screen.getByTestId('list').textContent + screen.getByTestId('inspector').textContent).not.toContain('8c2f created');
  });

  it('that would hit nothing readable says why', async () => {
    await open('#/alerts?open=alerts%2Falert%2F4f5e6d');
    await userEvent.click(screen.getByTestId('action-silence'));
    await settle(50);
    await userEvent.clear(screen.getByTestId('action-field-matchers'));
    await settle(350);
    expect(screen.getByTestId('action-preview').textContent).toContain('write name="value"');
  });
});

describe('a connection', () => {
  it('is added from the form of its backend, tested, and saved; the secret goes in and never comes back', async () => {
    const { host } = await open('#/connections');
    await userEvent.click(screen.getByTestId('conn-add'));
    await accessible('backends');
    await userEvent.click(screen.getByTestId('backend-redmine'));
    await userEvent.type(screen.getByTestId('conn-url'), 'http://127.0.0.1:3000');
    expect((screen.getByTestId('conn-save') as HTMLButtonElement).disabled, 'a key is required').toBe(true);
    await userEvent.type(screen.getByTestId('cred-secret'), 'hunter2');
    expect((screen.getByTestId('cred-secret') as HTMLInputElement).type).toBe('password');
    await userEvent.click(screen.getByTestId('conn-test'));
    await settle();
    expect(screen.getByTestId('check-report').dataset.passed).toBe('true');
    await accessible('connection form');
    await userEvent.click(screen.getByTestId('conn-save'));
    await settle();
    expect(asked(host, 'connection_save')[0]).toMatchObject({
      draft: { id: 'redmine', backend: 'redmine', url: 'http://127.0.0.1:3000', credential: 'keychain' }, secret: 'hunter2', session_only: false, replaces: null,
    });
    expect(screen.getByTestId('inspector').textContent).toContain('redmine');
    expect(document.documentElement.outerHTML).not.toContain('hunter2');
    expect(location.href).not.toContain('hunter2');
    expect(JSON.stringify(localStorage)).not.toContain('hunter2');
  });

  it('is tested before it is saved, and once more when it was changed; what failed is saved only when that is asked for', async () => {
    const { host } = await open('#/connections?open=new');
    await userEvent.click(screen.getByTestId('backend-alertmanager'));
    await userEvent.type(screen.getByTestId('conn-url'), 'http://127.0.0.1:9093');
    const answer = host.call.bind(host);
    let passes = false;
    let slow = Promise.resolve();
    const calls: string[] = [];
    host.call = async (command, payload) => {
      if (command.startsWith('connection_')) calls.push(command.replace('connection_', ''));
      const told = await answer(command, payload);
      if (command === 'connection_test') await slow;
      return command === 'connection_test' ? { ...(told as object), passed: passes } : told;
    };
    const save = async () => {
      await userEvent.click(screen.getByTestId('conn-save'));
      await settle();
    };
    await save();
    expect([calls, screen.getByTestId('conn-save').textContent.trim()]).toEqual([['test'], 'Save anyway']);
    await userEvent.type(screen.getByTestId('conn-url'), '/x');
    expect(screen.queryByTestId('check-report'), 'it is of another address').toBeNull();
    await save();
    expect(calls).toEqual(['test', 'test']);
    passes = true;
    await userEvent.type(screen.getByTestId('conn-url'), '/x');
    let release = (): void => undefined;
    slow = new Promise((done) => (release = done));
    await save();
    await userEvent.type(screen.getByTestId('conn-url'), '/y');
    release();
    await settle();
    expect(calls, 'what was changed meanwhile was not tested').not.toContain('save');
    await save();
    expect(calls.at(-1)).toBe('save');
  });

  it('that cannot be tried says what is missing, or cannot be read', async () => {
    await open('#/connections?open=new');
    await userEvent.click(screen.getByTestId('backend-redmine'));
    const save = screen.getByTestId('conn-save') as HTMLButtonElement;
    const reason = screen.getByTestId('conn-reason');
    expect(reason.textContent).toMatch(/^Fill in: Address and .+\.$/);
    for (const button of [save, screen.getByTestId('conn-test')]) expect(button.getAttribute('aria-describedby')).toBe(reason.id);
    await userEvent.type(screen.getByTestId('conn-url'), 'am');
    await userEvent.type(screen.getByTestId('cred-secret'), 'x');
    expect([reason.textContent, save.disabled]).toEqual(['The address needs http:// or https:// and a host.', true]);
    await accessible('a connection that cannot be tried');
    await userEvent.clear(screen.getByTestId('conn-url'));
    await userEvent.type(screen.getByTestId('conn-url'), 'https://am');
    expect([reason.textContent, save.disabled]).toEqual(['', false]);
  });

  it('marks the field that is wrong, and tells of no mistake that was mended', async () => {
    const { host } = await open('#/connections?open=new');
    await userEvent.click(screen.getByTestId('backend-alertmanager'));
    const [url, id] = [screen.getByTestId('conn-url'), screen.getByTestId('conn-id')];
    const reason = () => screen.getByTestId('conn-reason').textContent;
    await userEvent.type(url, 'http://me:secret@127.0.0.1:9093');
    expect(reason()).toContain('must not hold a user name or password');
    expect([url.getAttribute('aria-invalid'), url.getAttribute('aria-describedby')]).toEqual(['true', expect.stringContaining('conn-reason')]);
    await userEvent.clear(url);
    await userEvent.type(url, 'http://127.0.0.1:9093');
    expect([url.getAttribute('aria-invalid'), reason()]).toEqual([null, '']);
    await userEvent.clear(id);
    await userEvent.type(id, 'alerts');
    expect(reason()).toBe('A connection is called “alerts” already. Choose another name.');
    expect(id.getAttribute('aria-invalid')).toBe('true');
    await userEvent.type(id, '2');
    const answer = host.call.bind(host);
    host.call = (command, payload) => (command === 'connection_save' ? Promise.reject({ code: 'config', message: 'refused', trace_id: null }) : answer(command, payload));
    await userEvent.click(screen.getByTestId('conn-save'));
    await settle();
    expect(screen.getByTestId('conn-error').textContent).toContain('refused');
    await userEvent.type(id, '2');
    expect(screen.queryByTestId('conn-error')).toBeNull();
  });

  it('can keep its secret in memory only, or take it by reference', async () => {
    const { host } = await open('#/connections?open=new');
    await userEvent.click(screen.getByTestId('backend-redmine'));
    await userEvent.type(screen.getByTestId('conn-url'), 'http://127.0.0.1:3000');
    await userEvent.selectOptions(screen.getByTestId('conn-credential'), 'session');
    await userEvent.type(screen.getByTestId('cred-secret'), 'x');
    await userEvent.click(screen.getByTestId('conn-test'));
    await userEvent.selectOptions(screen.getByTestId('conn-credential'), 'env');
    expect(screen.queryByTestId('cred-secret')).toBeNull();
    await userEvent.type(screen.getByTestId('cred-env'), 'REDMINE_KEY');
    await userEvent.click(screen.getByTestId('conn-test'));
    await settle();
    const [first, second] = asked(host, 'connection_test');
    expect(first).toMatchObject({ session_only: true, secret: 'x' });
    expect(second).toMatchObject({ session_only: false, secret: null, draft: { credential: 'env:REDMINE_KEY' } });
  });

  it('is removed only after saying what goes with it', async () => {
    const { host } = await open('#/connections?open=alerts');
    await userEvent.click(screen.getByTestId('conn-remove'));
    expect(asked(host, 'connection_remove')).toEqual([]);
    expect(screen.getByTestId('conn-remove-dialog').textContent).toContain('cannot be undone');
    await userEvent.click(screen.getByTestId('conn-remove-confirm'));
    await settle();
    expect(asked(host, 'connection_remove')).toEqual([{ id: 'alerts' }]);
  });
});

describe('hostile text', () => {
  it('is text, with everything invisible made visible', async () => {
    const { host } = await open('#/alerts');
    const [row] = host.rows.alert;
    host.rows.alert = [{ ...row!, title: '<img src=x onerror=alert(1)>\u202Egpj', service: '"><script>x</script>' }];
    host.ring();
    await settle();
    const shown = screen.getByTestId('row');
    expect(shown.textContent).toContain('<img src=x onerror=alert(1)>⟨U+202E⟩gpj');
    expect(shown.querySelector('img, script')).toBeNull();
  });
});

describe('the bell', () => {
  it('shows again at once what was seen only while nothing has changed since', async () => {
    const { host } = await open('#/alerts');
    const answer = host.call.bind(host);
    const leaveAndComeBack = async () => {
      await userEvent.click(screen.getByTestId('rail-settings'));
      await settle();
      host.call = (command, payload) => (command === 'board' ? new Promise(() => undefined) : answer(command, payload));
      await userEvent.click(screen.getByTestId('rail-alerts'));
      await settle();
      const rows = screen.queryAllByTestId('row').length;
      host.call = answer;
      return rows;
    };
    expect(await leaveAndComeBack()).toBeGreaterThan(0);
    await userEvent.click(screen.getByTestId('rail-settings'));
    host.rows.alert = host.rows.alert.slice(0, 1);
    host.ring();
    await settle();
    expect(await leaveAndComeBack(), 'what it said before may be over').toBe(0);
  });

  it('changes a row without a reload, and keeps the rows when the core fails', async () => {
    const { host } = await open('#/alerts');
    host.rows.alert = host.rows.alert.slice(0, 1);
    host.ring();
    await settle();
    expect(screen.getAllByTestId('row')).toHaveLength(1);
    host.call = () => Promise.reject({ code: 'store', message: 'the history is closed', trace_id: 'x' });
    host.ring();
    await settle();
    expect(screen.getAllByTestId('row')).toHaveLength(1);
    expect(screen.getByTestId('banner-error').textContent).toContain('the history is closed');
  });
});
