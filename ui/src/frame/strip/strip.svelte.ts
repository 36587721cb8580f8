import type { HappenedView } from '../../api/gen';
import { ribbonOf, STEP, toRange, toSpan, type Range } from '../../app/ribbon';
import { narrowedTo, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { clock } from '../../live/clock.svelte';
import { Feed } from '../../live/feed.svelte';
import type { Told } from './drawing';

/** A storm rings four times a second; the strip need not follow that. */
const PAUSE_MS = 1_500;

interface Held extends Told {
  question: string;
}

/** What the strip shows: 24 hours in buckets, pulled by the bell. */
export class StripController {
  private readonly session: Session;
  private readonly route: () => Route;
  readonly feed: Feed<Held>;
  /** The minute that is now: the strip is not drawn anew every second. */
  readonly now = $derived(Math.floor(clock.now / 60_000) * 60_000);
  readonly during: Range | null = $derived.by(() => toRange(this.route().during));
  readonly asOf: number | null = $derived.by(() => {
    const { asOf } = this.route();
    return asOf === null ? null : Date.parse(asOf);
  });
  readonly ribbon: Range = $derived.by(() => ribbonOf(this.now, this.during, this.asOf));
  #asked = '';
  #pulledAt = Number.NEGATIVE_INFINITY;
  #hurry: (() => void) | undefined;
  #left = false;

  constructor(session: Session, route: () => Route) {
    this.session = session;
    this.route = route;
    this.feed = new Feed(() => this.#pull());
  }

  /** Follows the bell. Returns how to stop: a pull that still pauses then asks nobody. */
  start(): () => void {
    this.#left = false;
    const stop = this.feed.listen(this.session.client);
    return () => {
      stop();
      this.#left = true;
      this.#hurry?.();
    };
  }

  /** The ribbon moved, or what it is narrowed to changed. */
  follow(): void {
    const question = this.#question();
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    this.#pulledAt = Number.NEGATIVE_INFINITY;
    this.#hurry?.();
    if (!first) void this.feed.ask();
  }

  #question(): string {
    return JSON.stringify([this.ribbon.from, narrowedTo(this.route())]);
  }

  async #pull(): Promise<Held> {
    await this.#pause();
    // Its feed takes no answer any more, and what its question is made of is gone with the strip.
    if (this.#left) throw new Error('the strip was left');
    const question = this.#question();
    const held = this.feed.value;
    const span = this.ribbon;
    const { from, to } = toSpan(span);
    const view = await this.session.client.call('strip', {
      from, to, step_secs: STEP / 1_000, query: narrowedTo(this.route()), seen_seq: held?.question === question ? held.seq : null,
    });
    this.#pulledAt = performance.now();
    return view.unchanged && held ? held : { ...view, question, span };
  }

  async #pause(): Promise<void> {
    const wait = this.#pulledAt + PAUSE_MS - performance.now();
    if (wait <= 0) return;
    await new Promise<void>((resolve) => {
      this.#hurry = resolve;
      setTimeout(resolve, wait);
    });
  }
}


/** So many of each kind are listed. */
const LISTED = 500;

/** What happened in the window that is selected, row by row. */
export class WindowController {
  readonly feed: Feed<HappenedView & { question: string }>;
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(async () => {
      const { during } = this.route();
      const question = this.#question();
      if (during === null) return { items: [], counts: [], at_least: false, truncated: false, unread: [], question };
      const view = await this.session.client.call('happened', { ...during, query: narrowedTo(this.route()), limit: LISTED });
      return { ...view, question };
    });
  }

  /** The answer, when it is one to the window that is selected now. */
  get shown(): HappenedView | null {
    return this.feed.value?.question === this.#question() ? this.feed.value : null;
  }

  /** Another window is selected. */
  follow(): void {
    const question = this.#question();
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    if (!first && this.route().during !== null) void this.feed.ask();
  }

  #question(): string {
    return JSON.stringify([this.route().during, narrowedTo(this.route())]);
  }
}
