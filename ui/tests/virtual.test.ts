import { fireEvent, render, screen } from '@testing-library/svelte';
import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';
import { nearestSpan, rowAfterKey, scrollToShow, visibleSpan } from '../src/kit/virtual';
import Harness from './VirtualListHarness.svelte';

describe('the visible rows', () => {
  it('are those in sight and a few beyond, never outside the list', () => {
    expect(visibleSpan(0, 600, 28, 100_000)).toEqual({ from: 0, to: 24 });
    expect(visibleSpan(28_000, 600, 28, 100_000)).toEqual({ from: 998, to: 1024 });
    expect(visibleSpan(28_000, 600, 28, 10), 'a list that became short').toEqual({ from: 10, to: 10 });
    expect(visibleSpan(0, 600, 28, 0)).toEqual({ from: 0, to: 0 });
  });

  it('are the nearest that are there, while those in sight are on their way', () => {
    const cases: [string, [number, number], [number, number], [number, number]][] = [
      ['all are there', [300, 324], [200, 400], [300, 324]],
      ['the last few are missing', [390, 414], [200, 410], [390, 414]],
      ['far below', [5000, 5024], [200, 400], [376, 400]],
      ['far above', [0, 24], [200, 400], [200, 224]],
      ['nothing is there yet', [0, 24], [0, 0], [0, 24]],
      ['too few are there', [0, 24], [100, 110], [0, 24]],
    ];
    const span = ([from, to]: [number, number]) => ({ from, to });
    for (const [which, seen, held, drawn] of cases) expect(nearestSpan(span(seen), span(held)), which).toEqual(span(drawn));
  });

  it('scroll only as far as needed', () => {
    expect(scrollToShow(5, 0, 600, 28)).toBeNull();
    expect(scrollToShow(30, 0, 600, 28)).toBe(31 * 28 - 600);
    expect(scrollToShow(2, 280, 600, 28)).toBe(56);
  });

  it('are reached by keys, and the keys stop at the ends', () => {
    const cases: [string, number, number | null][] = [
      ['j', -1, 0], ['j', 0, 1], ['j', 99, 99], ['ArrowDown', 3, 4], ['k', 0, 0], ['ArrowUp', -1, 0], ['k', 5, 4],
      ['Home', 50, 0], ['End', 50, 99], ['PageDown', 0, 20], ['PageDown', 95, 99], ['PageUp', 5, 0], ['x', 5, null],
    ];
    for (const [key, at, expected] of cases) expect(rowAfterKey(key, at, 100, 20), `${key} at ${at}`).toBe(expected);
    expect(rowAfterKey('j', -1, 0, 20), 'an empty list has no row to go to').toBeNull();
  });
});

describe('the list', () => {
  const selected = () => screen.getAllByTestId('row').find((row) => row.getAttribute('aria-selected') === 'true');

  it('draws a few rows of many, and says how many there are', () => {
    render(Harness, { count: 100_000, onopen: vi.fn() });
    expect(screen.getAllByTestId('row').length).toBeLessThan(60);
    expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('100001');
    expect(screen.getAllByText('coming').length, 'rows that have not come hold their place').toBeGreaterThan(0);
  });

  it('moves by keys, opens by Enter and Space, and leaves combinations alone', async () => {
    const onopen = vi.fn();
    render(Harness, { count: 500, onopen });
    const grid = screen.getByRole('grid');
    await fireEvent.keyDown(grid, { key: 'Enter' });
    expect(onopen, 'nothing is current yet').not.toHaveBeenCalled();
    for (const key of ['j', 'ArrowDown', 'k', 'j']) await fireEvent.keyDown(grid, { key });
    expect(selected()?.dataset.key).toBe('thing-1');
    expect(grid.getAttribute('aria-activedescendant')).toBe(selected()?.id);
    await fireEvent.keyDown(grid, { key: 'j', ctrlKey: true });
    expect(selected()?.dataset.key, 'Ctrl+J is not ours').toBe('thing-1');
    await fireEvent.keyDown(grid, { key: 'Enter' });
    await fireEvent.keyDown(grid, { key: ' ' });
    expect(onopen.mock.calls).toEqual([[1], [1]]);
  });

  it('opens a row that is clicked', async () => {
    const onopen = vi.fn();
    render(Harness, { count: 5, onopen });
    await fireEvent.click(screen.getByText('thing-3'));
    expect(onopen).toHaveBeenCalledWith(3);
  });

  it('is a grid that assistive technology understands', async () => {
    const { container } = render(Harness, { count: 50, onopen: vi.fn() });
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map((violation) => violation.id)).toEqual([]);
  });
});
