import type { ActionFormView, ActionOffer, ActionView, PreviewView } from '../../api/gen';
import { ApiError } from '../../api/client';
import { passing } from '../../app/passing.svelte';
import type { Session } from '../../app/session.svelte';

/** How long after the last key the preview is asked for. */
const PREVIEW_MS = 250;

/** An action on its way from the button to the core: its form, what it would hit, and its one key. */
export class ActionController {
  form = $state.raw<ActionFormView | null>(null);
  args = $state<Record<string, string>>({});
  preview = $state.raw<PreviewView | null>(null);
  failure = $state.raw<ApiError | null>(null);
  sending = $state(false);
  /** Something was filled in here: before, what is missing is no mistake. */
  touched = $state(false);
  /** Made once, when the form opens: pressing twice cannot write twice. */
  readonly key = idempotencyKey();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    private readonly session: Session,
    readonly target: string,
    readonly offer: ActionOffer,
    private readonly seenSeq: number | null,
    /** Arguments that are known already. */
    private readonly preset: Record<string, string> = {},
    /** What the target is called. */
    private readonly title = '',
  ) {}

  /** What it is done to: the conditions it goes by, else the target's name, else what was chosen of the target. */
  get what(): string {
    const told = (kind: string) => this.form?.fields.find((field) => field.kind === kind && this.args[field.key]);
    const matchers = this.args[told('matchers')?.key ?? ''] ?? '';
    const choice = told('choice');
    const chosen = choice?.choices.find(({ value }) => value === this.args[choice.key])?.label ?? '';
    return matchers.split('\n').filter(Boolean).join(', ') || this.title || chosen;
  }

  /** Fetches the prefilled form. */
  async open(): Promise<void> {
    if (!this.offer.has_form) return void this.previewSoon();
    try {
      const form = await this.session.client.call('action_form', this.#request({}));
      this.args = { ...Object.fromEntries(form.fields.map((field) => [field.key, field.value])), ...this.preset };
      this.form = form;
      this.previewSoon();
    } catch (failure) {
      this.failure = ApiError.of(failure);
    }
  }

  set(key: string, value: string): void {
    this.args[key] = value;
    this.touched = true;
    this.failure = null;
    this.previewSoon();
  }

  previewSoon(): void {
    if (!this.offer.previews) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#preview(), PREVIEW_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
  }

  /** Proposes it, and offers to take it back. Nothing when it could not be proposed: `failure` says why and the form stays. */
  async send(): Promise<ActionView | null> {
    this.sending = true;
    this.failure = null;
    try {
      const sent = await this.session.client.call('act', this.#request({ ...this.args }));
      passing.offer(sent, this.what);
      return sent;
    } catch (failure) {
      this.failure = ApiError.of(failure);
      return null;
    } finally {
      this.sending = false;
    }
  }

  async #preview(): Promise<void> {
    const asked = (this.#asked += 1);
    try {
      const preview = await this.session.client.call('action_preview', this.#request({ ...this.args }));
      if (asked === this.#asked) this.preview = preview;
    } catch (failure) {
      if (asked === this.#asked) this.preview = { count: 0, rows: [], as_of: null, problem: ApiError.of(failure).message, twin: null };
    }
  }

  #request(args: Record<string, string>) {
    return { target: this.target, verb: this.offer.verb, args, seen_seq: this.seenSeq, idempotency_key: this.key };
  }
}

export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
