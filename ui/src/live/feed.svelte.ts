import { ApiError } from '../api/client';
import type { Bell, Unsubscribe } from '../host/host';

/** Where a feed hears that something changed. */
export interface Ringer {
  onBell(listener: (bell: Bell) => void): Unsubscribe;
}

/**
 * What a view shows, pulled when the bell rings.
 *
 * Rings during a pull are folded into one more pull. A hidden window pulls nothing and catches up once when it is seen
 * again. What was shown last stays when a pull fails: `failure` stands beside it. Only an answer to another question goes
 * when the new one is refused as such: nothing may pass for an answer to it.
 */
export class Feed<T> {
  /** The last good answer; `null` until the first one. */
  value = $state.raw<T | null>(null);
  /** Why the latest pull failed; `null` after one that worked. */
  failure = $state.raw<unknown>(null);
  /** Whether a pull has come back at all, good or bad. */
  settled = $state(false);
  /** Whether a pull is under way. */
  pulling = $state(false);

  #pull: () => Promise<T>;
  #taken: (value: T, again: boolean) => void;
  #rung = false;
  #running = false;
  #generation = 0;
  /** The question that is answered by what is shown. */
  #answered = 0;
  #stop: Unsubscribe | undefined;

  /** `taken` hears of each answer that is shown, just before it is, and whether it was shown before. */
  constructor(pull: () => Promise<T>, taken: (value: T, again: boolean) => void = () => undefined) {
    this.#pull = pull;
    this.#taken = taken;
  }

  /** Shows an answer that was pulled before, until the next one. */
  show(value: T): void {
    this.#taken(value, true);
    this.value = value;
    this.#answered = this.#generation;
    this.settled = true;
  }

  /** Pulls now, and whenever the bell rings, until the returned function is called. */
  listen(ringer: Ringer): Unsubscribe {
    const detach = ringer.onBell(() => void this.ring());
    const seen = () => void (document.hidden ? undefined : this.#resume());
    document.addEventListener('visibilitychange', seen);
    this.#stop = () => {
      detach();
      document.removeEventListener('visibilitychange', seen);
      this.#generation += 1;
      this.#rung = false;
    };
    void this.ring();
    return this.#stop;
  }

  /** Something changed: pull soon, but never twice at once. */
  async ring(): Promise<void> {
    this.#rung = true;
    if (this.#running || document.hidden) return;
    this.#running = true;
    this.pulling = true;
    try {
      while (this.#rung && !document.hidden) await this.#round();
    } finally {
      this.#running = false;
      this.pulling = false;
    }
  }

  /** The question changed: an answer to the old one that is still under way is thrown away. */
  async ask(): Promise<void> {
    this.#generation += 1;
    await this.ring();
  }

  async #round(): Promise<void> {
    this.#rung = false;
    const asked = this.#generation;
    try {
      const value = await this.#pull();
      if (asked !== this.#generation) return;
      this.#taken(value, false);
      this.value = value;
      this.#answered = asked;
      this.failure = null;
    } catch (failure) {
      if (asked !== this.#generation) return;
      if (asked !== this.#answered && ApiError.of(failure).code === 'bad_request') this.value = null;
      this.failure = failure;
    }
    this.settled = true;
  }

  async #resume(): Promise<void> {
    if (this.#rung) await this.ring();
  }
}
