/** Whether a text begins with these words, and does not merely go on with the same letters. */
const begins = (text: string, words: string): boolean => {
  const [whole, start] = [text.toLowerCase(), words.toLowerCase()];
  return start !== '' && whole.startsWith(start) && !/[\p{L}\p{N}]/u.test(whole.charAt(start.length));
};

/** What of a run's pipeline and number stands before its title: nothing that the title says itself (“Deploy v46”, “ci #1”). */
export function beforeTitle(title: string, ...parts: readonly string[]): string {
  const words = title.split(/\s+/);
  return parts.filter((part) => part && !begins(title, part) && !words.includes(part)).join(' ');
}
