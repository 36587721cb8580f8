import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { ChartMark } from '../src/api/gen';
import { folded, numberWords, partAfterKey, partWords, perWords, valueWords } from '../src/views/charts/words';
import { accessible, asked, open, settle } from './window';

const key = (name: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key: name });
const chart = (name: string) => screen.getByTestId(`chart-${name}`);
const mark = (change: Partial<ChartMark>): ChartMark => ({
  from: '2026-11-21T14:00:00Z', until: '2026-11-21T15:00:00Z', known: 'read', missing: [], count: 0, bad: 0, median_secs: null, p90_secs: null, x: 0, width: 40, y: 0, ...change,
});

describe('the words of a part', () => {
  it('never say that what was not read was nothing', () => {
    expect(partWords('alerts', mark({}))).toBe('no alert began');
    expect(partWords('alerts', mark({ known: 'unread', missing: ['alerts'] }))).toBe('not known, “alerts” not read');
    expect(partWords('durations', mark({ known: 'unread' }))).toBe('not known, nobody observes this');
    expect(numberWords(mark({ known: 'unread' }), 0)).toBe('not known');
    expect(numberWords(mark({ known: 'partly', count: 3 }), 0)).toBe('not known');
    expect(partWords('deployments', mark({ known: 'partly', missing: ['gh'], count: 3, bad: 1 }))).toBe('at least 3 deployments, 1 of them failed, “gh” not read throughout');
    expect(numberWords(mark({ known: 'partly', count: 3 }), 3)).toBe('≥ 3');
  });

  it('tell durations by their median and what nine of ten took', () => {
    expect(partWords('durations', mark({ count: 2, median_secs: 95, p90_secs: 600 }))).toBe('2 runs ended, median 1m 35s, nine of ten within 10m 00s');
    expect(valueWords('durations', 600)).toBe('10m');
    expect([perWords(300), perWords(3_600), perWords(21_600), perWords(86_400)]).toEqual(['5 minutes', 'hour', '6 hours', 'day']);
  });

  it('fold what says the same into one line, and nothing that counts', () => {
    const lines = folded([mark({}), mark({}), mark({ known: 'unread' }), mark({ known: 'unread', count: 1 }), mark({}), mark({ count: 1 })]);
    expect(lines.map(({ known, count }) => `${known} ${count}`)).toEqual(['read 0', 'unread 0', 'unread 1', 'read 0', 'read 1']);
  });

  it('are reached by keys that stop at both ends', () => {
    expect([partAfterKey('ArrowRight', 23, 24), partAfterKey('Home', 9, 24), partAfterKey('PageUp', 3, 24), partAfterKey('x', 3, 24)]).toEqual([23, 0, 9, null]);
  });
});

describe('the charts', () => {
  it('have one tab stop each, are moved through by arrows and say each part', async () => {
    await open('#/charts');
    const slider = chart('alerts');
    expect(slider.querySelectorAll('[tabindex], button, a')).toHaveLength(0);
    slider.focus();
    const newest = slider.getAttribute('aria-valuetext');
    await key('ArrowLeft');
    expect(slider.getAttribute('aria-valuetext')).not.toBe(newest);
    await key('Home');
    expect(slider.getAttribute('aria-valuetext')).toContain('“alerts” not read');
    expect(slider.getAttribute('aria-valuenow')).toBe('0');
    expect(screen.getByTestId('said-alerts').textContent).toMatch(/At least \d+ alerts began, .* not read throughout \(hatched\)/);
    await accessible('the charts');
  });

  it('open exactly the rows a part is made of, and lead to them', async () => {
    const { host } = await open('#/charts?scope=service%3Acheckout');
    chart('durations').focus();
    let counted = '';
    for (let step = 0; step < 24 && !/: (\d+) runs/.test(counted); step += 1) {
      await key('ArrowLeft');
      counted = chart('durations').getAttribute('aria-valuetext') ?? '';
    }
    await key('Enter');
    await settle();
    expect(asked(host, 'chart_rows').at(-1)).toMatchObject({ chart: 'durations', query: 'service:checkout' });
    const rows = within(screen.getByTestId('chart-rows'));
    expect(rows.getAllByRole('row')).toHaveLength(Number(/: (\d+) runs/.exec(counted)?.[1]) + 1);
    await accessible('the rows of a part');
    await fireEvent.click(rows.getAllByRole('button', { name: /^Open / })[0]!);
    await settle();
    expect(location.hash).toMatch(/^#\/pipelines\?scope=service%3Acheckout&open=/);
  });

  it('are tables, too, with every number a way to its rows', async () => {
    await open('#/charts');
    await fireEvent.click(within(screen.getByTestId('layout-deployments')).getByText('Table'));
    const table = within(screen.getByTestId('table-deployments'));
    expect(table.getAllByText('not known').length).toBeGreaterThan(0);
    expect(screen.queryByTestId('chart-deployments')).toBeNull();
    await accessible('a chart as a table');
    await fireEvent.click(table.getAllByRole('button')[0]!);
    await settle();
    await fireEvent.click(screen.getByTestId('chart-narrow'));
    await settle();
    expect(location.hash).toContain('during=');
  });

  it('follow what narrows the frame, the zone and the span that is picked', async () => {
    const { host } = await open('#/charts?env=prod-eu&as-of=2026-11-20T14%3A00%3A00Z');
    expect(asked(host, 'charts').at(-1)).toMatchObject({ query: 'env:prod-eu', hours: 24, as_of: '2026-11-20T14:00:00Z' });
    expect(screen.getByTestId('banner-past')).toBeTruthy();
    await fireEvent.click(within(screen.getByTestId('chart-span')).getByText('7 days'));
    await settle();
    expect(location.hash).toContain('tab=week');
    expect(asked(host, 'charts').at(-1)).toMatchObject({ hours: 168 });
    await key('[');
    await settle();
    expect(asked(host, 'charts').at(-1)?.query).toContain('during:');
    expect(screen.queryByTestId('chart-span'), 'the strip says the time').toBeNull();
  });

  it('stay small, however long the time is', async () => {
    await open('#/charts?tab=week');
    for (const name of ['alerts', 'deployments', 'durations']) expect(chart(name).querySelectorAll('*').length).toBeLessThan(60);
  });
});
