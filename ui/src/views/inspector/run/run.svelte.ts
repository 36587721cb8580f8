import type { CompareView, ExcerptView, LineView } from '../../../api/gen';
import { ApiError } from '../../../api/client';
import type { Session } from '../../../app/session.svelte';
import { Feed } from '../../../live/feed.svelte';
import type { Fetched } from '../inspector.svelte';

/** How long a run must be looked at before its log is asked for. */
const DWELL_MS = 350;

/** One run within its line: how the line is doing, where the run failed, what lies between good and bad. */
export class RunController {
  readonly line: Feed<LineView>;
  excerpt = $state.raw<Fetched<ExcerptView | null>>({ state: 'idle' });
  commits = $state.raw<Fetched<CompareView | null>>({ state: 'idle' });

  constructor(
    private readonly session: Session,
    readonly id: string,
    /** The run failed, so its log is worth a request. */
    private readonly failed: boolean,
  ) {
    this.line = new Feed(() => session.client.call('line', { id }));
  }

  /** Follows the bell; asks for the log after a moment. Returns how to stop. */
  start(): () => void {
    const stop = this.line.listen(this.session.client);
    const timer = setTimeout(() => this.failed && void this.loadExcerpt(), DWELL_MS);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  async loadExcerpt(): Promise<void> {
    this.excerpt = { state: 'loading' };
    try {
      this.excerpt = { state: 'ready', value: await this.session.client.call('excerpt', { id: this.id, as_of: null }) };
    } catch (failure) {
      this.excerpt = { state: 'failed', failure: ApiError.of(failure) };
    }
  }

  /** The commits from the last good run to the first bad one. */
  async loadCommits(from: string, to: string): Promise<void> {
    this.commits = { state: 'loading' };
    try {
      this.commits = { state: 'ready', value: await this.session.client.call('compare', { from, to }) };
    } catch (failure) {
      this.commits = { state: 'failed', failure: ApiError.of(failure) };
    }
  }
}
