/** Whether a query asks for all of these terms. */
export function asks(query: string, terms: readonly string[]): boolean {
  const words = query.split(/\s+/);
  return terms.every((term) => words.includes(term));
}

/** The query with the terms, or without them when it has them already. */
export function withTerms(query: string, terms: readonly string[]): string {
  const words = query.split(/\s+/).filter(Boolean);
  const rest = words.filter((word) => !terms.includes(word));
  return (asks(query, terms) ? rest : [...rest, ...terms]).join(' ');
}
