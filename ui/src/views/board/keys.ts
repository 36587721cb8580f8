import { text } from '../../text/en';
import { safeText } from '../../text/safe';

/** The word of a key as a person reads it: a label is called by its name. */
export function keyName(key: string): string {
  return text.board.keys[key] ?? safeText(key.replace(/^label:/, ''));
}

/** The keys with one more or one less, in the order in which they were picked. */
export function toggled(keys: readonly string[], key: string): string[] {
  return keys.includes(key) ? keys.filter((other) => other !== key) : [...keys, key];
}
