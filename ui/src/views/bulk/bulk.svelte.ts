import type { ActionFormView, ActionOffer, ActionView, FormFieldView, Row } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import { idempotencyKey } from '../inspector/action.svelte';

/** So many at once: more is a rule of its own, not an action. */
export const MOST = 50;

/** What differs from row to row is taken as the form proposes it for each; only the rest is asked. */
const OWN = new Set(['matchers', 'choice', 'tables']);

/** Where one row of several stands. */
export type Step = { state: 'waiting' | 'sending' } | { state: 'done'; action: ActionView } | { state: 'failed'; failure: ApiError };

/** What can be done to several rows at once: offered for the first of them, and asked anew for each when it is its turn. */
export async function bulkOffers(session: Session, rows: readonly Row[]): Promise<ActionOffer[]> {
  const [first] = rows;
  if (!first) return [];
  const { actions } = await session.client.call('entity', { id: first.id, as_of: null });
  return actions.filter((offer) => offer.bulk && offer.disabled === null);
}

/** One action on several rows: each is written down, sent and answered by itself, one after the other. */
export class BulkController {
  form = $state.raw<ActionFormView | null>(null);
  args = $state<Record<string, string>>({});
  steps = $state.raw<readonly Step[]>([]);
  failure = $state.raw<ApiError | null>(null);
  running = $state(false);
  /** One key for each row, made once: pressing twice cannot write twice. */
  readonly #keys: readonly string[];

  constructor(
    private readonly session: Session,
    readonly offer: ActionOffer,
    readonly rows: readonly Row[],
  ) {
    this.steps = rows.map(() => ({ state: 'waiting' }));
    this.#keys = rows.map(idempotencyKey);
  }

  /** The fields that hold for all rows. */
  get shared(): FormFieldView[] {
    return (this.form?.fields ?? []).filter((field) => !OWN.has(field.kind));
  }

  get ready(): boolean {
    return !this.offer.has_form || (this.form !== null && this.shared.every((field) => !field.required || this.args[field.key]?.trim()));
  }

  get over(): boolean {
    return this.steps.every((step) => step.state === 'done' || step.state === 'failed');
  }

  get accepted(): number {
    return this.steps.filter((step) => step.state === 'done' && ['accepted', 'already_done'].includes(step.action.outcome ?? '')).length;
  }

  async open(): Promise<void> {
    const [first] = this.rows;
    if (!this.offer.has_form || !first) return;
    try {
      this.form = await this.session.client.call('action_form', this.#request(first, {}, 0));
      this.args = Object.fromEntries(this.shared.map((field) => [field.key, field.value]));
    } catch (failure) {
      this.failure = ApiError.of(failure);
    }
  }

  /** Sends them one after the other. What is done already is not sent again. */
  async run(): Promise<void> {
    if (this.running || !this.ready) return;
    this.running = true;
    for (const [at, row] of this.rows.entries()) {
      if (this.steps[at]?.state === 'done') continue;
      this.#step(at, { state: 'sending' });
      this.#step(at, await this.#one(row, at));
    }
    this.running = false;
  }

  /** Takes one of them back. */
  async undo(at: number): Promise<void> {
    const step = this.steps[at];
    if (step?.state !== 'done' || step.action.undo === null) return;
    this.#step(at, { state: 'sending' });
    try {
      this.#step(at, { state: 'done', action: await this.session.undo(step.action) });
    } catch (failure) {
      this.#step(at, { state: 'failed', failure: ApiError.of(failure) });
    }
  }

  async #one(row: Row, at: number): Promise<Step> {
    const { client } = this.session;
    try {
      const own = this.offer.has_form ? (await client.call('action_form', this.#request(row, {}, at))).fields : [];
      const args = { ...Object.fromEntries(own.map((field) => [field.key, field.value])), ...this.args };
      return { state: 'done', action: await client.call('act', this.#request(row, args, at)) };
    } catch (failure) {
      return { state: 'failed', failure: ApiError.of(failure) };
    }
  }

  #step(at: number, step: Step): void {
    this.steps = this.steps.map((other, index) => (index === at ? step : other));
  }

  #request(row: Row, args: Record<string, string>, at: number) {
    return { target: row.id, verb: this.offer.verb, args, seen_seq: row.seq, idempotency_key: this.#keys[at] ?? null };
  }
}
