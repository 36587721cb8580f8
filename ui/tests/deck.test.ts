import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { OverviewView } from '../src/api/gen';
import { router } from '../src/app/router.svelte';
import { fitting } from '../src/parts/SeverityCounts.svelte';
import { asked, open, settle } from './window';

const names = () => screen.getAllByTestId('row').map((row) => row.dataset.key);

describe('the overview', () => {
  it('folds what is fine into one line, and never what is stale or unknown', async () => {
    await open('#/overview');
    expect(screen.getByTestId('fold').textContent).toContain('38 services, 32 fine');
    expect(names()).not.toContain('catalog');
    expect(names(), 'a service nobody read is not fine').toContain('web');
    await userEvent.click(screen.getByTestId('fold'));
    expect(names()).toContain('catalog');
  });

  it('counts nothing as fine once its sources are lost, and hatches the counts of alerts', async () => {
    await open('#/overview', 'stale');
    expect(screen.queryByTestId('fold')).toBeNull();
    const checkout = screen.getAllByTestId('row').find((row) => row.dataset.key === 'checkout');
    expect(checkout?.querySelector('.counts.stale .hatched')).not.toBeNull();
    expect(screen.getByTestId('rail-alerts').querySelector('.badge.stale .hatched')).not.toBeNull();
  });

  it('shows what was asked for, fine or not', async () => {
    await open('#/overview?q=catalog');
    expect(screen.queryByTestId('fold')).toBeNull();
    expect(names()).toContain('catalog');
  });

  it('count every severity there is room for, and fold the lesser ones into one number', () => {
    const check = (counts: string[], room: number, expected: number) => expect(fitting(counts, room, () => '+815'), `${counts.join()} in ${room}`).toBe(expected);
    check(['50', '50', '50'], 140, 3);
    check(['812', '812', '812'], 140, 2);
    check(['812', '812', '812', '3'], 180, 4);
    check(['4k', '900', '75'], 92, 1);
    check(['4k', '900'], 0, 1);
  });

  it('of several environments shows one, and says what runs in the others', async () => {
    await open('#/overview');
    const more = screen.getAllByTestId('more-environments')[0]!;
    expect(more.textContent).toMatch(/^\+1/);
    expect(more.title).toMatch(/^1 more environment\. prod-\w+: v\d+, .*; prod-\w+: v\d+, /);
    expect(within(more).getByText(more.title)).toBeTruthy();
  });

  it('hatches the whole day of a service that no source told of, and shows no day of another moment', async () => {
    const { host } = await open('#/overview');
    const answer = host.call.bind(host);
    let tell = () => {};
    const day = new Promise<void>((resolve) => (tell = resolve));
    host.call = async (command, payload) => {
      if (command === 'activity') await day;
      const told = await answer(command, payload);
      return command === 'overview' ? { ...(told as OverviewView), services: (told as OverviewView).services.map((service) => ({ ...service, sources: [] })) } : told;
    };
    const sparks = () => screen.queryAllByRole('img', { name: /^Last 24 hours/ }).map((spark) => spark.getAttribute('aria-label'));
    expect(sparks().length).toBeGreaterThan(0);
    router.change({ asOf: new Date(Date.now() - 3_600_000).toISOString() });
    await settle();
    expect(sparks(), 'of another moment').toEqual([]);
    tell();
    await settle();
    await settle();
    expect(sparks().length).toBeGreaterThan(0);
    for (const said of sparks()) expect(said).toContain('24 hours were not read');
  });

  it('opens the rows a number was made of', async () => {
    await open('#/overview');
    const identity = screen.getAllByTestId('row').find((row) => row.dataset.key === 'identity')!;
    const [, alerts] = within(identity).getAllByRole('button');
    await userEvent.click(alerts!);
    expect(location.hash).toBe('#/alerts?q=service%3Aidentity');
  });
});

describe('what needs a person', () => {
  it('offers the one best thing: the log of a failure, the form of an action', async () => {
    const { host } = await open('#/overview');
    await userEvent.click(screen.getByTestId('need-log'));
    await settle();
    expect(asked(host, 'log')).toHaveLength(1);
    await userEvent.click(screen.getAllByTestId('need-act')[0]!);
    await settle();
    expect(screen.getByTestId('action-form')).toBeTruthy();
    expect(asked(host, 'act'), 'nothing is sent by opening a form').toEqual([]);
  });

  it('can be undone after its one best action, too', async () => {
    await open('#/overview');
    await userEvent.click(screen.getAllByTestId('need-act')[0]!);
    await settle(50);
    await userEvent.type(screen.getByTestId('action-field-comment'), 'known');
    await userEvent.click(screen.getByTestId('action-send'));
    await settle(50);
    expect(screen.getByTestId('undo')).toBeTruthy();
  });

  it('tells a run and the deployment that failed with it in one row', async () => {
    await open('#/overview');
    const rows = within(screen.getByTestId('needs-you')).getAllByRole('listitem');
    const run = rows.find((row) => within(row).queryByTestId('need-log'));
    expect(within(run!).getByTestId('need-with').title).toBe('Its deployment failed with it: v412 → prod-eu');
    expect(within(rows[0]!).queryByTestId('need-with')).toBeNull();
  });

  it('tells alerts of one name in one row of a storm, which leads to all of them', async () => {
    await open('#/overview', 'storm');
    const row = within(screen.getByTestId('needs-you')).getAllByRole('listitem').find((row) => within(row).queryByTestId('need-alike'))!;
    const chip = within(row).getByTestId('need-alike');
    expect(chip.title).toMatch(/^[\d,]+ more alerts? of this name$/);
    await userEvent.click(within(row).getByTestId('need-look'));
    await settle();
    expect(new URLSearchParams(location.hash.split('?')[1]).get('q')).toMatch(/^state:firing name:\S+ service:\S+/);
  });

  it('leads to the groups when more alerts fire than are listed', async () => {
    const { unmount } = await open('#/overview', 'storm');
    await userEvent.click(screen.getByTestId('needs-alerts'));
    await settle();
    expect(location.hash).toMatch(/^#\/alerts/);
    unmount();
    await open('#/overview');
    expect(screen.queryByTestId('needs-alerts')).toBeNull();
  });

  it('says of a service that is named and not here that nothing is known of it', async () => {
    await open('#/overview?open=service%3Anosuch');
    expect(screen.getByTestId('no-service').textContent).toBe('nosuch');
  });

  it('does nothing to the past', async () => {
    await open('#/overview?as-of=2026-11-20T14%3A00%3A00Z');
    expect(screen.queryByTestId('need-act')).toBeNull();
    expect(screen.queryByTestId('need-log')).toBeNull();
  });
});

describe('a guessed service', () => {
  it('is written down only after showing what is written', async () => {
    const { host } = await open('#/overview?open=service%3Amedia');
    await userEvent.click(screen.getByTestId('certain'));
    await settle();
    const shown = screen.getByTestId('certain-toml').textContent ?? '';
    expect(shown).toContain('[[service]]');
    expect(asked(host, 'service_save')).toEqual([]);
    await userEvent.click(screen.getByTestId('certain-save'));
    expect(asked(host, 'service_save')).toEqual([{ name: 'media', toml: shown }]);
  });
});

describe('the deployments', () => {
  it('draw nothing green where an alert fires, and say what green means', async () => {
    await open('#/deployments');
    const row = (name: string) => screen.getAllByTestId('row').find(({ dataset }) => dataset.key === name)!;
    const there = row('identity').querySelector<HTMLElement>('[data-column="prod-eu"]')!;
    expect(there.querySelector('svg.ok')).toBeNull();
    expect(there.querySelector('svg.failing')?.getAttribute('aria-label')).toBe('an alert of high severity fires');
    expect(there.querySelector('[title]')?.getAttribute('title')).toContain('deployed; an alert of high severity fires');
    expect(row('identity').classList).toContain('tint-failing');
    const fine = row('identity').querySelector<HTMLElement>('[data-column="stage"] svg.ok');
    expect(fine?.getAttribute('aria-label'), 'the deployment alone').toBe('deployed');
    expect(row('ledger').querySelector('[role="rowheader"] svg.warn')).not.toBeNull();
    expect(screen.getByTestId('matrix-count').textContent).toContain('how the last deployment there ended');
  });

  it('are a matrix of services and environments, or a list', async () => {
    await open('#/deployments');
    const heads = screen.getAllByRole('columnheader').map((head) => head.textContent?.trim());
    expect(heads).toEqual(['Service', 'dev', 'stage', 'prod-eu', 'prod-us']);
    await userEvent.click(within(screen.getByTestId('layout')).getByText('List'));
    expect(location.hash).toBe('#/deployments?list=1');
    expect(screen.queryByTestId('matrix')).toBeNull();
  });

  it('bring the cell that is opened into sight, by an address too', async () => {
    const seen: string[] = [];
    Element.prototype.scrollIntoView = function (this: Element) {
      seen.push(this.textContent);
    };
    await open('#/deployments?open=cell:checkout/prod-us');
    await settle();
    Reflect.deleteProperty(Element.prototype, 'scrollIntoView');
    expect(seen.at(-1)).toBe('prod-us');
    expect(document.querySelector<HTMLElement>('.cell.current')?.dataset.column).toBe('prod-us');
  });

  it('tell how a cell came where it is, what was rolled back, and what lies between two versions', async () => {
    const { host } = await open('#/deployments?open=cell%3Acheckout%2Fprod-eu');
    expect(asked(host, 'deployments')[0]).toMatchObject({ service: 'checkout', environment: 'prod-eu' });
    expect(screen.getAllByTestId('rollback')).toHaveLength(1);
    await userEvent.click(screen.getByTestId('tab-compare'));
    await userEvent.click(screen.getByTestId('compare-ask'));
    await settle();
    expect(screen.getByTestId('compare-told').textContent).toContain('6 commits');
    expect(asked(host, 'compare')).toHaveLength(1);
  });
});
