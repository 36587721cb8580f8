import type { BackendView, CheckView, ConnectionDraft, ConnectionReq, ConnectionView } from '../../api/gen';
import { ApiError } from '../../api/client';
import type { Session } from '../../app/session.svelte';
import { text } from '../../text/en';
import { listing } from '../../text/plural';
import { Proposals } from './proposals.svelte';

/** Where the credential comes from. `session`: typed here, kept in memory only. */
export type CredentialKind = 'keychain' | 'session' | 'env' | 'gh' | 'none';

/** What a draft's credential says, taken apart. */
export function readCredential(credential: string): { kind: CredentialKind; env: string } {
  if (credential.startsWith('env:')) return { kind: 'env', env: credential.slice(4) };
  return { kind: credential === 'gh' || credential === 'none' ? credential : 'keychain', env: '' };
}

/** The word the configuration takes. Session-only is a credential like the keychain's, only never saved. */
export const writeCredential = (kind: CredentialKind, env: string): string =>
  kind === 'env' ? `env:${env.trim()}` : kind === 'session' ? 'keychain' : kind;

/** A free id after the backend's word: `github`, `github-2`. */
export function proposeId(backend: string, taken: readonly string[]): string {
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? backend : `${backend}-${n}`;
    if (!taken.includes(id)) return id;
  }
}

/** One connection being written. The secret goes in with a request and is forgotten; nothing ever reads it back. */
export class ConnectionForm {
  id = $state('');
  url = $state('');
  kind = $state<CredentialKind>('keychain');
  env = $state('');
  secret = $state('');
  caFile = $state('');
  interval = $state('');
  settings = $state<Record<string, string>>({});
  /** The last report, and of what. */
  #tested = $state.raw<{ of: string; check: CheckView } | null>(null);
  /** Why the last attempt failed, and what was tried. */
  #failed = $state.raw<{ of: string; failure: ApiError } | null>(null);
  busy = $state<'test' | 'save' | null>(null);
  /** What can be chosen for a setting; nothing where the backend proposes nothing. */
  readonly proposals: Proposals | null;

  constructor(
    private readonly session: Session,
    readonly backend: BackendView,
    /** The connection that is edited; nothing for a new one. */
    readonly replaces: ConnectionView | null,
    private readonly taken: readonly string[],
  ) {
    this.proposals = backend.proposes ? new Proposals(session, this, backend.proposes) : null;
    const draft = replaces?.draft;
    const credential = readCredential(draft?.credential ?? '');
    this.id = draft?.id ?? proposeId(backend.backend, taken);
    this.url = draft?.url ?? '';
    this.kind = replaces?.session_only ? 'session' : draft ? credential.kind : backend.credential_gh ? 'gh' : backend.credential_optional ? 'none' : 'keychain';
    this.env = credential.env;
    this.caFile = draft?.ca_file ?? '';
    this.interval = draft?.interval_secs?.toString() ?? '';
    this.settings = Object.fromEntries(backend.settings.map((field) => [field.key, draft?.settings[field.key] ?? field.value]));
  }

  /** Whether a secret is typed here. */
  get typed(): boolean {
    return this.kind === 'keychain' || this.kind === 'session';
  }

  /** Whether the form says enough to sign in with. */
  get reachable(): boolean {
    return this.#unsaid.length === 0 && this.#unreadable === null;
  }

  /** What keeps the form from being tried. */
  get reason(): string | null {
    const settings = this.backend.settings.filter((field) => field.required && !this.settings[field.key]?.trim());
    const missing = [...this.#unsaid, ...settings.map(({ label }) => label)];
    return [missing.length ? text.bridge.fillIn(listing(missing)) : null, this.#unreadable].filter(Boolean).join(' ') || null;
  }

  /** Fields to sign in with that say nothing, by their labels. */
  get #unsaid(): string[] {
    const { connections } = text;
    return [
      ...(this.url.trim() === '' && this.backend.default_url === null ? [connections.url] : []),
      ...(this.id.trim() === '' ? [connections.id] : []),
      ...(this.typed && this.secret === '' && this.replaces === null ? [this.backend.credential_label] : []),
      ...(this.kind === 'env' && this.env.trim() === '' ? [connections.envName] : []),
    ];
  }

  /** What is wrong with what they say. */
  get #unreadable(): string | null {
    return this.urlWrong ?? this.idWrong;
  }

  /** What is wrong with the address; nothing while it is empty. */
  get urlWrong(): string | null {
    const url = this.url.trim();
    if (url === '') return null;
    if (!/^https?:\/\/[^\s/]/i.test(url)) return text.connections.urlWrong;
    return /^https?:\/\/[^/?#]*@/i.test(url) ? text.connections.urlSecret : null;
  }

  /** What is wrong with the name; nothing while it is empty. */
  get idWrong(): string | null {
    const id = this.id.trim();
    if (id === '') return null;
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) return text.connections.idWrong;
    return this.replaces === null && this.taken.includes(id) ? text.connections.idTaken(id) : null;
  }

  /** Why the last attempt failed. Nothing: it did not, or the form has changed since. */
  get failure(): ApiError | null {
    return this.#failed !== null && this.#failed.of === this.#written() ? this.#failed.failure : null;
  }

  /** Seconds between polls as typed; nothing for the backend's own. */
  get intervalSecs(): number | null {
    const interval = Number.parseInt(this.interval, 10);
    return Number.isFinite(interval) && interval > 0 ? interval : null;
  }

  /** The report of the form as it stands. Nothing: it was not tested, or has changed since. */
  get check(): CheckView | null {
    return this.#tested !== null && this.#tested.of === this.#written() ? this.#tested.check : null;
  }

  /** Tries it. Nothing: it could not be tried, or was changed meanwhile. */
  async test(): Promise<CheckView | null> {
    this.#tested = null;
    await this.#try('test', async () => {
      const of = this.#written();
      this.#tested = { of, check: await this.session.client.call('connection_test', this.request()) };
    });
    return this.check;
  }

  /** Saves it, tested before; the id when that worked. What failed its test is saved when that is asked for once more. */
  async save(): Promise<string | null> {
    if (this.check === null && !(await this.test())?.passed) return null;
    return this.#try('save', async () => {
      const saved = await this.session.client.call('connection_save', this.request());
      this.secret = '';
      this.#tested = null;
      void this.session.status.ring();
      return saved.draft.id;
    });
  }

  /** Opens a link of the README. */
  async openHelp(index: number): Promise<void> {
    await this.#try(null, () => this.session.client.call('open_prose_link', { id: `readme:${this.backend.backend}`, index }));
  }

  async #try<T>(busy: 'test' | 'save' | null, work: () => Promise<T>): Promise<T | null> {
    this.busy = busy;
    this.#failed = null;
    const of = this.#written();
    try {
      return await work();
    } catch (failure) {
      this.#failed = { of, failure: ApiError.of(failure) };
      return null;
    } finally {
      this.busy = null;
    }
  }

  /** All that a test depends on. */
  #written(): string {
    return JSON.stringify(this.request());
  }

  /** The form as a request. */
  request(): ConnectionReq {
    const draft: ConnectionDraft = {
      id: this.id.trim(),
      backend: this.backend.backend,
      url: this.url.trim(),
      credential: writeCredential(this.kind, this.env),
      interval_secs: this.intervalSecs,
      ca_file: this.caFile.trim() || null,
      settings: { ...this.settings },
    };
    return {
      draft,
      replaces: this.replaces?.draft.id ?? null,
      secret: this.typed && this.secret !== '' ? this.secret : null,
      session_only: this.kind === 'session',
    };
  }
}
