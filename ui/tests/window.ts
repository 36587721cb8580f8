import { render } from '@testing-library/svelte';
import axe from 'axe-core';
import { tick } from 'svelte';
import { expect } from 'vitest';
import { Client } from '../src/api/client';
import { router } from '../src/app/router.svelte';
import { parseRoute } from '../src/app/route';
import App from '../src/frame/App.svelte';
import { FakeHost, type Scenario } from '../src/host/fake/fake';

/** Lets answers arrive and the window paint. */
export async function settle(ms = 0): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  await tick();
}

/** The whole window over invented backends, at an address. */
export async function open(hash: string, scenario: Scenario = 'normal') {
  history.replaceState(null, '', hash);
  router.route = parseRoute(hash);
  const host = new FakeHost(scenario);
  const window = render(App, { props: { client: new Client(host) } });
  await settle();
  await settle();
  return { host, ...window };
}

/** Nothing that axe can see without a layout is wrong. Contrast is solved in the tokens and looked at in a browser. */
export async function accessible(what: string): Promise<void> {
  const { violations } = await axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`), what).toEqual([]);
}

/** What was asked of the core, newest last. */
export const asked = (host: FakeHost, command: string): Record<string, unknown>[] =>
  host.calls.filter((call) => call.command === command).map((call) => call.payload as Record<string, unknown>);
