import type { DemoReq, DemoView } from '../api/gen';
import { ApiError } from '../api/client';
import type { Session } from './session.svelte';

/** Steers the demo from the window. */
export class DemoController {
  /** On the way to a chapter. */
  going = $state<string | null>(null);
  /** Why the last wish was not followed. */
  failure = $state<string | null>(null);

  constructor(readonly session: Session) {}

  get view(): DemoView | null {
    return this.session.status.value?.demo ?? null;
  }

  async toggle(): Promise<void> {
    if (this.view) await this.#ask({ playing: !this.view.playing });
  }

  async hurry(speed: number): Promise<void> {
    await this.#ask({ speed });
  }

  async go(chapter: string): Promise<void> {
    if (this.going !== null) return;
    this.going = chapter;
    await this.#ask({ chapter });
    this.going = null;
  }

  async enter(): Promise<void> {
    await this.#try(() => this.session.client.call('demo_enter', {}));
  }

  /** Back to the real thing; `connect`: to its connections. */
  async leave(connect = false): Promise<void> {
    await this.#try(() => this.session.client.call('demo_leave', { connect }));
  }

  async #ask(wish: Partial<DemoReq>): Promise<void> {
    await this.#try(() => this.session.client.call('demo_control', { playing: null, speed: null, chapter: null, ...wish }));
    void this.session.status.ring();
  }

  async #try(call: () => Promise<unknown>): Promise<void> {
    this.failure = null;
    try {
      await call();
    } catch (failure) {
      this.failure = ApiError.of(failure).message;
    }
  }
}
