/** The window's one clock: every age on screen is counted from it, so that a hidden window counts nothing. */
class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The core's clock minus the webview's. */
  #offset = 0;

  /** Ticks once a second while the window is visible. Returns how to stop it. */
  start(): () => void {
    const resume = () => {
      clearInterval(this.#timer);
      if (document.hidden) return;
      this.now = Date.now() + this.#offset;
      this.#timer = setInterval(() => (this.now = Date.now() + this.#offset), 1_000);
    };
    resume();
    document.addEventListener('visibilitychange', resume);
    return () => {
      clearInterval(this.#timer);
      document.removeEventListener('visibilitychange', resume);
    };
  }

  /** Follows the core's clock: ages are counted from one clock only. Differences below a second are the way's own. */
  align(now: string): void {
    const offset = Date.parse(now) - Date.now();
    if (!Number.isNaN(offset)) this.#offset = Math.abs(offset) < 1_000 ? 0 : offset;
  }

  /** Sets the time by hand, for tests and pictures. */
  freeze(now: number): void {
    clearInterval(this.#timer);
    this.#offset = now - Date.now();
    this.now = now;
  }
}

export const clock = new Clock();
