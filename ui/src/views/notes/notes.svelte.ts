import type { NotesView, NoteView } from '../../api/gen';
import { ApiError } from '../../api/client';
import { passing } from '../../app/passing.svelte';
import type { Session } from '../../app/session.svelte';
import { Feed } from '../../live/feed.svelte';
import { text } from '../../text/en';
import { safeText } from '../../text/safe';

/** What was begun and not added, by what it is written on: whoever looks at another row meanwhile finds it again. */
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- read once by whoever begins to write; typing must not make that anew
const drafts = new Map<string, string>();

/** The notes on one entity or service, and the one that is being written. */
export class NotesController {
  readonly feed: Feed<NotesView>;
  /** The field is shown. */
  writing = $state(false);
  draft = $state('');
  busy = $state(false);
  /** Why the last thing that was asked for was not done. */
  failure = $state('');

  constructor(
    private readonly session: Session,
    readonly subject: string,
    readonly asOf: string | null,
  ) {
    this.feed = new Feed(() => session.client.call('notes', { subject, words: '', as_of: asOf, limit: null }));
    this.draft = drafts.get(subject) ?? '';
    this.writing = this.draft !== '';
  }

  get notes(): NoteView[] {
    return this.feed.value?.notes ?? [];
  }

  /** How many characters may still be typed. */
  get left(): number {
    return (this.feed.value?.longest ?? 0) - [...this.draft.trim()].length;
  }

  get ready(): boolean {
    return this.draft.trim() !== '' && (this.feed.value === null || this.left >= 0);
  }

  /** Follows the bell. Returns how to stop. */
  start(): () => void {
    return this.feed.listen(this.session.client);
  }

  type(draft: string): void {
    this.draft = draft;
    this.failure = '';
    if (draft === '') drafts.delete(this.subject);
    else drafts.set(this.subject, draft);
  }

  /** Keeps what is in the field; it stays there when that fails. */
  async add(): Promise<void> {
    if (this.busy || !this.ready || this.asOf !== null) return;
    const sent = this.draft;
    this.busy = true;
    try {
      await this.session.client.call('note_add', { subject: this.subject, text: sent });
      // What was typed meanwhile is another note.
      if (this.draft === sent) this.type('');
      await this.feed.ring();
    } catch (failure) {
      this.failure = text.notes.notAdded(safeText(ApiError.of(failure).message));
    } finally {
      this.busy = false;
    }
  }

  /** Removes a note and offers to put it back. */
  async remove({ id }: NoteView): Promise<void> {
    this.failure = '';
    try {
      await this.session.client.call('note_remove', { id });
    } catch (failure) {
      this.failure = text.notes.notRemoved(safeText(ApiError.of(failure).message));
      return;
    }
    passing.offerUndo(text.notes.removed, async ({ client }) => {
      await client.call('note_restore', { id });
      return text.notes.restored;
    });
    await this.feed.ring();
  }
}
