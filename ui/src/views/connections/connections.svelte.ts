import type { BackendView, CheckView, ConnectionView, KeychainView, ProblemView } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import { Feed } from '../../live/feed.svelte';

export class ConnectionsController {
  readonly feed: Feed<ConnectionView[]>;
  readonly problems: Feed<ProblemView[]>;
  /** Backends that can be added; they do not change while the window lives. */
  backends = $state.raw<BackendView[]>([]);
  keychain = $state.raw<KeychainView | null>(null);
  /** The latest report of a test, and of which connection. */
  report = $state.raw<{ id: string; check: CheckView } | null>(null);
  testing = $state<string | null>(null);
  failure = $state.raw<ApiError | null>(null);

  constructor(private readonly session: Session) {
    this.feed = new Feed(() => session.client.call('connections', {}));
    this.problems = new Feed(() => session.client.call('problems', {}));
  }

  start(): () => void {
    void this.#load();
    const stops = [this.feed.listen(this.session.client), this.problems.listen(this.session.client)];
    return () => stops.forEach((stop) => stop());
  }

  find(id: string): ConnectionView | undefined {
    return this.feed.value?.find((connection) => connection.draft.id === id);
  }

  /** Tests a saved connection with the credential it has. */
  async test(connection: ConnectionView): Promise<void> {
    const { id } = connection.draft;
    this.testing = id;
    this.failure = null;
    try {
      const check = await this.session.client.call('connection_test', { draft: connection.draft, replaces: id, secret: null, session_only: false });
      this.report = { id, check };
    } catch (failure) {
      this.failure = ApiError.of(failure);
    } finally {
      this.testing = null;
    }
  }

  /** Removes a connection, its secret and what it observed. */
  async remove(id: string): Promise<boolean> {
    this.failure = null;
    try {
      await this.session.client.call('connection_remove', { id });
      void this.feed.ring();
      void this.session.status.ring();
      return true;
    } catch (failure) {
      this.failure = ApiError.of(failure);
      return false;
    }
  }

  async #load(): Promise<void> {
    try {
      this.backends = await this.session.client.call('backends', {});
      this.keychain = await this.session.client.call('keychain', {});
    } catch (failure) {
      this.failure = ApiError.of(failure);
    }
  }
}
