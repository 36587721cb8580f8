/** The words as they stand. The plain-browser mode puts `pseudo.ts` in this place (vite.config.ts). */
export function localised<T>(catalogue: T): T {
  return catalogue;
}
