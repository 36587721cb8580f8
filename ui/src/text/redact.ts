const HIDDEN = '[removed]';

/**
 * Takes out what may be a credential before a text leaves the window by the clipboard: user names and queries of
 * addresses, the words of headers and fields that hold secrets, and tokens by their form. Ids of entities and traces stay.
 */
export function redact(text: string): string {
  return text
    .replace(/(\w+:\/\/)[^\s/@]+@/g, `$1${HIDDEN}@`)
    .replace(/(\w+:\/\/[^\s?#]+)[?#]\S*/g, `$1?${HIDDEN}`)
    .replace(/\b(authorization|cookie|x-[\w-]*key|api[-_]?key|token|secret|password|passwd)\b(["']?\s*[:=]\s*)(?:(?:bearer|basic|token)\s+)?["']?[^\s"',;]+/gi, `$1$2${HIDDEN}`)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`)
    .replace(/\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-)[\w-]+/g, HIDDEN)
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, HIDDEN);
}
