import type { Bell, Host, Unsubscribe } from '../host';
import { FakeHost } from './fake';
import * as world from './world';

/** What our own core decides on: names, states, times. Everything else may be a backend's text. */
const OURS = new Set([
  'id', 'kind', 'kinds', 'source', 'backend', 'status', 'state', 'tier', 'severity', 'of', 'section', 'deployment_kind', 'origin', 'ticket_type', 'risk', 'verb',
  'outcome', 'code', 'label', 'effect', 'help', 'node', 'key', 'icon', 'section_kind', 'reason', 'mark', 'level', 'word', 'index', 'sort', 'group', 'scope', 'line', 'problem', 'pace',
]);
const MOMENT = /^\d{4}-\d\d-\d\dT/;

/** The normal world, in which every text of a backend is one of these, row by row the next one. */
export class HostileHost implements Host {
  readonly #inner: FakeHost;
  readonly #places: Map<string, number>;

  constructor(readonly texts: readonly string[], now = Date.now()) {
    this.#inner = new FakeHost('normal', now);
    const past = new world.Past(now);
    this.#inner.rows = {
      run: world.runs(past, texts.length), alert: world.alerts(past, texts.length), ticket: world.tickets(past, texts.length), deployment: world.deployments(past),
    };
    this.#places = new Map(Object.values(this.#inner.rows).flatMap((rows) => rows.map((row, place) => [row.id, place] as const)));
  }

  async call(command: string, payload: unknown): Promise<unknown> {
    const asked = (payload as { id?: unknown } | null)?.id;
    return this.#poisoned(await this.#inner.call(command, payload), this.#places.get(String(asked)) ?? 0);
  }

  /** A browser has a zoom of its own. */
  zoom(): void {}

  onBell(listener: (bell: Bell) => void): Unsubscribe {
    return this.#inner.onBell(listener);
  }

  #poisoned(value: unknown, place: number, key = ''): unknown {
    const text = this.texts[place % this.texts.length] ?? '';
    if (typeof value === 'string') return OURS.has(key) || key.endsWith('_at') || MOMENT.test(value) ? value : text;
    if (Array.isArray(value)) return value.map((entry) => this.#poisoned(entry, place, key));
    if (value === null || typeof value !== 'object') return value;
    const fields = Object.entries(value);
    const own = this.#places.get(String((value as { id?: unknown }).id)) ?? place;
    if (key === 'labels') return Object.fromEntries(fields.map(([name], at) => [`${name} ${this.texts[(own + at) % this.texts.length] ?? ''}`, text]));
    return Object.fromEntries(fields.map(([name, entry]) => [name, this.#poisoned(entry, own, name)]));
  }
}
