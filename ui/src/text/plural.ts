const rules = new Intl.PluralRules('en');
const numbers = new Intl.NumberFormat('en');

/** The form for a count, with `#` replaced by it: `plural(2, '# alert', '# alerts')`. */
export function plural(count: number, one: string, other: string): string {
  return (rules.select(count) === 'one' ? one : other).replace('#', numbers.format(count));
}

/** `a`, `a and b`, `a, b and c`. */
export function listing(words: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(words);
}

/** A name that a person gave, so that a plain word (“alerts”) does not read as one of the sentence. */
export const quoted = (name: string): string => `“${name}”`;

/** Such names, listed. */
export const named = (names: readonly string[]): string => listing(names.map(quoted));

/** A backend's short words as a sentence. */
export function sentence(words: string): string {
  return ended(words.charAt(0).toUpperCase() + words.slice(1));
}

/** With the full stop that ends a sentence, unless it has one. */
export const ended = (words: string): string => (words && !/[.!?]$/.test(words) ? `${words}.` : words);
