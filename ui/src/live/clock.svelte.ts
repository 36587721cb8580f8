/** The window's one clock: every age on screen is counted from it, so that a hidden window counts nothing. */
class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Ticks once a second while the window is visible. Returns how to stop it. */
  start(): () => void {
    const resume = () => {
      clearInterval(this.#timer);
      if (document.hidden) return;
      this.now = Date.now();
      this.#timer = setInterval(() => (this.now = Date.now()), 1_000);
    };
    resume();
    document.addEventListener('visibilitychange', resume);
    return () => {
      clearInterval(this.#timer);
      document.removeEventListener('visibilitychange', resume);
    };
  }

  /** Sets the time by hand, for tests and pictures. */
  freeze(now: number): void {
    clearInterval(this.#timer);
    this.now = now;
  }
}

export const clock = new Clock();
