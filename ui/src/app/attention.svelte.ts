import type { Row } from '../api/gen';

/** An action that was chosen elsewhere (the palette) and waits for the inspector of its target. */
interface Proposal {
  target: string;
  verb: string;
}

/** The target of a proposal that is no entity: a silence that matches nothing yet. */
export const NEW_SILENCE = 'new silence';

/** What the person is at, shared by the list, the inspector, the keys and the palette. */
class Attention {
  /** The current row of the list that is shown, open or not. */
  row = $state.raw<Row | null>(null);
  proposal = $state.raw<Proposal | null>(null);
  /** The current service of a list of services, open or not. */
  service = $state.raw<string | null>(null);
  /** What a note is to be written on, until its field is shown. */
  writing = $state.raw<string | null>(null);

  /** Takes the proposal for a target; it is taken once. */
  take(target: string): string | null {
    const { proposal } = this;
    if (proposal?.target !== target) return null;
    this.proposal = null;
    return proposal.verb;
  }
}

export const attention = new Attention();
