import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { BoardView, SourceView, Status } from '../src/api/gen';
import { VIEWS, type ViewName } from '../src/app/route';
import { router } from '../src/app/router.svelte';
import { SCENARIOS, type Scenario } from '../src/host/fake/fake';
import StatusGlyph from '../src/parts/StatusGlyph.svelte';
import StatusMark from '../src/parts/StatusMark.svelte';
import { text } from '../src/text/en';
import { elapsed } from '../src/views/list/cells';
import { open, settle } from './window';

/** What must be there in each scenario, by test id; lists by default show rows. */
const EXPECTED: Record<Scenario, Partial<Record<ViewName | 'list', string>>> = {
  normal: { list: 'row', overview: 'row', connections: 'row', charts: 'chart-alerts' },
  loading: { list: 'loading', overview: 'loading', connections: 'loading' },
  unset: { list: 'empty-unset', overview: 'empty-unset', connections: 'empty-unset' },
  good: { list: 'empty-good', overview: 'empty-good', connections: 'row', charts: 'chart-alerts' },
  stale: { list: 'banner-stale', overview: 'banner-stale', connections: 'row' },
  offline: { list: 'banner-offline', overview: 'banner-offline', connections: 'row' },
  partial: { overview: 'banner-partial', charts: 'banner-partial', pipelines: 'banner-partial', alerts: 'banner-partial', tickets: 'banner-partial', deployments: 'banner-partial', connections: 'row' },
  error: { list: 'banner-error', overview: 'banner-error', connections: 'banner-error', settings: 'empty-error' },
  signin: { list: 'banner-signin', overview: 'banner-signin', connections: 'row' },
  dead: { list: 'banner-offline', overview: 'banner-offline', connections: 'row' },
  storm: { list: 'row', overview: 'row', connections: 'row', charts: 'chart-alerts' },
  demo: { list: 'demo-bar', overview: 'demo-bar', connections: 'demo-bar' },
};

describe.each(SCENARIOS)('%s', (scenario) => {
  // Whether everybody can use it is asked of the real engine (tests/window/tests/stories), which takes seconds there and minutes here.
  it.each(VIEWS)('%s shows it', async (view) => {
    await open(`#/${view}`, scenario);
    // Settings are of the file alone: they are there whatever the backends say.
    const file = view === 'settings' && !['loading', 'error', 'demo'].includes(scenario) ? 'open-config' : null;
    const wanted = file ?? EXPECTED[scenario][view] ?? EXPECTED[scenario].list ?? '';
    expect(screen.getAllByTestId(wanted).length, wanted).toBeGreaterThan(0);
  });
});

describe('a state', () => {
  const ALL: Status[] = ['paging', 'failing', 'warn', 'waiting', 'unknown', 'running', 'ok', 'inactive'];

  it('has a silhouette and a word of its own', () => {
    const drawings = ALL.map((status) => render(StatusGlyph, { status }).container.querySelector('svg')?.innerHTML);
    expect(new Set(drawings).size, 'eight silhouettes differ without colour').toBe(ALL.length);
    expect(new Set(ALL.map((status) => text.status[status])).size).toBe(ALL.length);
  });

  it('that is inactive is drawn by why: skipped, silenced, or for information', () => {
    const drawn = [{}, { silenced: true }, { informs: true }].map((why) => render(StatusGlyph, { status: 'inactive', ...why }).container.querySelector('svg')?.innerHTML);
    expect(new Set(drawn).size).toBe(3);
  });

  it('of an alert that informs does not read as forbidden, and what is old says since when', async () => {
    await open('#/alerts?group=none&open=alerts%2Falert%2F4f5e71', 'stale');
    const informs = render(StatusGlyph, { status: 'inactive', informs: true, stale: true }).container.querySelector('svg')?.innerHTML;
    const row = screen.getAllByTestId('row').find(({ dataset }) => dataset.key?.includes('4f5e71'));
    expect(row?.querySelector('svg')?.innerHTML).toBe(informs);
    expect(screen.getByTestId('inspector').textContent).toMatch(/as of \d\d:\d\d, 23m ago/);
  });

  it('is said in words even where only the glyph is drawn', () => {
    const { container } = render(StatusMark, { status: 'failing', bare: true });
    expect(container.textContent).toContain('Failing');
  });

  it('that is stale says so, and is hatched', () => {
    const { container } = render(StatusMark, { status: 'warn', stale: true, asOf: null });
    expect(container.textContent).toContain('stale');
    expect(container.querySelector('.hatch')).not.toBeNull();
  });

  it('of a stale row is never ok', async () => {
    await open('#/pipelines', 'stale');
    for (const row of screen.getAllByTestId('row')) {
      expect(row.className).toContain('stale');
      expect(row.querySelector('.mark.ok')).toBeNull();
    }
  });
});

describe('a moment', () => {
  it.each(['alerts', 'pipelines', 'deployments', 'overview', 'charts'] as const)('that lies ahead is refused, and %s says so once and shows nothing as if of it', async (view) => {
    await open(`#/${view}`);
    expect(screen.queryByTestId('empty-ahead')).toBeNull();
    router.change({ asOf: '2099-11-22T07:43:00Z' });
    await settle();
    await settle();
    const ahead = screen.getByTestId('empty-ahead');
    expect(ahead.textContent, 'of another year, with it').toMatch(/2099-11-22 .* lies in the future/);
    expect(screen.queryAllByTestId(/^(row|banner-.*)$/)).toEqual([]);
    expect(screen.getByTestId('as-of').textContent).toContain('2099-11-22');
    await userEvent.click(within(ahead).getByRole('button'));
    await settle();
    expect(location.hash).toBe(`#/${view}`);
    expect(screen.queryByTestId('empty-ahead')).toBeNull();
  });
});

describe('a source', () => {
  it('is told of by the banner as by the status bar, whatever its list heard last', async () => {
    const { host } = await open('#/alerts', 'partial');
    const answer = host.call.bind(host);
    const earlier = (source: SourceView) => ({ ...source, health: { ...source.health, next_at: '2026-01-01T00:00:00Z' } });
    host.call = async (command, payload) => {
      const told = (await answer(command, payload)) as BoardView;
      return command === 'board' ? { ...told, sources: told.sources.map(earlier) } : told;
    };
    host.ring();
    await settle();
    await settle();
    const [chip, banner] = [screen.getByTestId('source-alerts').textContent, screen.getByTestId('banner-partial').textContent];
    expect(chip).toMatch(/unreachable, retry in \d+s/);
    expect(banner).toContain(`next try ${/retry (in \d+s)/.exec(chip)?.[1] ?? ''}`);
  });
});

describe('what is not current', () => {
  it('is not asserted of a storm: it fired when it was last read', async () => {
    const { host } = await open('#/alerts', 'storm');
    const storm = () => screen.getByTestId('storm');
    expect(storm().textContent).toMatch(/Storm: [\d,]+ alerts fire \(/);
    const solid = storm().querySelector('svg')?.innerHTML;
    const answer = host.call.bind(host);
    host.call = async (command, payload) => {
      const told = await answer(command, payload);
      if (command !== 'board') return told;
      const { sources, lines, ...rest } = told as BoardView;
      return { ...rest, lines: lines.map((line) => (line.line === 'group' ? { ...line, stale: true } : line)), sources: sources.map((source) => ({ ...source, health: { ...source.health, current: false } })) };
    };
    host.ring();
    await settle();
    expect(storm().textContent).toMatch(/Storm: [\d,]+ alerts \(info included\) fired when last read/);
    expect(storm().querySelector('svg')?.innerHTML).not.toBe(solid);
    for (const counts of document.querySelectorAll('[data-testid="group"] .counts')) expect(counts.classList).toContain('stale');
  });

  it('has run no longer than until it was last read', () => {
    const row = { stale: true, as_of: '2026-11-21T14:10:00Z' };
    expect(elapsed(row, '2026-11-21T14:00:00Z', null)).toBe(600_000);
    expect(elapsed(row, '2026-11-21T14:00:00Z', '2026-11-21T14:05:00Z')).toBe(300_000);
    expect(elapsed({ ...row, stale: false }, '2026-11-21T14:00:00Z', null)).toBeGreaterThan(600_000);
  });
});

describe('an overview without services', () => {
  it('says that nothing is known now, not that nothing ever was', async () => {
    const { host } = await open('#/overview');
    const answer = host.call.bind(host);
    host.call = async (command, payload) => {
      const told = await answer(command, payload);
      return command === 'overview' ? { ...(told as object), services: [], needs_you: [], needs_total: 0 } : told;
    };
    host.ring();
    await settle();
    const empty = screen.getByTestId('empty-good');
    expect(empty.textContent).toContain('Nothing is known of any service now.');
    expect(empty.querySelector('svg')?.innerHTML).toBe(render(StatusGlyph, { status: 'inactive' }).container.querySelector('svg')?.innerHTML);
  });
});
