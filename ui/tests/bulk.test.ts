import { fireEvent, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { redact } from '../src/text/redact';
import { accessible, asked, open, settle } from './window';

const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });

describe('several rows', () => {
  it('are selected by keys, silenced each by itself, and each answer is shown', async () => {
    const { host } = await open('#/alerts');
    await screen.findAllByTestId('row');
    await key('j');
    await key('x');
    await key('J', { shiftKey: true });
    await key('J', { shiftKey: true });
    await settle();
    await settle();
    expect(screen.getByTestId('bulk-bar').textContent).toContain('3 selected');
    await userEvent.click(screen.getByTestId('bulk-silence'));
    await settle(20);
    expect(screen.queryByTestId('bulk-field-matchers'), 'each keeps its own matchers').toBeNull();
    await userEvent.type(screen.getByTestId('bulk-field-comment'), 'known');
    const act = host.call.bind(host);
    host.call = (command, payload) => (command === 'act' && (payload as { target: string }).target.endsWith('4f5e6e') ? Promise.reject({ code: 'stale_view', message: 'it changed since you saw it', trace_id: 't' }) : act(command, payload));
    await userEvent.click(screen.getByTestId('bulk-send'));
    await settle(50);
    const sent = asked(host, 'act');
    expect(sent.map(({ target }) => target)).toEqual(['alerts/alert/4f5e6d', 'alerts/alert/4f5e6f']);
    expect(new Set(sent.map(({ idempotency_key }) => idempotency_key)).size).toBe(2);
    expect((sent[0] as { args: Record<string, string> }).args).toMatchObject({ comment: 'known' });
    expect((sent[0] as { args: Record<string, string> }).args.matchers).toContain('LatencyBudgetBurn');
    expect(screen.getByTestId('bulk-done').textContent).toBe('2 were accepted, 1 was not.');
    expect(screen.getAllByTestId('bulk-row')[1]?.textContent).toContain('it changed since you saw it');
  });

  it('are all selected by Ctrl A, where rows can be, and no text of the page is', async () => {
    await open('#/alerts');
    await screen.findAllByTestId('row');
    expect(await key('a', { ctrlKey: true }), 'the page does not select its text').toBe(false);
    await settle();
    const rows = screen.getAllByTestId('row');
    expect(rows.every((row) => row.classList.contains('picked'))).toBe(true);
    expect(screen.getByTestId('bulk-bar').textContent).toMatch(/^\d+ selected/);
    await key('Escape');
    screen.getByTestId('filter').focus();
    expect(await key('a', { ctrlKey: true }), 'a field selects its own').toBe(true);
  });

  it('select nothing where none can be selected', async () => {
    await open('#/overview');
    await screen.findAllByTestId('row');
    expect(await key('a', { ctrlKey: true })).toBe(false);
    await settle();
    expect(screen.queryByTestId('bulk-bar')).toBeNull();
  });

  it('can be let go by Escape', async () => {
    await open('#/tickets');
    await key('j');
    await key('x');
    await settle();
    expect(screen.getByTestId('bulk-bar')).toBeTruthy();
    await accessible('selection');
    await key('Escape');
    await settle();
    expect(screen.queryByTestId('bulk-bar')).toBeNull();
  });
});

describe('details of a banner', () => {
  it('are copied with ids and causes', async () => {
    const writeText = vi.fn(async (_: string) => undefined);
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
    await open('#/alerts', 'partial');
    await userEvent.click(screen.getByTestId('copy-partial'));
    await settle();
    expect(writeText.mock.calls[0]?.[0]).toContain('alerts (alertmanager 0.28.1): unreachable');
    expect(writeText.mock.calls[0]?.[0]).toContain('cause: connection refused');
  });

  it.each([
    ['GET https://ana:hunter2@git.example/x?private_token=hunter2 failed', 'GET https://[removed]@git.example/x?[removed] failed'],
    ['Authorization: Bearer hunter2', 'Authorization: [removed]'],
    ['token=hunter2; trace a1b2c3d4', 'token=[removed]; trace a1b2c3d4'],
    ['ghp_0123456789abcdef was rejected', '[removed] was rejected'],
    ['alerts/alert/4f5e6d: connection refused', 'alerts/alert/4f5e6d: connection refused'],
  ])('hold no secret: %s', (told, kept) => expect(redact(told)).toBe(kept));
});
