import type { ActionView, Status } from '../api/gen';
import { text } from './en';

/** What became of an action, as a line in the row or the inspector. */
export function outcomeText(action: ActionView): { status: Status; sentence: string } {
  const message = sentence(action.message ?? '');
  const { label } = action;
  if (action.state === 'proposed') return { status: 'running', sentence: text.action.proposed(label) };
  if (action.state === 'sent') return { status: 'running', sentence: text.action.sent(label) };
  switch (action.outcome) {
    case 'accepted':
      return { status: 'ok', sentence: text.action.accepted(label, message) };
    case 'already_done':
      return { status: 'ok', sentence: text.action.already(label, message) };
    case 'refused':
      return { status: 'failing', sentence: text.action.refused(label, message) };
    default:
      return { status: 'unknown', sentence: text.action.unknown(label, action.message ?? '') };
  }
}

/** A backend's short words as a sentence. */
function sentence(words: string): string {
  const first = words.charAt(0).toUpperCase() + words.slice(1);
  return first && !/[.!?]$/.test(first) ? `${first}.` : first;
}
