/**
 * A language nobody speaks: every sentence of ours is bracketed, accented and 40 % longer, as German or Finnish would be.
 * What is cut shows its bracket missing; what is not bracketed was not taken from the catalogue. `?locale=pseudo` asks for it.
 */
const ACCENTS: Record<string, string> = {
  a: 'á', c: 'ç', e: 'é', g: 'ğ', i: 'í', k: 'ķ', l: 'ľ', n: 'ñ', o: 'ö', r: 'ř', s: 'š', t: 'ţ', u: 'ü', y: 'ý', z: 'ž',
  A: 'Å', C: 'Ç', E: 'É', I: 'Î', N: 'Ñ', O: 'Ö', S: 'Š', U: 'Ü', Z: 'Ž',
};
export const OPEN = '⟦';
export const CLOSE = '⟧';

/** One sentence in that language. A sign without letters stays as it is. */
export function pseudo(sentence: string): string {
  if (!/\p{L}/u.test(sentence) || sentence.startsWith(OPEN)) return sentence;
  const accented = [...sentence].map((letter) => ACCENTS[letter] ?? letter).join('');
  return `${OPEN}${accented}${'~'.repeat(Math.ceil(sentence.length * 0.4))}${CLOSE}`;
}

/** Keys are printed on keyboards in no language. */
const UNTRANSLATED = new Set(['app', 'keys']);

function translated(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return name === 'app' ? value : pseudo(value);
  if (typeof value === 'function') return (...args: unknown[]) => translated((value as (...args: unknown[]) => unknown)(...args));
  if (Array.isArray(value)) return UNTRANSLATED.has(name) && value.every((entry) => typeof entry === 'string') ? value : value.map((entry) => translated(entry));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, translated(entry, key)]));
  }
  return value;
}

/** How much room its words take beside English. */
export const WORD_ROOM = new URLSearchParams(location.search).get('locale') === 'pseudo' ? 1.6 : 1;

export function localised<T>(catalogue: T): T {
  const asked = new URLSearchParams(location.search).get('locale') === 'pseudo';
  return asked ? (translated(catalogue) as T) : catalogue;
}
