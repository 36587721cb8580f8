import type { Reason } from '../api/gen';
import { formatAge, formatBegun } from './format';
import { quoted } from './plural';
import { safeText } from './safe';

/** Why something has its status, or waits for a person, in a few words with its age. */
export function reasonText(reason: Pick<Reason, 'code' | 'subject' | 'since'>, now: number): string {
  const subject = safeText(reason.subject);
  const age = reason.since === null ? '' : ` · ${formatAge(reason.since, now)}`;
  const begun = reason.since === null ? '' : ` · ${formatBegun(reason.since, now)}`;
  switch (reason.code) {
    case 'alert_firing':
      return `${subject} fires${begun}`;
    case 'run_failed':
      return `Run failed: ${subject}${age}`;
    case 'deployment_failed':
      return `Deployment failed: ${subject}${age}`;
    case 'waiting':
      return `Waits for a person: ${subject}${age}`;
    case 'running':
      return `Running: ${subject}${age}`;
    case 'incident_open':
      return `Open incident: ${subject}${age}`;
    case 'state_unknown':
      return `State not known: ${subject}${age}`;
    case 'source_stale':
      return `${quoted(subject)} is not current${age}`;
    case 'only_silenced':
      return `Silenced: ${subject}${age}`;
    case 'only_info':
      return `Only informs: ${subject}${age}`;
    case 'silenced':
      return `${subject} silenced`;
    case 'only_tickets':
      return 'Only tickets tell of it';
    case 'all_good':
      return 'Nothing wrong was seen';
    default:
      return `${subject}${age}`;
  }
}

/** Why a row is among those that need a person. */
export const NEEDS: Record<string, string> = {
  alert_firing: 'fires',
  run_failed: 'run failed',
  deployment_failed: 'deployment failed',
  waiting: 'waits for a person',
  incident_open: 'open incident',
  state_unknown: 'state not known',
};
