/** The words as they stand. The plain-browser mode puts `pseudo.ts` in this place (vite.config.ts). */
export function localised<T>(catalogue: T): T {
  return catalogue;
}

/** How much room the words of this language take beside English, which the columns of a list are measured for. */
export const WORD_ROOM = 1;
