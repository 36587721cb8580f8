import type { EstimateView, HourView, ProposalsView, ProposeOffer } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import type { ConnectionForm } from './form.svelte';

/** The values of a list as typed: one a line. */
export const linesOf = (typed: string): string[] => typed.split('\n').map((line) => line.trim()).filter(Boolean);

/** The hours worth telling: what costs the same whether somebody looks or not is told once. */
export function hoursOf({ hours }: EstimateView): HourView[] {
  const watched = hours.find((hour) => hour.pace === 'watched');
  return hours.filter((hour) => hour.pace !== 'idle' || hour.requests !== watched?.requests);
}

/** What the credential of a form can see. What is chosen stands in the form's own field, and nowhere else. */
export class Proposals {
  found = $state.raw<ProposalsView | null>(null);
  failure = $state.raw<ApiError | null>(null);
  busy = $state(false);
  /** What an hour costs with what is chosen now. */
  estimate = $state.raw<EstimateView | null>(null);
  /** The field was empty and has been filled. */
  preselected = $state(false);
  #asked = 0;

  constructor(
    private readonly session: Session,
    readonly form: ConnectionForm,
    readonly offer: ProposeOffer,
  ) {}

  get values(): string[] {
    return linesOf(this.form.settings[this.offer.field] ?? '');
  }

  async find(): Promise<void> {
    this.busy = true;
    this.failure = null;
    this.preselected = false;
    try {
      this.found = await this.session.client.call('connection_propose', this.form.request());
      const chosen = this.found.items.filter((item) => item.preselected).map((item) => item.value);
      // What somebody has written stays as it is.
      if (this.values.length === 0 && chosen.length > 0) {
        this.#write(chosen);
        this.preselected = true;
      }
    } catch (failure) {
      this.found = null;
      this.failure = ApiError.of(failure);
    } finally {
      this.busy = false;
    }
  }

  toggle(value: string): void {
    const { values } = this;
    this.#write(values.includes(value) ? values.filter((other) => other !== value) : [...values, value]);
  }

  /** Keeps the estimate with what is chosen. Call inside an effect. */
  follow(): void {
    const request = {
      backend: this.form.backend.backend,
      values: this.values.length,
      interval_secs: this.form.intervalSecs,
      quota_limit: this.found?.quota_limit ?? this.form.replaces?.health?.quota_limit ?? null,
      signed_in: this.form.kind !== 'none',
    };
    const asked = (this.#asked += 1);
    this.session.client.call('connection_estimate', request).then(
      (estimate) => {
        if (asked === this.#asked) this.estimate = estimate;
      },
      () => {
        if (asked === this.#asked) this.estimate = null;
      },
    );
  }

  #write(values: readonly string[]): void {
    this.form.settings[this.offer.field] = values.join('\n');
  }
}
