import { untrack } from 'svelte';
import type { ActivityView, NeedsYou, OverviewView, ServiceRow, Tier } from '../../api/gen';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { clock } from '../../live/clock.svelte';
import { Feed } from '../../live/feed.svelte';
import { asLost } from '../../live/hold';
import { Places } from '../../live/places.svelte';

const TIERS: readonly Tier[] = ['production', 'staging', 'test', 'development', 'other'];

/** The overview with the question it answers. */
interface Held extends OverviewView {
  question: string;
  /** The question without what time alone changes. */
  place: string;
}

/** The last day with the question it answers. */
interface Day extends ActivityView {
  question: string;
  asOf: string | null;
}

/** A line of the list: a service, or the one that stands for all that are fine. */
export type Line = { service: ServiceRow } | { fold: { all: number; fine: number; open: boolean } };

/** What the overview is called among the views whose last answer is kept. */
const SLOT = 'overview';
const DAY = 'overview day';
/** How often the last day is asked for anew: an hour changes slowly. */
const ACTIVITY_EVERY_MS = 60_000;

export class OverviewController {
  readonly feed: Feed<Held>;
  readonly activity: Feed<Day>;
  current = $state(-1);
  /** The services as they are drawn: worst first; what is fine is folded into one line, unless something was searched for. */
  readonly places: Places<Line>;
  /** What needs a person, as it is drawn. */
  readonly needs = new Places<NeedsYou>({ keyOf: ({ row }) => row.id, lost: (need) => ({ ...need, row: asLost(need.row) }) });
  /** The fine services are shown, too. */
  #unfolded = false;
  /** All services of the latest answer. */
  #known: readonly ServiceRow[] = [];
  #asked = '';
  /** When it was told last. */
  #at = clock.now;

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.places = new Places<Line>({ keyOf: lineKey, lost: (line) => this.#afterwards(line) });
    this.feed = new Feed(() => this.#pull(), (held, again) => {
      this.#arrange(held, again);
      session.shown[SLOT] = held;
    });
    this.activity = new Feed(async () => {
      const question = this.#day();
      const { asOf } = route();
      return { ...(await session.client.call('activity', { as_of: asOf })), question, asOf };
    }, (day) => (session.shown[DAY] = day));
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

  /** Shows or hides the fine services. */
  fold(): void {
    this.#unfolded = !this.#unfolded;
    if (this.feed.value) this.#arrange(this.feed.value);
  }

  /** How many rows wait to come, go or move. */
  get waiting(): number {
    return this.places.waiting + this.needs.waiting;
  }

  /** Puts the rows where they belong. */
  load(): void {
    this.places.load();
    this.needs.load();
  }

  #arrange({ services, needs_you, place }: Held, again = false): void {
    // Time has leapt: the machine slept, or a demo went to another chapter. Or a source has told of more services.
    const now = untrack(() => clock.now);
    if (Math.abs(now - this.#at) > ACTIVITY_EVERY_MS || services.length !== this.#known.length) void this.activity.ring();
    this.#at = now;
    this.#known = services;
    const lines = linesOf(services, this.#unfolded, asked(this.route()) !== '');
    this.places.take({ rows: lines, offset: 0, total: lines.length }, `${place} ${this.#unfolded}`, again);
    this.needs.take({ rows: needs_you, offset: 0, total: needs_you.length }, place, again);
  }

  /** A line that is no longer there: its service may only have become fine and be folded away. */
  #afterwards(line: Line): Line {
    // None is fine any more: the line that stood for them must not say so.
    if ('fold' in line) return { fold: { ...line.fold, all: this.#known.length, fine: this.#known.filter(isFine).length } };
    const known = this.#known.find(({ name }) => name === line.service.name);
    return { service: known ?? asLost(line.service) };
  }

  /** The last day of the moment that is looked at; nothing until it was told, whatever another one was like. */
  get day(): ActivityView | null {
    const { value } = this.activity;
    return value?.asOf === this.route().asOf ? value : null;
  }

  /** Hours of the last day in which a source of a service was not read; all of them where none tells of it. */
  unread(service: ServiceRow): number[] {
    const { unread: gaps = [], parts: hours = 0 } = this.day ?? {};
    if (service.sources.length === 0) return Array.from({ length: hours }, (_, hour) => hour);
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
    if (first) return untrack(() => this.#recall());
    void this.feed.ask();
    void this.activity.ask();
  }

  /** Shows at once what was shown before the view was left, if it answers the same, no source has aged and nothing changed since. */
  #recall(): void {
    const { [SLOT]: kept, [DAY]: day } = this.session.shown;
    if (kept?.question === this.#place() + this.session.freshness && this.session.isLatest(kept as Held)) this.feed.show(kept as Held);
    if (day?.question === this.#day()) this.activity.show(day as Day);
  }

  #day(): string {
    return JSON.stringify([this.route().asOf, this.session.freshness]);
  }

  #place(): string {
    return JSON.stringify([asked(this.route()), this.route().asOf]);
  }

  async #pull(): Promise<Held> {
    const { asOf } = this.route();
    const query = asked(this.route());
    const place = this.#place();
    const question = place + this.session.freshness;
    const held = this.feed.value;
    const seen = held?.question === question ? held.seq : null;
    const view = await this.session.client.call('overview', { query, as_of: asOf, seen_seq: seen });
    return view.unchanged && held ? { ...held, sources: view.sources.length ? view.sources : held.sources } : { ...view, question, place };
  }
}

export { openService, serviceOf } from '../../app/target';

/** Fine is what was seen to be fine, all of it, just now. */
export const isFine = (service: ServiceRow): boolean => service.status === 'ok' && !service.stale && !service.alerts_stale;

/** What a line is told apart by: the name of its service. */
export const lineKey = (line: Line): string => ('fold' in line ? ' fold' : line.service.name);

function linesOf(services: readonly ServiceRow[], unfolded: boolean, searched: boolean): Line[] {
  const fine = services.filter(isFine);
  const one = (service: ServiceRow): Line => ({ service });
  if (fine.length === 0 || searched) return services.map(one);
  const fold = { all: services.length, fine: fine.length, open: unfolded };
  return [...services.filter((service) => !isFine(service)).map(one), { fold }, ...(unfolded ? fine.map(one) : [])];
}
