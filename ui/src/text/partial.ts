import type { SourceView } from '../api/gen';
import { text } from './en';

/** How many of the sources are current, when not all are; what is paused was not asked for. */
export function answeringOf(sources: readonly SourceView[]): { answering: number; total: number } | null {
  const asked = sources.filter(({ health }) => health.state !== 'paused');
  const answering = asked.filter(({ health }) => health.current).length;
  return answering === asked.length ? null : { answering, total: asked.length };
}

/** A total, and of how many sources it is when not all are current. */
export function countedFrom(counted: string, sources: readonly SourceView[]): string {
  const of = answeringOf(sources);
  return of ? text.bridge.fromSources(counted, of.answering, of.total) : counted;
}
