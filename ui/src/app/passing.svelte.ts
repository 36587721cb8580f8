import type { ActionView } from '../api/gen';
import { ApiError } from '../api/client';
import { outcomeText } from '../text/outcome';
import { safeText } from '../text/safe';
import { text } from '../text/en';
import { isUndone, type Session } from './session.svelte';

/** How long an undo is offered, and how long a word of thanks stays. */
export const UNDO_MS = 8_000;
const WORD_MS = 3_000;

/** Takes something back; answers with what to say then. */
type Undo = (session: Session) => Promise<string>;

/** The one short line at the foot of the window: what was just done, and how to undo it. */
class Passing {
  /** How to undo what was just done. */
  undoable = $state.raw<Undo | null>(null);
  undoing = $state(false);
  /** What was offered last and not taken: it can be called back after its line has gone. */
  #offered: { word: string; undo: Undo } | null = null;
  /** What is said. */
  word = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** An action was accepted: offers its undo, when there is one. `what` it was done to is told with it. */
  offer(action: ActionView, what: string): void {
    if (action.outcome !== 'accepted' || action.undo === null) return;
    this.offerUndo(text.undoing.offered(action.label, safeText(what)), async (session) => {
      const answer = await session.undo(action);
      // What was pressed is the undo: the backend's own word for it tells of an act of its own.
      return isUndone(answer) ? text.undoing.undone(action.label, safeText(what)) : safeText(outcomeText(answer).sentence);
    });
  }

  /** Something was done: says so and offers its undo. */
  offerUndo(word: string, undo: Undo): void {
    this.#offered = { word, undo };
    this.undoable = undo;
    this.say(word, UNDO_MS);
  }

  /** Says something for a moment. */
  say(word: string, ms = WORD_MS): void {
    this.word = word;
    this.#wait(ms);
  }

  /** Somebody reads it: it stays. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  /** It goes away in a moment. */
  release(): void {
    if (this.word) this.#wait(this.undoable === null ? WORD_MS : UNDO_MS);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.undoable = null;
    this.word = '';
  }

  /** Takes back what is offered. After its line has gone, says first what that would be: nothing is undone unseen. */
  async undo(session: Session): Promise<void> {
    const { undoable } = this;
    if (this.undoing) return;
    if (undoable === null) return this.#offered ? this.offerUndo(this.#offered.word, this.#offered.undo) : this.say(text.undoing.nothing);
    this.#offered = null;
    this.undoing = true;
    this.hold();
    try {
      const word = await undoable(session);
      this.undoable = null;
      this.say(word, UNDO_MS);
    } catch (failure) {
      this.undoable = null;
      this.say(text.action.failed(safeText(ApiError.of(failure).message)), UNDO_MS);
    } finally {
      this.undoing = false;
    }
  }

  /** Puts a text on the clipboard and says so. */
  async copy(what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(what);
      this.say(text.copying.copied(what.split('\n', 1)[0] ?? ''));
    } catch {
      this.say(text.copying.failed);
    }
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.clear(), ms);
  }
}

export const passing = new Passing();
