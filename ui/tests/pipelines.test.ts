import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import RunDots from '../src/parts/RunDots.svelte';
import { text } from '../src/text/en';
import { asked, open, settle } from './window';

/** The first rows of the invented pipelines: one that broke, one that is flaky. */
const BROKEN = 'gh/run/acme/checkout/9132';
const FLAKY = 'builds/run/acme/identity/9131';

async function look(id: string, scenario: 'normal' | 'stale' = 'normal') {
  const window = await open(`#/pipelines?open=${encodeURIComponent(id)}`, scenario);
  await settle(450);
  return window;
}

describe('a failed run', () => {
  it('shows its first failure with the log around the error, not the last step', async () => {
    await look(BROKEN);
    const failure = screen.getByTestId('first-failure');
    expect(failure.textContent).toContain('cargo nextest run');
    const error = within(failure).getByTestId('excerpt').querySelector('.error');
    expect(error?.textContent).toContain('panicked at');
    expect(screen.getByTestId('job-chain').textContent).toContain('build');
  });

  it('opens the whole log', async () => {
    await look(BROKEN);
    await userEvent.click(screen.getByTestId('whole-log'));
    await settle();
    expect(screen.getByTestId('log')).toBeDefined();
  });

  it('names where its line broke, and the commits only when they are asked for', async () => {
    const { host } = await look(BROKEN);
    expect(screen.getByTestId('line').dataset.health).toBe('broken');
    expect(screen.getByTestId('broke').textContent).toContain(text.pipelines.lastGood);
    expect(asked(host, 'compare')).toEqual([]);
    await userEvent.click(screen.getByTestId('show-commits'));
    await settle();
    expect(within(screen.getByTestId('broke')).getByTestId('commits').children.length).toBeGreaterThan(3);
  });

  it('says how much longer than usual it took, and which attempt it is', async () => {
    await look(BROKEN);
    const line = screen.getByTestId('line').textContent ?? '';
    expect(line).toContain('usually 1m 01s');
    expect(line).toMatch(/over/);
    expect(line).toContain('attempt 2');
  });
});

describe('a line', () => {
  it('that passes and fails on the same commit is flaky, and nothing broke it', async () => {
    await look(FLAKY);
    expect(screen.getByTestId('line').dataset.health).toBe('flaky');
    expect(screen.queryByTestId('broke')).toBeNull();
  });

  it('whose source cannot be read is never healthy', async () => {
    await look('gh/run/acme/gateway/9122', 'stale');
    expect(screen.getByTestId('line').dataset.health).toBe('unknown');
    expect(screen.getByTestId('line').querySelector('svg.ok')).toBeNull();
  });
});

describe('the list', () => {
  it('asks once where the runs in sight deploy to, and says it', async () => {
    const { host } = await open('#/pipelines');
    await settle(120);
    expect(asked(host, 'deploying').length).toBe(1);
    const first = screen.getAllByTestId('row').find((row) => row.textContent?.includes('deploy'));
    expect(first?.textContent).toMatch(/Deploys to/);
  });
});

describe('the last runs', () => {
  it.each([3, 10, 20])('are all drawn, also when there are %i', (many) => {
    const { container } = render(RunDots, { props: { runs: Array.from({ length: many }, (_, at) => ({ id: String(at), status: 'waiting' as const, title: 'a run', secs: 60 })) } });
    const [, , width] = (container.querySelector('svg')?.getAttribute('viewBox') ?? '').split(' ').map(Number);
    const starts = (container.querySelector('path')?.getAttribute('d') ?? '').split('z').filter(Boolean).map((mark) => Number.parseFloat(mark.slice(1)));
    expect(starts).toHaveLength(many);
    expect(Math.max(...starts)).toBeLessThan(width!);
  });
});
