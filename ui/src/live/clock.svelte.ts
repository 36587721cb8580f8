import { createSubscriber } from 'svelte/reactivity';

/** Ages move on this often: each move paints, and a window that is left open must cost next to nothing. */
const AGES_MS = 10_000;
const SECOND_MS = 1_000;

/** The window's one clock: every age on screen is counted from it, so that a hidden window counts nothing. */
class Clock {
  /** What ages are counted from: moves every ten seconds, and when something new was told. */
  now = $state(Date.now());
  #pinned = $state<number | null>(null);
  /** The last moment that was told to what counts seconds. */
  #beat = $state(0);
  #timer: ReturnType<typeof setInterval> | undefined;
  /** What it showed when it was aligned last, when that was, and how fast it has run since. */
  #told = Date.now();
  #seen = Date.now();
  #rate = 1;
  /** Beats only while something that counts seconds is drawn. */
  readonly #beating = createSubscriber(() => {
    const timer = setInterval(() => document.hidden || this.#tick(), SECOND_MS);
    return () => clearInterval(timer);
  });

  /** What ages of rows are counted from: now, or the moment that is looked at. */
  get shown(): number {
    return this.#pinned ?? this.now;
  }

  /** Another moment is looked at; `null`: now. */
  pin(at: string | null): void {
    this.#pinned = at === null ? null : Date.parse(at);
  }

  /** Until when what has not ended has run. */
  get running(): number {
    return this.#pinned ?? this.second;
  }

  /** For what runs right now, and for the time itself: moves every second. */
  get second(): number {
    this.#beating();
    void this.#beat;
    return this.#read();
  }

  /** Ticks while the window is visible. Returns how to stop it. */
  start(): () => void {
    const resume = () => {
      this.#show();
      this.#run(!document.hidden);
    };
    resume();
    document.addEventListener('visibilitychange', resume);
    return () => {
      this.#run(false);
      document.removeEventListener('visibilitychange', resume);
    };
  }

  /**
   * Follows the core's clock: ages are counted from one clock only. Differences below a second are the way's own. A demo's
   * clock runs at a rate of its own, and stands at 0. Ages move at once with what is `news`.
   */
  align(now: string, rate = 1, news = true): void {
    const told = Date.parse(now);
    if (Number.isNaN(told)) return;
    const own = rate === 1 && Math.abs(told - Date.now()) < SECOND_MS;
    const other = rate !== this.#rate;
    const off = Math.abs(told - this.#read()) >= SECOND_MS;
    this.#told = own ? Date.now() : told;
    this.#seen = Date.now();
    this.#rate = rate;
    const running = this.#timer !== undefined;
    if (running && other) this.#run(true);
    if (rate !== 1 || (running && (news || off))) this.#show();
  }

  /** A clock that does not run at the pace of the world takes ages along with every second. */
  #run(on: boolean): void {
    clearInterval(this.#timer);
    this.#timer = on ? setInterval(() => this.#show(), this.#rate === 1 ? AGES_MS : SECOND_MS) : undefined;
  }

  #show(): void {
    this.now = this.#read();
    this.#tick();
  }

  #tick(): void {
    this.#beat = this.#read();
  }

  #read(): number {
    return this.#told + (Date.now() - this.#seen) * this.#rate;
  }
}

export const clock = new Clock();
