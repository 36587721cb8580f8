import type { ActionView, Row, Status } from '../api/gen';
import { text } from './en';
import { sentence } from './plural';
import { stateWord } from './word';

/** What is seen since an action was accepted: the state its row is in now, that the row left the list, that a list was read. */
export type Seen = { state: string } | 'left' | 'list';

/** What the source shows of a row since an action on it; nothing while it shows no change. */
export function seenSince(action: ActionView, row: Row): Seen | null {
  return Date.parse(row.changed_at) > Date.parse(action.proposed_at) ? { state: stateWord(row) } : null;
}

/** What became of an action, as a line in the row or the inspector; of one that was taken back, only that it was. */
export function outcomeText(action: ActionView, seen: Seen | null = null, undone = false): { status: Status; sentence: string } {
  const message = sentence(action.message ?? '');
  const { label } = action;
  if (undone) return { status: 'inactive', sentence: text.action.undone(label) };
  if (action.state === 'proposed') return { status: 'running', sentence: text.action.proposed(label) };
  if (action.state === 'sent') return { status: 'running', sentence: text.action.sent(label) };
  switch (action.outcome) {
    case 'accepted':
      return { status: 'ok', sentence: acceptedText(action, message, seen) };
    case 'already_done':
      return { status: 'ok', sentence: text.action.already(label, message) };
    case 'refused':
      return { status: 'failing', sentence: text.action.refused(label, message) };
    default:
      return { status: 'unknown', sentence: text.action.unknown(label, action.message ?? '') };
  }
}

function acceptedText({ label, target }: ActionView, message: string, seen: Seen | null): string {
  if (seen === null) return isSource(target) ? text.bridge.acceptedBySource(label, message, target) : text.action.accepted(label, message);
  if (seen === 'left') return text.bridge.seenLeft(label, message);
  return seen === 'list' ? text.bridge.seenList(label, message) : text.bridge.seen(label, message, seen.state);
}

/** Targets are entities, `source/kind/native`, or sources: nothing of those is a row that could change. */
const isSource = (target: string): boolean => !target.includes('/');
