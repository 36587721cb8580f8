import type { ActionView, NeedsYou } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import { ActionController } from '../inspector/action.svelte';

/** What pressing the button of something that needs a person does. */
export type Best = 'log' | 'act' | 'look';

/** The best there is: an action that its backend offers now, the log, or else a look. */
export function bestOf(need: NeedsYou, past: boolean): Best {
  if (past) return 'look';
  if (need.best === 'log' && need.row.kind === 'run') return 'log';
  return need.best === 'act' && need.action !== null && need.action.disabled === null ? 'act' : 'look';
}

/** The one action under way from the list of what needs a person. */
export class NeedsController {
  action = $state.raw<ActionController | null>(null);
  need = $state.raw<NeedsYou | null>(null);
  outcome = $state.raw<ActionView | ApiError | null>(null);

  constructor(
    private readonly session: Session,
    private readonly acted: () => void,
  ) {}

  /** Opens the form of its action; one that can be taken back and asks nothing is done at once. */
  async begin(need: NeedsYou): Promise<void> {
    const { action: offer, row } = need;
    if (!offer) return;
    this.outcome = null;
    const started = new ActionController(this.session, row.id, offer, row.seq, {}, row.title);
    if (offer.risk === 'undoable' && !offer.has_form) {
      this.settle((await started.send()) ?? started.failure ?? ApiError.of(null));
      return;
    }
    this.need = need;
    this.action = started;
    void started.open();
  }

  settle(outcome: ActionView | ApiError): void {
    this.close();
    this.outcome = outcome;
    this.acted();
  }

  close(): void {
    this.action?.close();
    this.action = null;
    this.need = null;
  }
}
