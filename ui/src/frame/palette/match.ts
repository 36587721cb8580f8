/** How well a text answers what was typed: every word as letters in order, best where words begin. Nothing: not at all. */
export function score(typed: string, text: string): number | null {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const target = text.toLowerCase();
  let total = 0;
  for (const word of words) {
    const found = scoreWord(word, target);
    if (found === null) return null;
    total += found;
  }
  return total;
}

const starts = (text: string, at: number): boolean => at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? ' ');

function scoreWord(word: string, text: string): number | null {
  const whole = text.indexOf(word);
  if (whole >= 0) return 60 + word.length * 2 + (starts(text, whole) ? 30 : wordStart(text, word) ? 30 : 0) - Math.min(20, whole / 4);
  let at = -1;
  let points = 0;
  for (const letter of word) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    points += next === at + 1 ? 3 : starts(text, next) ? 4 : -1;
    at = next;
  }
  // Letters strewn over a long text mean nothing.
  return points > 0 ? points : null;
}

/** Whether some later occurrence begins a word. */
function wordStart(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (starts(text, at)) return true;
  return false;
}
