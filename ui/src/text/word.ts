import type { Row } from '../api/gen';
import { text } from './en';

/**
 * The word of a row whose status alone would say too little: what is inactive and yet there is called by its field's own
 * word. Nothing: the status's word says it.
 */
export function rowWord({ status, state, acknowledged, more }: Row): string | undefined {
  if (status !== 'inactive') return undefined;
  if (more.of === 'alert') {
    if (state === 'suppressed' && more.silences.length === 0 && more.inhibited_by > 0) return text.inhibited;
    return acknowledged ? undefined : text.alertStates[state];
  }
  if (more.of === 'ticket') return state === 'todo' || state === 'other' ? text.bridge.open : text.ticketStates[state];
  return undefined;
}

/** Whether it is an alert that fires for information: it asks for nobody, and nobody set it aside. */
export const isInforming = ({ status, state, more }: Pick<Row, 'status' | 'state' | 'more'>): boolean =>
  status === 'inactive' && more.of === 'alert' && state !== 'suppressed' && (more.severity === 'info' || more.severity === 'low');

/** The state of a row in a word, as people say it. */
export const stateWord = (row: Row): string =>
  rowWord(row) ?? (row.more.of === 'alert' ? text.alertStates[row.state] : row.more.of === 'ticket' ? text.ticketStates[row.state] : undefined) ?? text.status[row.status];
