import type { ChartKind, ChartMark, ChartRowsView, ChartsView } from '../../api/gen';
import { ApiError } from '../../api/client';
import { asked, type Route } from '../../app/route';
import type { Session } from '../../app/session.svelte';
import { clock } from '../../live/clock.svelte';
import { Feed } from '../../live/feed.svelte';
import { prefs } from '../../live/prefs.svelte';
import { zoneAhead } from '../../text/format';

/** A storm rings four times a second; bars need not follow that. */
const PAUSE_MS = 3_000;
/** A part grows without a bell: what was read comes to an end with time alone. */
const EVERY_MS = 60_000;

/** How far the charts go back when no time is selected, by the address's word for it. */
export const SPANS = { day: 24, days: 72, week: 168 } as const;
export type SpanKey = keyof typeof SPANS;

export const spanOf = ({ tab }: Route): SpanKey => (tab === 'days' || tab === 'week' ? tab : 'day');

/** All charts of the time that is shown, as large as there is room. */
export class ChartsController {
  readonly feed: Feed<ChartsView>;
  /** Pixels of each drawing. */
  width = $state(960);
  height = $state(150);
  #asked = '';

  constructor(
    private readonly session: Session,
    private readonly route: () => Route,
  ) {
    this.feed = new Feed(() => this.session.client.call('charts', this.#request()));
  }

  /** Follows the bell, at its own pace. Returns how to stop. */
  start(): () => void {
    let pause: ReturnType<typeof setTimeout> | undefined;
    const { client } = this.session;
    const stop = this.feed.listen({
      onBell: (listener) =>
        client.onBell((bell) => {
          pause ??= setTimeout(() => {
            pause = undefined;
            listener(bell);
          }, PAUSE_MS);
        }),
    });
    const timer = setInterval(() => void this.feed.ring(), EVERY_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(pause);
      stop();
    };
  }

  /** The question in the address, or the room, may have changed. */
  follow(): void {
    const question = JSON.stringify([this.#request(), this.session.freshness]);
    if (question === this.#asked) return;
    const first = this.#asked === '';
    this.#asked = question;
    if (!first) void this.feed.ask();
  }

  #request() {
    const route = this.route();
    return { query: asked(route), hours: SPANS[spanOf(route)], as_of: route.asOf, ahead_mins: zoneAhead(prefs.zone, clock.now), width: this.width, height: this.height };
  }
}

/** The rows that made one part of a chart. */
export class PartController {
  value = $state.raw<ChartRowsView | null>(null);
  failure = $state.raw<ApiError | null>(null);

  constructor(session: Session, route: Route, chart: ChartKind, { from, until }: ChartMark) {
    session.client.call('chart_rows', { chart, query: asked(route), from, to: until, as_of: route.asOf }).then(
      (value) => (this.value = value),
      (failure) => (this.failure = ApiError.of(failure)),
    );
  }
}
