import type { ActionView, DetailView, EntityView, LogView } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import { Feed } from '../../live/feed.svelte';

/** How long a row must be looked at before its backend is asked for details. */
const DWELL_MS = 350;

/** Something fetched from a backend on demand. */
export type Fetched<T> = { state: 'idle' | 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; failure: ApiError };

/** One entity: what is known of it at once, and what its backend adds when asked. */
export class InspectorController {
  readonly feed: Feed<EntityView>;
  detail = $state.raw<Fetched<DetailView>>({ state: 'idle' });
  log = $state.raw<Fetched<LogView | null>>({ state: 'idle' });
  /** What became of the last action proposed here, until the history shows it. */
  outcome = $state.raw<ActionView | ApiError | null>(null);

  constructor(
    private readonly session: Session,
    readonly id: string,
    private readonly asOf: string | null,
  ) {
    this.feed = new Feed(() => session.client.call('entity', { id, as_of: asOf }));
  }

  /** Shows the entity and follows the bell; asks for details after a moment. Returns how to stop. */
  start(): () => void {
    const stop = this.feed.listen(this.session.client);
    const timer = setTimeout(() => this.asOf === null && void this.loadDetail(), DWELL_MS);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  /** Its source is asked for more, or will be in a moment. */
  get asks(): boolean {
    return this.asOf === null && (this.detail.state === 'idle' || this.detail.state === 'loading');
  }

  /** The row changed since it was opened: what was fetched for it is of before. */
  moved(): void {
    if (this.asOf === null && this.detail.state !== 'idle') void this.loadDetail();
  }

  /** What is there already stays until the new has come. */
  async loadDetail(): Promise<void> {
    if (this.detail.state !== 'ready') this.detail = { state: 'loading' };
    try {
      this.detail = { state: 'ready', value: await this.session.client.call('detail', { id: this.id, as_of: null }) };
    } catch (failure) {
      this.detail = { state: 'failed', failure: ApiError.of(failure) };
    }
  }

  async loadLog(): Promise<void> {
    this.log = { state: 'loading' };
    try {
      this.log = { state: 'ready', value: await this.session.client.call('log', { id: this.id, as_of: null }) };
    } catch (failure) {
      this.log = { state: 'failed', failure: ApiError.of(failure) };
    }
  }

  /** Opens one of its links in the browser; the shell checks the address first. */
  async openLink(index: number): Promise<void> {
    try {
      await this.session.client.call('open_link', { id: this.id, index });
    } catch (failure) {
      this.outcome = ApiError.of(failure);
    }
  }

  /** Opens a link or picture of a text in the browser; the shell checks the address first. */
  async openProseLink(index: number): Promise<void> {
    try {
      await this.session.client.call('open_prose_link', { id: this.id, index });
    } catch (failure) {
      this.outcome = ApiError.of(failure);
    }
  }

  /** An action ended, or could not be proposed: show it where it was asked for. */
  settled(outcome: ActionView | ApiError): void {
    this.outcome = outcome;
    void this.feed.ring();
  }
}
