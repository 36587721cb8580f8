import { screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { accessible, open } from './window';

const SILENCES = '#/alerts?tab=silences';

describe('silences', () => {
  it('of a server that never answered are unknown, not none', async () => {
    await open(SILENCES, 'dead');
    expect(screen.getAllByTestId('silence-unread')).toHaveLength(1);
    expect(screen.getByTestId('silence-unread').textContent).toContain('“alerts” (connection refused). Which');
    expect(screen.getByTestId('empty-unsure').textContent).toContain('not known');
    expect(screen.queryByTestId('counted'), 'nothing was counted').toBeNull();
    expect(screen.queryByTestId('silence-marks'), 'and there is nothing to choose from').toBeNull();
    const totals = screen.getByTestId('totals').textContent;
    expect(totals, 'nor anywhere else').toContain('alerts not known');
    expect(totals).not.toContain('0 alerts');
    await accessible('silences of a dead server');
  });

  it('that were read before are drawn as old, with their age, and counted as such', async () => {
    await open(SILENCES, 'partial');
    const [row] = screen.getAllByTestId('row');
    expect(row!.classList).toContain('stale');
    expect(within(row!).getAllByRole('gridcell')[0]!.textContent).toContain('24m');
    expect(within(row!).getAllByRole('gridcell')[2]!.textContent, 'what it matches now is not known').toBe('?');
    expect(screen.getByTestId('counted').textContent).toBe('5 silences as they were last read');
    expect(screen.getByTestId('silence-marks').textContent, 'no number is told as if it held').not.toMatch(/\d/);
    expect(screen.getAllByTestId('silence-unread')).toHaveLength(1);
    expect(screen.getByTestId('silence-bar').textContent).toMatch(/alerts as of \d\d:\d\d, 24m ago/);
  });

  it('that were just read are counted', async () => {
    await open(SILENCES);
    expect(screen.getByTestId('counted').textContent).toBe('5 silences');
    expect(screen.getByTestId('silence-marks').textContent).toMatch(/\d/);
    expect(screen.queryByTestId('silence-unread')).toBeNull();
  });
});
