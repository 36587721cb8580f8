/** Ages move on this often: each move paints, and a window that is left open must cost next to nothing. */
const AGES_MS = 10_000;

/** The window's one clock: every age on screen is counted from it, so that a hidden window counts nothing. */
class Clock {
  /** What ages are counted from: moves every ten seconds, and when something new was told. */
  now = $state(Date.now());
  /** Moves every second: for what runs right now, and for the time itself. */
  second = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;
  /** What it showed when it was aligned last, when that was, and how fast it has run since. */
  #shown = Date.now();
  #seen = Date.now();
  #rate = 1;

  /** Ticks once a second while the window is visible. Returns how to stop it. */
  start(): () => void {
    const resume = () => {
      clearInterval(this.#timer);
      this.#show();
      if (document.hidden) return;
      this.#timer = setInterval(() => this.#tick(), 1_000);
    };
    resume();
    document.addEventListener('visibilitychange', resume);
    return () => {
      clearInterval(this.#timer);
      document.removeEventListener('visibilitychange', resume);
    };
  }

  /**
   * Follows the core's clock: ages are counted from one clock only. Differences below a second are the way's own. A demo's
   * clock runs at a rate of its own, and stands at 0.
   */
  align(now: string, rate = 1): void {
    const told = Date.parse(now);
    if (Number.isNaN(told)) return;
    const own = rate === 1 && Math.abs(told - Date.now()) < 1_000;
    this.#set(own ? Date.now() : told, rate);
    if (rate !== 1) this.second = this.now = told;
    else if (this.#timer !== undefined) this.#show();
  }

  /** A clock that runs faster takes everything along. */
  #tick(): void {
    this.second = this.#read();
    if (this.#rate !== 1 || Math.abs(this.second - this.now) >= AGES_MS) this.now = this.second;
  }

  #show(): void {
    this.second = this.now = this.#read();
  }

  #set(shown: number, rate: number): void {
    this.#shown = shown;
    this.#seen = Date.now();
    this.#rate = rate;
  }

  #read(): number {
    return this.#shown + (Date.now() - this.#seen) * this.#rate;
  }
}

export const clock = new Clock();
