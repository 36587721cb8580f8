import { fireEvent, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import { tour } from '../src/frame/demo/tour.svelte';
import { accessible, asked, open, settle } from './window';

const focused = () => (document.activeElement as HTMLElement | null)?.dataset.testid;
const key = (name: string, held: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...held });

afterEach(() => {
  if (!tour.shown) tour.toggle();
});

describe('the tour of the demo', () => {
  it('tells the chapter that was reached, shows where to look, and goes on', async () => {
    const { host } = await open('#/overview', 'demo');
    expect(screen.getByTestId('tour').dataset.step).toBe('3');
    expect(screen.getByTestId('demo-tour').textContent).toContain('Tour 3/6');
    await accessible('the tour');
    screen.getByTestId('tour-look').focus();
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(location.hash).toBe('#/alerts');
    expect(focused(), 'the focus goes where one looks').toBe('list');
    screen.getByTestId('tour-next').click();
    await settle();
    expect(asked(host, 'demo_control')).toEqual([{ playing: null, speed: null, chapter: 'tickets' }]);
    expect(screen.getByTestId('tour').dataset.step).toBe('4');
  });

  it('is hidden for good, and shown again by its button, which has the focus then', async () => {
    await open('#/overview', 'demo');
    screen.getByTestId('tour-hide').focus();
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(screen.queryByTestId('tour')).toBeNull();
    expect(focused()).toBe('demo-tour');
    expect(localStorage.getItem('quarterdeck.tour')).toBe('hidden');
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(screen.getByTestId('tour')).not.toBeNull();
    expect(localStorage.getItem('quarterdeck.tour')).toBeNull();
  });

  it('ends with the way to connections of one’s own', async () => {
    const { host } = await open('#/overview', 'demo');
    screen.getByTestId('demo-chapter-release').click();
    await settle();
    await accessible('the end of the tour');
    screen.getByTestId('tour-connect').click();
    await key('A', { ctrlKey: true, shiftKey: true });
    expect(asked(host, 'demo_leave')).toEqual([{ connect: true }, { connect: true }]);
  });

  it('can be told from the palette', async () => {
    const { host } = await open('#/overview', 'demo');
    await key('k', { ctrlKey: true });
    await settle();
    await userEvent.type(screen.getByTestId('palette-input'), 'demo rollback');
    await settle(160);
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(asked(host, 'demo_control')).toEqual([{ playing: null, speed: null, chapter: 'rollback' }]);
  });
});

describe('the focus', () => {
  it('goes with the view', async () => {
    await open('#/overview', 'normal');
    await key('g');
    await key('a');
    await settle();
    await settle();
    expect(focused()).toBe('list');
    await key('g');
    await key('d');
    await settle();
    await settle();
    expect(focused()).toBe('matrix');
  });

  it('walks out of the inspector to the next pane', async () => {
    await open('#/alerts', 'normal');
    await key('j');
    await key('Enter');
    await settle();
    await key('F6');
    expect(document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane')).toBe('inspector');
    await key('F6');
    expect(document.activeElement?.closest('[data-pane]')?.getAttribute('data-pane')).toBe('status');
  });

  it('is in the form of a connection as soon as it is there, and walks the backends before', async () => {
    await open('#/overview', 'unset');
    await userEvent.keyboard('{ArrowDown}{Enter}');
    await settle();
    await settle();
    expect(focused()).toBe('backend-alertmanager');
    await userEvent.keyboard('{Enter}');
    await settle();
    expect(focused()).toBe('conn-url');
  });

  it('is in the field that has to be filled in when a form opens', async () => {
    await open('#/alerts', 'normal');
    await key('j');
    await key('Enter');
    await settle();
    screen.getByTestId('action-silence').focus();
    await userEvent.keyboard('{Enter}');
    await settle();
    await settle();
    expect(focused()).toBe('action-field-comment');
  });
});
