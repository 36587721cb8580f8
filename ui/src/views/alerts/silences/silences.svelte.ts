import type { ActionOffer, SilenceRow, SilencesView } from '../../../api/gen';
import type { Session } from '../../../app/session.svelte';
import { Feed } from '../../../live/feed.svelte';
import { ActionController } from '../../inspector/action.svelte';

/** Sources are asked again this often while somebody looks. */
const EVERY_MS = 30_000;
/** A silence that was just made shows within this time. */
const SOON_MS = 1_000;

/** What of the silences is shown. */
export const MARKS = ['expiring', 'matches_nothing', 'no_comment'] as const;
export type Mark = (typeof MARKS)[number];

/** All silences, asked of their sources while somebody looks. */
export class SilencesController {
  readonly feed: Feed<SilencesView>;
  /** Only those with this mark. */
  mark = $state<Mark | null>(null);
  /** Index of the current row; -1 before the first move. */
  current = $state(-1);
  /** The list was read since something was done to it. */
  shown = $state(true);
  /** The next answer must not be one that was read before. */
  #fresh = false;

  constructor(
    private readonly session: Session,
    /** Words that rows must have. */
    private readonly query: () => string,
  ) {
    this.feed = new Feed(() => {
      const fresh = this.#fresh;
      this.#fresh = false;
      return session.client.call('silences', { fresh });
    });
  }

  /** Asks now and every while. Returns how to stop. The bell is not followed: it rings for alerts, and sources would be asked for each. */
  start(): () => void {
    const stop = this.feed.listen({ onBell: () => () => undefined });
    const timer = setInterval(() => void this.feed.ring(), EVERY_MS);
    return () => {
      clearInterval(timer);
      stop();
    };
  }

  /** The rows that are shown. */
  get rows(): SilenceRow[] {
    const words = this.query().toLowerCase().split(/\s+/).filter(Boolean);
    const said = ({ silence, source, marks }: SilenceRow) => [silence.comment, silence.created_by, silence.state, silence.id, source, ...silence.matchers, ...marks].join('\n').toLowerCase();
    return (this.feed.value?.silences ?? []).filter(
      (row) => (this.mark === null || row.marks.includes(this.mark)) && words.every((word) => said(row).includes(word)),
    );
  }

  /** How many rows have a mark. */
  count(mark: Mark): number {
    return this.feed.value?.silences.filter((row) => row.marks.includes(mark)).length ?? 0;
  }

  /** Begins an action on a silence, or the making of one. */
  begin(source: string, offer: ActionOffer, preset: Record<string, string>): ActionController {
    const action = new ActionController(this.session, source, offer, null, preset);
    void action.open();
    return action;
  }

  /** Something was done: its source is asked for what it says now. */
  settled(): void {
    this.#fresh = true;
    this.shown = false;
    void this.feed.ask();
    // Alertmanager tells of a change after a moment.
    setTimeout(() => {
      this.#fresh = true;
      void this.feed.ring().then(() => (this.shown = this.feed.failure === null));
    }, SOON_MS);
  }
}

/** Identity of a row: ids are unique within a source only. */
export const keyOf = (row: SilenceRow): string => `${row.source} ${row.silence.id}`;
