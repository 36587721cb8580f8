import { text } from './en';
import { formatClock, type Zone } from './format';
import { safeText } from './safe';

interface Narrowed {
  query: string;
  scope: string | null;
  env: string | null;
  during: { from: string; to: string } | null;
}

/** What a view is narrowed to, as a person reads it; empty when it is not. */
export function narrowedText({ query, scope, env, during }: Narrowed, now: number, zone: Zone): string {
  const span = during && text.strip.short(formatClock(during.from, now, zone), formatClock(during.to, now, zone));
  const parts = [scope?.replace(/^(service|owner):/, ''), env, span, query].flatMap((part) => (part ? [safeText(part)] : []));
  return text.empty.narrowed(parts);
}
