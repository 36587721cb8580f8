import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { router } from '../src/app/router.svelte';
import type { EstimateView } from '../src/api/gen';
import type { FakeHost } from '../src/host/fake/fake';
import { problemText } from '../src/views/connections/problems';
import { hoursOf, linesOf } from '../src/views/connections/proposals.svelte';
import { accessible, asked, open, settle } from './window';

async function press(testid: string): Promise<void> {
  screen.getByTestId(testid).click();
  await settle();
  await settle();
}

/** The form of a new GitHub connection. */
async function add(): Promise<FakeHost> {
  const { host } = await open('#/connections?open=new');
  await press('backend-github');
  return host;
}

const field = () => screen.getByTestId<HTMLTextAreaElement>('setting-repositories').value.split('\n').filter(Boolean);
const boxes = () => screen.getAllByTestId<HTMLInputElement>('proposal');

describe('repositories to choose from', () => {
  it('are asked for without a complete form, and the lively ones are written into it', async () => {
    const host = await add();
    expect(screen.queryByTestId('estimate'), 'nothing is chosen yet').toBeNull();
    await press('propose');
    expect(asked(host, 'connection_propose')).toMatchObject([{ draft: { backend: 'github', credential: 'gh', settings: { repositories: '' } }, replaces: null, secret: null }]);
    expect(field()).toHaveLength(11);
    expect(boxes().filter((box) => box.checked).map((box) => box.dataset.value)).toEqual(field());
    expect(field(), 'what is archived is there to be chosen, and is not').not.toContain('acme/old-shop');
    await accessible('the form with proposals');
  });

  it('are one with the field: each follows the other, and the estimate follows both', async () => {
    const host = await add();
    await press('propose');
    boxes()[0]!.click();
    await settle();
    expect(field()).not.toContain('acme/checkout');
    await userEvent.clear(screen.getByTestId('setting-repositories'));
    await userEvent.type(screen.getByTestId('setting-repositories'), 'acme/ledger\nacme/typed');
    await settle();
    expect(boxes().filter((box) => box.checked).map((box) => box.dataset.value)).toEqual(['acme/ledger']);
    expect(asked(host, 'connection_estimate').at(-1)).toEqual({ backend: 'github', values: 2, interval_secs: null, quota_limit: 5_000, signed_in: true });
    const shown = screen.getByTestId('estimate').textContent;
    expect(shown).toContain('576');
    expect(shown).toContain('12 %');
    expect(shown).toContain('free of the quota');
    expect(shown).toContain('40 %');
  });

  it('never replace what somebody has written', async () => {
    await open('#/connections?open=gh');
    await press('conn-edit');
    const before = field();
    await press('propose');
    expect(field()).toEqual(before);
    expect(screen.getByTestId('proposals-chosen').textContent).toBe('3 of 15 chosen');
  });

  it('are none without a credential, and it is said why', async () => {
    await add();
    await userEvent.selectOptions(screen.getByTestId('conn-credential'), 'none');
    await press('propose');
    expect(screen.queryByTestId('proposals-list')).toBeNull();
    expect(screen.getByTestId('proposals').textContent).toContain('Without a credential');
  });

  it('say what went wrong, and are not an empty list then', async () => {
    const host = await add();
    host.call = () => Promise.reject({ code: 'unreachable', message: 'could not reach api.github.com: no route', trace_id: null });
    await press('propose');
    expect(screen.getByTestId('proposals').textContent).toContain('no route');
  });

  it('are not offered for a backend that has none', async () => {
    await open('#/connections?open=new');
    await press('backend-redmine');
    expect(screen.queryByTestId('proposals')).toBeNull();
  });

  it('cost what the core says; the same hour is told once', () => {
    const hour = (pace: string, requests: number) => ({ pace, requests, counted: 0, percent: null });
    const paces = (...hours: EstimateView['hours']) => hoursOf({ hours, unchanged_is_free: true, ceiling_percent: 40 }).map(({ pace }) => pace);
    expect(paces(hour('idle', 60), hour('watched', 60), hour('running', 288))).toEqual(['watched', 'running']);
    expect(paces(hour('idle', 6), hour('watched', 60), hour('running', 288))).toEqual(['idle', 'watched', 'running']);
    expect(linesOf(' a/b \n\n c/d')).toEqual(['a/b', 'c/d']);
  });
});

describe('the help beside the form', () => {
  it('is drawn from nodes, and its links are opened by the core', async () => {
    const host = await add();
    const help = screen.getByTestId('readme');
    expect(help.querySelector('table')).not.toBeNull();
    expect(help.textContent).not.toContain('##');
    within(help).getByTestId('prose-link').click();
    expect(asked(host, 'open_prose_link')).toEqual([{ id: 'readme:github', index: 0 }]);
  });
});

describe('problems', () => {
  it('are counted on their tab and lead to where they are mended', async () => {
    const { host } = await open('#/connections');
    expect(screen.getByTestId('tab-problems').textContent).toContain('5');
    await press('tab-problems');
    const rows = screen.getAllByTestId('problem');
    expect(rows).toHaveLength(5);
    expect(rows[2]!.textContent).toContain('config.toml:14');
    await accessible('problems');
    within(rows[2]!).getByRole('button').click();
    expect(asked(host, 'open_config')).toHaveLength(1);
    within(rows[4]!).getByRole('button').click();
    await settle();
    expect(router.route).toMatchObject({ view: 'alerts', query: 'service:none' });
  });

  it('are found in the palette', async () => {
    await open('#/overview');
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.type(screen.getByRole('combobox', { name: 'Search or run' }), 'problems{Enter}');
    await settle();
    expect(router.route).toMatchObject({ view: 'connections', tab: 'problems' });
  });

  it('of a source show it', async () => {
    await open('#/connections?tab=problems', 'offline');
    const [first] = screen.getAllByTestId('problem');
    expect(first!.textContent).toContain('network is unreachable');
    expect(first!.textContent).toContain('next try');
    within(first!).getByRole('button').click();
    await settle();
    expect(screen.getByTestId('conn-health')).not.toBeNull();
    expect(router.route.tab).toBeNull();
  });

  it('may be none', async () => {
    await open('#/connections?tab=problems', 'good');
    expect(screen.getByTestId('empty-problems').textContent).toContain('No problems.');
  });

  it('that cannot be read are not none', async () => {
    await open('#/connections?tab=problems', 'error');
    expect(screen.queryByTestId('empty-problems')).toBeNull();
    expect(screen.getByTestId('empty-error').textContent).toContain('disk I/O error');
  });

  it('have a silhouette by how bad they are', () => {
    const at = { now: 0, zone: 'utc' as const };
    const config = (broken: boolean) => problemText({ problem: 'config', broken, message: 'x', file: '/home/a/config.toml', line: null }, at);
    expect([config(true).status, config(false).status]).toEqual(['failing', 'warn']);
    expect(config(true).place).toBe('config.toml');
    expect(problemText({ problem: 'unmatched', kind: 'ticket', count: 1, query: 'service:none' }, at).sentence).toContain('1 ticket');
  });
});

describe('settings of notifications and the desktop', () => {
  it('take several words, and hours', async () => {
    const { host } = await open('#/settings');
    const kinds = within(screen.getByTestId('setting-notifications.kinds')).getByRole('group', { name: 'Of these' });
    within(kinds).getByLabelText('Deployments').click();
    await settle();
    const hours = within(screen.getByTestId('setting-notifications.quiet_hours')).getByLabelText('Quiet hours');
    await userEvent.type(hours, '22:00-07:00{Tab}');
    await settle();
    expect(asked(host, 'setting_save')).toEqual([
      { key: 'notifications.kinds', value: 'run, alert, ticket' },
      { key: 'notifications.quiet_hours', value: '22:00-07:00' },
    ]);
    expect(screen.getByText('Start with the session')).not.toBeNull();
  });
});
