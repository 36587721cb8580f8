import { fireEvent, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { router } from '../src/app/router.svelte';
import { isSubject } from '../src/app/target';
import type { FakeHost } from '../src/host/fake/fake';
import { accessible, asked, open, settle } from './window';

const ALERT = 'alerts/alert/4f5e6d';
const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });
const on = (subject: string, more = '') => `#/alerts?open=${encodeURIComponent(subject)}${more}`;
const field = () => screen.getByTestId<HTMLTextAreaElement>('note-text');
const texts = () => screen.queryAllByTestId('note').map((note) => note.querySelector('.text')?.textContent);

/** One command fails from now on. */
function fail(host: FakeHost, failing: string, message: string) {
  const call = host.call.bind(host);
  host.call = (command, payload) => (command === failing ? Promise.reject({ code: 'store', message, trace_id: 't' }) : call(command, payload));
}

describe('notes', () => {
  it('stand in the inspector newest first, with author and age, and say which are of an earlier firing', async () => {
    await open(on(ALERT));
    await settle();
    const notes = screen.getAllByTestId('note');
    expect(screen.getByText('Notes (2)')).toBeTruthy();
    expect(notes.map((note) => note.querySelector('b')?.textContent)).toEqual(['lee', 'mara']);
    expect(notes[0]?.textContent).not.toContain('before this firing');
    expect(notes[1]?.textContent).toContain('before this firing');
    expect(within(notes[1]!).getByText('6d').tagName).toBe('TIME');
    await accessible('notes');
  });

  it('are calm when there are none', async () => {
    await open(on('alerts/alert/4f5e6e'));
    await settle();
    expect(screen.getByTestId('notes-none').textContent).toBe('None yet. A note stays on this machine.');
    expect(screen.queryByTestId('note-text')).toBeNull();
    await accessible('no notes');
  });

  it('are begun by n on the current row, added by Ctrl Enter, and marked on the row', async () => {
    const { host } = await open('#/alerts');
    await screen.findAllByTestId('row');
    await key('j');
    await key('j');
    await key('n');
    await settle();
    await settle();
    expect(router.route.open).toBe('alerts/alert/4f5e6e');
    expect(document.activeElement).toBe(field());
    expect(field().labels[0]?.textContent).toBe('New note');
    expect(screen.getByTestId('notes').textContent).toContain('Stays on this machine, signed ana');
    await accessible('writing a note');
    await userEvent.keyboard('drained node 3{Enter}back at 9');
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await settle(20);
    await settle();
    expect(asked(host, 'note_add')).toEqual([{ subject: 'alerts/alert/4f5e6e', text: 'drained node 3\nback at 9' }]);
    expect(texts()).toEqual(['drained node 3\nback at 9']);
    expect(field().value).toBe('');
    expect(document.activeElement, 'another one can be written at once').toBe(field());
    const row = document.querySelector('[data-key="alerts/alert/4f5e6e"]');
    expect(row?.querySelector('[data-testid="note-mark"]')?.textContent).toBe('1 note');
    await userEvent.type(field(), 'and another');
    await userEvent.click(screen.getByTestId('note-add'));
    await settle(20);
    await settle();
    expect(texts()[0]).toBe('and another');
    expect(document.activeElement, 'a button that cannot be pressed keeps no focus').toBe(field());
  });

  it('stay in the field when they could not be kept, and when another row is looked at meanwhile', async () => {
    const { host } = await open(on('alerts/alert/4f5e6f'));
    await settle();
    fail(host, 'note_add', 'the history could not be written: the disk is full');
    await userEvent.click(screen.getByTestId('note-write'));
    await settle();
    await userEvent.type(field(), 'do not lose me');
    await userEvent.click(screen.getByTestId('note-add'));
    await settle();
    expect(screen.getByRole('alert').textContent).toBe('Not added: the history could not be written: the disk is full');
    expect(field().value).toBe('do not lose me');
    router.change({ open: ALERT });
    await settle();
    await settle();
    expect(screen.queryByTestId('note-text')).toBeNull();
    router.change({ open: 'alerts/alert/4f5e6f' });
    await settle();
    await settle();
    expect(field().value).toBe('do not lose me');
    await userEvent.clear(field());
  });

  it('that are empty or too long are not sent', async () => {
    const { host } = await open(on(ALERT));
    await settle();
    await userEvent.click(screen.getByTestId('note-write'));
    await settle();
    await userEvent.type(field(), '  ');
    expect(screen.getByTestId<HTMLButtonElement>('note-add').disabled).toBe(true);
    await fireEvent.input(field(), { target: { value: 'x'.repeat(3_900) } });
    await settle();
    expect(screen.getByTestId('notes').textContent).toContain('100 characters left.');
    await fireEvent.input(field(), { target: { value: 'x'.repeat(4_001) } });
    await settle();
    expect(screen.getByRole('alert').textContent).toBe('1 character too many.');
    await key('Enter', { ctrlKey: true });
    await settle();
    expect(asked(host, 'note_add')).toEqual([]);
    await fireEvent.input(field(), { target: { value: '' } });
  });

  it('can be removed and put back, and the focus stays in their section', async () => {
    const { host } = await open(on(ALERT));
    await settle();
    const before = texts();
    await userEvent.click(screen.getAllByTestId('note-remove')[0]!);
    await settle(20);
    await settle();
    expect(texts()).toEqual(before.slice(1));
    expect(document.activeElement).toBe(screen.getByTestId('note-write'));
    expect(screen.getByTestId('passing').textContent).toContain('The note was removed.');
    await key('z', { ctrlKey: true });
    await settle(20);
    await settle();
    expect(texts()).toEqual(before);
    expect(asked(host, 'note_restore')).toEqual(asked(host, 'note_remove'));
    expect(screen.getByTestId('passing').textContent).toContain('The note is back.');
  });

  it('that could not be removed stay, and it is said why', async () => {
    const { host } = await open(on(ALERT));
    await settle();
    fail(host, 'note_remove', 'the history could not be written: read-only');
    await userEvent.click(screen.getAllByTestId('note-remove')[0]!);
    await settle();
    expect(screen.getByText('Not removed: the history could not be written: read-only')).toBeTruthy();
    expect(texts()).toHaveLength(2);
  });

  it('of a past moment are those of then, and none can be written', async () => {
    const past = new Date(Date.now() - 3_600_000).toISOString();
    const { host } = await open(on(ALERT, `&as-of=${encodeURIComponent(past)}`));
    expect(router.route.asOf, 'the address is of the past').not.toBeNull();
    await settle();
    await settle();
    expect(texts()).toHaveLength(1);
    expect(screen.getByTestId('notes-past').textContent).toContain('notes written later are not shown');
    expect(screen.queryByTestId('note-write')).toBeNull();
    expect(screen.queryByTestId('note-remove')).toBeNull();
    await key('n');
    await settle();
    expect(screen.getByTestId('passing').textContent).toContain('none can be written');
    expect(asked(host, 'note_add')).toEqual([]);
  });

  it('are part of the history', async () => {
    await open(on(ALERT));
    await settle();
    await userEvent.click(screen.getByRole('tab', { name: 'History' }));
    await settle();
    const lines = [...screen.getByTestId('history').querySelectorAll('li')].map((line) => line.textContent ?? '');
    expect(lines).toHaveLength(4);
    expect(lines.findIndex((line) => line.includes('Note by lee'))).toBeLessThan(lines.findIndex((line) => line.includes('Note by mara')));
    expect(lines.at(-1)).toContain('Note by mara');
    await key('n');
    await settle();
    await settle();
    expect(document.activeElement, 'the field is among the details').toBe(field());
  });

  it('are written on services, too', async () => {
    const { host } = await open('#/overview?open=service%3Acheckout');
    await settle();
    await settle();
    expect(texts()).toEqual(['Freeze until Monday, see the release plan.']);
    await key('n');
    await settle();
    await userEvent.keyboard('second{Control>}{Enter}{/Control}');
    await settle(20);
    await settle();
    expect(asked(host, 'note_add')).toEqual([{ subject: 'service:checkout', text: 'second' }]);
    expect(texts()[0]).toBe('second');
    await accessible('notes of a service');
  });

  it('are never markup', async () => {
    const { host } = await open(on('alerts/alert/4f5e70'));
    await settle();
    const hostile = '<img src=x onerror="window.hit = 1"> [x](javascript:1) **b** \u202egpj.exe';
    host.notes.handlers.note_add({ subject: 'alerts/alert/4f5e70', text: hostile });
    await settle(20);
    await settle();
    expect(texts()).toEqual(['<img src=x onerror="window.hit = 1"> [x](javascript:1) **b** ⟨U+202E⟩gpj.exe']);
    expect(screen.getByTestId('notes').querySelector('img, a, strong')).toBeNull();
    expect((window as { hit?: number }).hit).toBeUndefined();
  });

  it('are offered in the palette with their twin on the command line', async () => {
    await open(on(ALERT));
    await settle();
    await key('k', { ctrlKey: true });
    await settle();
    await userEvent.type(screen.getByTestId('palette-input'), 'write a note');
    await settle(160);
    expect(screen.getAllByTestId('palette-item')[0]?.textContent).toContain('Write a note on the row or service');
    expect(screen.getByTestId('palette-about').textContent).toContain(`qd note ${ALERT} 'TEXT'`);
    await key('Enter');
    await settle(20);
    await settle();
    expect(document.activeElement).toBe(field());
  });

  it('need something to be written on', async () => {
    await open('#/settings');
    await key('n');
    await settle();
    expect(screen.getByTestId('passing').textContent).toContain('Go to a row or a service first');
    expect(['service:a b', 'gh/run/acme/shop/1'].map(isSubject)).toEqual([true, true]);
    expect(['cell:shop/prod', 'gh', 'new', 'service:', 'gh/run/'].filter(isSubject)).toEqual([]);
  });
});
