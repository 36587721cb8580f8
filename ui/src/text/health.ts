import type { HealthView, SourceView, Status } from '../api/gen';
import { formatClock, formatCount, formatSpan, parseTime, type Zone } from './format';
import { quoted, sentence } from './plural';
import { safeText } from './safe';

/** What a person reads of a source's health. */
export interface HealthText {
  status: Status;
  /** One or two words for a chip. */
  word: string;
  /** What happened, since when, and what to do or expect next. */
  sentence: string;
}

/** Where ages are counted from and in which zone moments are shown. */
export interface Moment {
  now: number;
  zone: Zone;
}

/** Why a sign-in is needed, by the machine word of the reason. */
const SIGN_IN: Record<string, string> = {
  rejected: 'The credential was rejected. Enter a new one.',
  missing: 'No credential is saved. Enter one.',
  credential_missing: 'No credential is saved. Enter one.',
  keychain_locked: 'The keychain is locked. Unlock it, then try again.',
  locked: 'The keychain is locked. Unlock it, then try again.',
  prompt_dismissed: 'The prompt to unlock the keychain was closed. Unlock it, then try again.',
  prompt_ignored: 'The keychain waits to be unlocked. Answer its prompt, then try again.',
  no_session_bus: 'There is no D-Bus session, so no keychain. Keep the credential for this session, or take it from the environment.',
  no_service: 'No keychain service runs. Start GNOME Keyring or KWallet, or keep the credential for this session only.',
  no_collection: 'The keychain has no collection to save in. Create one, or keep the credential for this session only.',
  env_unset: 'The environment variable it is read from is not set.',
  gh_not_installed: 'The GitHub CLI is not installed. Install it, or choose another credential.',
  gh_not_logged_in: 'The GitHub CLI is not logged in. Run “gh auth login”, or choose another credential.',
  gh_failed: 'The GitHub CLI did not answer with a token. Run “gh auth status” to see why.',
};

/** Why, with what the reason is about where it names something. */
function signIn(cause: string, about: string | null): string {
  if (cause === 'env_unset' && about !== null) return `The environment variable ${safeText(about)} is not set. Set it before Quarterdeck starts.`;
  if (cause === 'credential_missing' && about === 'none') return 'It asks for a credential, and this connection gives none. Give it one.';
  return SIGN_IN[cause] ?? 'Check its credential.';
}

/** Health in words. */
export function healthText(name: string, health: HealthView, at: Moment): HealthText {
  const named = quoted(name);
  const since = formatClock(health.since, at.now, at.zone);
  const shown = health.as_of
    ? `Showing data from ${formatClock(health.as_of, at.now, at.zone)}`
    : 'Nothing was read from it yet';
  const cause = health.cause ?? '';
  switch (health.state) {
    case 'new':
      return health.as_of
        ? { status: 'unknown', word: 'not read again yet', sentence: `${named} has not been asked again yet. ${shown}.` }
        : { status: 'unknown', word: 'not polled yet', sentence: `${named} has not been asked yet.` };
    case 'fresh':
      return health.current
        ? { status: 'ok', word: 'current', sentence: `${named} answered ${formatSpan(age(health.as_of, at.now))} ago.` }
        : { status: 'unknown', word: 'not current', sentence: `${named} has not been read since ${formatClock(health.as_of, at.now, at.zone)}. ${next(health, at)}` };
    case 'unreachable':
      return { status: 'failing', word: 'unreachable', sentence: `${named} has not answered since ${since}${because(cause)}. ${shown}; ${next(health, at)}` };
    case 'throttled':
      return { status: 'waiting', word: 'throttled', sentence: `${named} asked to wait until ${formatClock(health.until, at.now, at.zone)}. ${shown}.` };
    case 'needs_sign_in':
      return { status: 'waiting', word: 'needs sign-in', sentence: `${named} needs a sign-in. ${signIn(cause, health.about)} ${parseTime(health.next_at) === null ? 'Polling is paused until then.' : sentence(next(health, at))}` };
    case 'forbidden':
      return { status: 'warn', word: 'permission missing', sentence: `${named} lacks a permission${because(cause)}. Grant it, then test the connection. ${shown}.` };
    case 'unexpected':
      return { status: 'failing', word: 'unexpected answer', sentence: `${named} gave an answer that is not its own${because(cause)}. Check VPN, proxy and address. ${shown}; ${next(health, at)}` };
    case 'misconfigured':
      return { status: 'failing', word: 'misconfigured', sentence: `The settings of ${named} do not fit${because(cause)}. Edit the connection.` };
    case 'paused':
      return { status: 'inactive', word: 'paused', sentence: `${named} is switched off. ${shown}.` };
    default:
      return { status: 'unknown', word: health.state, sentence: `${named} is in a state this version does not know: ${health.state}.` };
  }
}

/** The chip of the status bar: the age while it is current, else the word with what comes next. */
export function healthChip(source: SourceView, at: Moment): string {
  const { health } = source;
  if (health.state === 'fresh') return `${formatSpan(age(health.as_of, at.now))} ago`;
  const { word } = healthText(source.id, health, at);
  const retry = parseTime(health.state === 'throttled' ? health.until : health.next_at);
  if (retry === null || health.state === 'new' || health.state === 'paused') return word;
  return retry > at.now ? `${word}, retry ${soon(retry - at.now)}` : `${word}, trying now`;
}

/** `4,212 of 5,000`, or nothing when the source tells no quota. */
export function quotaText(health: HealthView): string | null {
  if (health.quota_limit === null || health.quota_remaining === null) return null;
  return `${formatCount(health.quota_remaining)} of ${formatCount(health.quota_limit)}`;
}

/** The clock of ages moves every ten seconds: what is nearer is not counted down. */
const soon = (ms: number): string => (ms < 10_000 ? 'in a moment' : `in ${formatSpan(ms)}`);

function next(health: HealthView, at: Moment): string {
  const retry = parseTime(health.next_at);
  if (retry === null) return 'it is not tried again by itself.';
  return retry <= at.now ? 'trying now.' : `next try ${soon(retry - at.now)}.`;
}

function because(cause: string): string {
  return cause ? `: ${cause}` : '';
}

function age(at: string | null, now: number): number | null {
  const ms = parseTime(at);
  return ms === null ? null : now - ms;
}
