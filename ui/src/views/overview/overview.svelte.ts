import type { ActivityView, OverviewView, ServiceRow, Tier } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { Feed } from '../../live/feed.svelte';

const TIERS: readonly Tier[] = ['production', 'staging', 'test', 'development', 'other'];

/** The overview with the question it answers. */
interface Held extends OverviewView {
  question: string;
}

/** A line of the list: a service, or the one that stands for all that are fine. */
export type Line = { service: ServiceRow } | { fold: { all: number; fine: number; open: boolean } };

/** How often the last day is asked for anew: an hour changes slowly. */
const ACTIVITY_EVERY_MS = 60_000;

export class OverviewController {
  readonly feed: Feed<Held>;
  readonly activity: Feed<ActivityView>;
  current = $state(-1);
  /** The fine services are shown, too. */
  unfolded = $state(false);
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(() => this.#pull());
    this.activity = new Feed(() => session.client.call('activity', { as_of: route().asOf }));
  }

  /** Follows the bell with the services, and the clock with the last day. Returns how to stop. */
  start(): () => void {
    const stop = this.feed.listen(this.session.client);
    const still = this.activity.listen({ onBell: () => () => undefined });
    const timer = setInterval(() => void this.activity.ring(), ACTIVITY_EVERY_MS);
    return () => {
      clearInterval(timer);
      still();
      stop();
    };
  }

  /** Worst first; what is fine is folded into one line, unless something was searched for. */
  get lines(): Line[] {
    const { services } = this;
    const fine = services.filter(isFine);
    if (fine.length === 0 || asked(this.route()) !== '') return services.map((service) => ({ service }));
    const rest = services.filter((service) => !isFine(service));
    const fold = { all: services.length, fine: fine.length, open: this.unfolded };
    return [...rest, ...(this.unfolded ? [{ fold }, ...fine] : [{ fold }])].map((line) => ('fold' in line ? line : { service: line }));
  }

  /** Hours of the last day in which a source of a service was not read. */
  unread(service: ServiceRow): number[] {
    const gaps = this.activity.value?.unread ?? [];
    const parts = gaps.filter((gap) => service.sources.includes(gap.source)).flatMap((gap) => gap.parts);
    return parts.filter((part, at) => parts.indexOf(part) === at);
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
    if (first) return;
    void this.feed.ask();
    void this.activity.ask();
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

/** Fine is what was seen to be fine, all of it, just now. */
export const isFine = (service: ServiceRow): boolean => service.status === 'ok' && !service.stale && !service.alerts_stale;
