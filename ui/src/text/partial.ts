import type { SourceView } from '../api/gen';
import { text } from './en';

/** States of a source in which its answers, or a part of them, are missing. */
const MISSING = new Set(['unreachable', 'throttled', 'forbidden', 'unexpected', 'misconfigured']);

export const isMissing = ({ health }: SourceView): boolean => MISSING.has(health.state);

/** Whether all a source has to say is here, and of now. */
export const answers = (source: SourceView): boolean => source.health.current && !isMissing(source);

/** How many of the sources answer, when not all do; what is paused was not asked for. */
export function answeringOf(sources: readonly SourceView[]): { answering: number; total: number } | null {
  const asked = sources.filter(({ health }) => health.state !== 'paused');
  const answering = asked.filter(answers).length;
  return answering === asked.length ? null : { answering, total: asked.length };
}

/** A total, and of how many sources it is when not all are current. */
export function countedFrom(counted: string, sources: readonly SourceView[]): string {
  const of = answeringOf(sources);
  return of ? text.bridge.fromSources(counted, of.answering, of.total) : counted;
}
