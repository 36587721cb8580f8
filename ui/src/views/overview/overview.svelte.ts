import type { OverviewView, ServiceRow, Tier } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { Feed } from '../../live/feed.svelte';

const TIERS: readonly Tier[] = ['production', 'staging', 'test', 'development', 'other'];

/** The overview with the question it answers. */
interface Held extends OverviewView {
  question: string;
}

export class OverviewController {
  readonly feed: Feed<Held>;
  current = $state(-1);
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(() => this.#pull());
  }

  get services(): ServiceRow[] {
    return this.feed.value?.services ?? [];
  }

  /** The tiers anything is deployed to, production first: a column each. */
  get tiers(): Tier[] {
    return TIERS.filter((tier) => this.services.some((service) => service.deployments.some((cell) => cell.tier === tier)));
  }

  /** The question in the address may have changed. */
  follow(): void {
    const { asOf } = this.route();
    const question = JSON.stringify([asked(this.route()), asOf]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.current = -1;
    if (!first) void this.feed.ask();
  }

  async #pull(): Promise<Held> {
    const { asOf } = this.route();
    const query = asked(this.route());
    const question = JSON.stringify([query, asOf, this.session.freshness]);
    const held = this.feed.value;
    const seen = held?.question === question ? held.seq : null;
    const view = await this.session.client.call('overview', { query, as_of: asOf, seen_seq: seen });
    return view.unchanged && held ? { ...held, sources: view.sources.length ? view.sources : held.sources } : { ...view, question };
  }
}

export { openService, serviceOf } from '../../app/target';
