import type { Arrival, Commands, ConnectionView, CountView, HealthView, Kind, Row, SourceView, Status, StatusView, TransitionView } from '../../api/gen';
import type { Bell, Host, Unsubscribe } from '../host';
import { chartRows, charts } from './charts';
import { compare } from './compare';
import * as connect from './connect';
import { deploying, excerpt, line } from './line';
import * as deck from './deck';
import * as desktop from './desktop';
import { FakeDemo } from './demo';
import { board, matching } from './board';
import * as details from './details';
import { FakeDesk } from './palette';
import { FakeNotes } from './notes';
import * as strip from './strip';
import { isInforming } from '../../text/word';
import { SILENCE_OFFERS, silences, twinOf } from './silences';
import * as world from './world';

export const SCENARIOS = ['normal', 'loading', 'unset', 'good', 'stale', 'offline', 'partial', 'error', 'signin', 'dead', 'storm', 'demo'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** The order of services and of what needs a person (`qd_rules::urgency`). */
const URGENCY: readonly Status[] = ['paging', 'failing', 'waiting', 'warn', 'unknown', 'running', 'ok', 'inactive'];

/** How each scenario changes the health of the sources. */
const AILMENT: Partial<Record<Scenario, (past: world.Past, id: string) => Partial<HealthView>>> = {
  stale: (past) => ({ current: false, as_of: past.ago(23 * 60_000), next_at: past.ahead(41_000) }),
  offline: (past) => ({ state: 'unreachable', current: false, cause: 'network is unreachable', since: past.ago(30 * 60_000), as_of: past.ago(31 * 60_000), next_at: past.ahead(41_000) }),
  partial: (past, id) => (id === 'gh' || id === 'alerts' ? { state: 'unreachable', current: false, cause: 'connection refused', since: past.ago(23 * 60_000), as_of: past.ago(24 * 60_000), next_at: past.ahead(41_000) } : {}),
  dead: (past) => ({ state: 'unreachable', current: false, cause: 'connection refused', since: past.ago(60_000), as_of: null, next_at: past.ahead(41_000) }),
  signin: (past) => ({ state: 'needs_sign_in', current: false, cause: 'rejected', since: past.ago(23 * 60_000), as_of: past.ago(24 * 60_000), next_at: null }),
};

type Handlers = { [C in keyof Commands]: (request: Commands[C]['request']) => Commands[C]['answer'] | Promise<Commands[C]['answer']> };

/** A core that invents its answers. */
export class FakeHost implements Host {
  readonly calls: { command: string; payload: unknown }[] = [];
  rows: Record<Kind, Row[]>;
  sources: SourceView[];
  configured: ConnectionView[];
  /** Clicks outside the window. */
  readonly arrivals: Arrival[] = [];
  readonly demo: FakeDemo | null;
  readonly desk = new FakeDesk();
  readonly notes: FakeNotes;
  #listeners = new Set<(bell: Bell) => void>();
  #past: world.Past;
  #seq = 41;

  /** `count`: so many rows of each kind instead of a handful, for looking at long lists. */
  constructor(readonly scenario: Scenario = 'normal', now = Date.now(), private readonly count: number | null = null) {
    const past = (this.#past = new world.Past(now));
    this.demo = scenario === 'demo' ? new FakeDemo(now) : null;
    const nothing = scenario === 'unset' || scenario === 'good' || scenario === 'dead';
    const ail = AILMENT[scenario];
    this.sources = scenario === 'unset' ? [] : world.sources(past).map((source) => ({ ...source, health: { ...source.health, ...ail?.(past, source.id) } }));
    const age = (rows: Row[]) => rows.map((row) => this.#aged(row));
    this.rows = {
      run: nothing ? [] : age(world.runs(past, count ?? undefined)),
      deployment: nothing ? [] : age(world.deployments(past)),
      alert: nothing ? [] : age(world.alerts(past, count ?? (scenario === 'storm' ? 5_000 : 14))),
      ticket: nothing ? [] : age(world.tickets(past, count ?? undefined)),
    };
    this.configured = details.connections(past, this.sources);
    this.notes = new FakeNotes(past, !nothing, (id) => this.find(id), () => this.#noted());
    this.#count();
  }

  async call(command: string, payload: unknown): Promise<unknown> {
    this.calls.push({ command, payload: structuredClone(payload) });
    if (this.scenario === 'loading') return new Promise(() => undefined);
    if (this.scenario === 'error' && command !== 'status') {
      throw { code: 'history', message: 'the history could not be read: disk I/O error', trace_id: 'a1b2c3' };
    }
    const { as_of, query } = (payload ?? {}) as { as_of?: string | null; query?: string };
    if (query?.includes('state:"')) throw { code: 'bad_query', message: 'a quote is opened and never closed', trace_id: 't' };
    if (as_of && Date.parse(as_of) > Date.now()) throw { code: 'bad_request', message: 'as_of lies in the future', trace_id: null };
    const handler = this.#handlers[command as keyof Commands] as ((request: unknown) => unknown) | undefined;
    if (!handler) throw { code: 'unknown_command', message: `there is no command '${command}'`, trace_id: null };
    return structuredClone(await handler(payload));
  }

  /** A browser has a zoom of its own. */
  zoom(): void {}

  onBell(listener: (bell: Bell) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  ring(): void {
    this.#seq += 1;
    this.#listeners.forEach((listener) => listener({ seq: this.#seq }));
  }

  /** A note was written or removed: its row counts it. */
  #noted(): void {
    this.#count();
    this.ring();
  }

  #count(): void {
    const count = (rows: Row[]) => rows.map((row) => (row.notes === this.notes.count(row.id) ? row : { ...row, notes: this.notes.count(row.id) }));
    this.rows = { run: count(this.rows.run), deployment: count(this.rows.deployment), alert: count(this.rows.alert), ticket: count(this.rows.ticket) };
  }

  find(id: string): Row | undefined {
    return Object.values(this.rows).flat().find((row) => row.id === id);
  }

  /** A row of a source that is not current is stale, and never ok. */
  #aged(row: Row): Row {
    const health = this.sources.find((source) => source.id === row.source)?.health;
    if (!health || health.current) return row;
    return { ...row, stale: true, as_of: health.as_of, status: row.status === 'ok' ? 'unknown' : row.status };
  }

  #status(): StatusView {
    const counts = new Map<string, CountView>();
    for (const { kind, status, stale } of Object.values(this.rows).flat()) {
      const { count, stale: old } = counts.get(`${kind} ${status}`) ?? { count: 0, stale: 0 };
      counts.set(`${kind} ${status}`, { kind, status, count: count + 1, stale: old + (stale ? 1 : 0) });
    }
    return {
      seq: this.#seq, now: this.demo?.view.now ?? new Date(Date.now()).toISOString(), demo: this.demo?.view ?? null, can_demo: true, sources: this.sources, notices: [], version: '0.1.0', polling: true, config_reads: 0, worst: 'paging',
      counts: [...counts.values()],
      left_out: 0,
      informing: Object.values(this.rows).flat().filter(isInforming).length,
      offline_since: this.scenario === 'offline' || this.scenario === 'dead' ? this.#past.ago(30 * 60_000) : null,
    };
  }

  #overview(query: string) {
    const { rest, holds } = strip.during(query);
    const words = rest.toLowerCase().split(/\s+/).filter((word) => word && !word.startsWith('env:'));
    const touched = new Set(Object.values(this.rows).flat().filter(holds).map(({ service }) => service));
    const all = this.#services().filter(({ name }) => !query.includes('during:') || touched.has(name));
    const ailing = this.sources.some((source) => !source.health.current);
    const services = all
      .filter((service) => words.every((word) => service.name.includes(word.replace(/^service:/, ''))))
      .map((service) => (ailing && service.status === 'ok' ? { ...service, status: 'unknown' as Status, stale: true, as_of: this.#past.ago(23 * 60_000) } : { ...service, stale: service.stale || ailing }))
      .map((service) => ({ ...service, notes: this.notes.count(`service:${service.name}`) }))
      .map((service) => (ailing ? { ...service, deployments: service.deployments.map((cell) => ({ ...cell, stale: true, status: cell.status === 'ok' ? ('unknown' as Status) : cell.status, alerts: cell.alerts && { ...cell.alerts, stale: true } })) } : service))
      .map((service) => ({ ...service, alerts_stale: service.alerts_stale || this.sources.some((source) => source.id === 'alerts' && !source.health.current) }));
    const rank = ({ status }: { status: Status }) => URGENCY.indexOf(status);
    services.sort((a, b) => rank(a) - rank(b));
    // In a storm an alert stands for all of its name.
    const storm = this.scenario === 'storm';
    const likes = ({ title, service }: Row) => (storm ? this.rows.alert.filter((other) => other.title === title && other.service === service).length - 1 : 0);
    const crowd = storm ? this.rows.alert.findIndex((row) => row.status === 'failing' && likes(row) > 0) : -1;
    const first = (kind: Kind, at: number, reason: string) => {
      const row = this.rows[kind][at];
      const alike = row && kind === 'alert' ? likes(row) : 0;
      return row ? [{ row, with: kind === 'run' && this.rows.deployment[0] ? [this.rows.deployment[0]] : [], alike, reason, since: row.since, best: alike > 0 ? 'open' : (deck.BEST[reason] ?? 'open'), action: details.OFFERS[kind][0] ?? null }] : [];
    };
    const needs_you = [...first('alert', 0, 'alert_firing'), ...(crowd > 0 ? first('alert', crowd, 'alert_firing') : []), ...first('run', 0, 'run_failed'), ...first('deployment', 2, 'waiting'), ...first('ticket', 0, 'incident_open')];
    const firing = this.rows.alert.filter(({ status }) => status === 'paging' || status === 'failing' || status === 'warn').length;
    return {
      unchanged: false, services, needs_you, needs_total: this.scenario === 'storm' ? Math.max(needs_you.length, firing) : needs_you.length, unmatched: services.length ? 3 : 0, last: services.length ? [] : deck.last(this.#past), sources: strip.within(this.sources, query, this.#past.now), seq: this.#seq,
    };
  }

  #services() {
    return this.rows.run.length ? world.services(this.#past, this.scenario === 'storm' || this.count !== null ? 500 : 38) : [];
  }

  #handlers: Handlers = {
    ...deck.handlers(() => this.#past, () => this.#overview('').services, () => this.sources, () => this.rows.deployment),
    status: () => this.#status(),
    overview: ({ query }) => this.#overview(query),
    rows: ({ kind, query, offset, limit }) => {
      const { rest, holds } = strip.during(query);
      const found = matching(this.rows[kind].filter(holds), rest);
      return {
        unchanged: false, rows: found.slice(offset, offset + limit), total: found.length, cut: false, unfiltered: this.rows[kind].length, seq: this.#seq,
        sources: strip.within(this.sources, query, this.#past.now).filter((source) => source.kinds.includes(kind)),
        last_closed: this.#lastClosed(kind),
      };
    },
    board: (request) => {
      const { rest, holds } = strip.during(request.query);
      return board(this.#past, { ...request, query: rest }, this.rows[request.kind].filter(holds), strip.within(this.sources, request.query, this.#past.now), this.#seq, this.#lastClosed(request.kind));
    },
    silences: () => silences(this.#past, this.sources, this.rows.alert),
    open_prose_link: () => ({ message: '' }),
    entity: ({ id }) => details.entity(this.#past, this.#known(id)),
    detail: ({ id }) => details.detail(this.#past, this.#known(id)),
    log: ({ id }) => details.log(this.#known(id)),
    line: ({ id }) => line(this.#past, this.#known(id)),
    deploying: ({ ids }) => deploying(ids.map((id) => this.find(id))),
    excerpt: ({ id }) => excerpt(details.log(this.#known(id))),
    compare: ({ from, to }) => compare(this.#past, from ? this.find(from) : undefined, this.find(to), to),
    timeline: () => [],
    charts: (request) => charts(this.rows, this.sources, this.#past.now, request),
    chart_rows: (request) => chartRows(this.rows, this.#past.now, request),
    strip: (request) => strip.strip(this.rows, this.sources, this.#past.now, this.#seq, request),
    happened: (request) => strip.happened(this.rows, this.sources, this.#past.now, request),
    unheard: ({ query }) => [...query.matchAll(/\bservice:(\S+)/g)].filter(([, name]) => !this.#services().some((service) => service.name === name)).map(([, name]) => `no service '${name!}' is known`),
    narrow: () => strip.narrow(this.rows),
    action_form: ({ target, verb }) => this.#silenceForm(verb) ?? ({ offer: details.OFFERS[this.#known(target).kind].find((offer) => offer.verb === verb)!, fields: details.form(verb, this.find(target)) }),
    action_preview: ({ args }) => {
      const wanted = [...(args.matchers ?? '').matchAll(/(\w+)="([^"]*)"/g)];
      const rows = this.rows.alert.filter((row) => row.more.of === 'alert' && wanted.every(([, name, value]) => (row.more.of === 'alert' ? row.more.labels[name!] : '') === value));
      return { count: rows.length, rows: rows.slice(0, 20), as_of: null, problem: wanted.length ? null : 'matchers: write name="value"', twin: twinOf(this.#past, this.sources, this.rows.alert, args.matchers ?? '') };
    },
    act: ({ target, verb, idempotency_key }) => {
      const row = this.find(target);
      const now = new Date(Date.now()).toISOString();
      const action = { key: idempotency_key ?? '', target, verb, label: verb, state: 'settled', outcome: 'accepted', message: 'silence 8c2f created', undo: verb === 'silence' ? 'End silence' : null, actor: 'window', proposed_at: now, settled_at: now };
      if (row) this.rows[row.kind] = this.rows[row.kind].map((other) => (other.id === target ? { ...other, pending_action: action } : other));
      setTimeout(() => this.ring());
      return action;
    },
    actions: () => [],
    notes: (request) => this.notes.handlers.notes(request),
    note_add: (request) => this.notes.handlers.note_add(request),
    note_remove: (request) => this.notes.handlers.note_remove(request),
    note_restore: (request) => this.notes.handlers.note_restore(request),
    connections: () => this.configured,
    backends: () => details.backends(),
    connection_test: ({ draft, secret }) => details.check(draft.credential !== 'keychain' || Boolean(secret)),
    connection_propose: ({ draft }) => connect.propose(this.#past, draft.credential),
    connection_estimate: (request) => connect.estimate(request),
    problems: () => connect.problems(this.sources, this.rows.run.length > 0),
    connection_save: ({ draft, replaces, session_only }) => {
      const saved: ConnectionView = { draft, backend_name: draft.backend, health: world.health(this.#past, { state: 'new', current: false, as_of: null }), problems: [], session_only: session_only && draft.credential === 'keychain', requests_last_hour: 0, unchanged_last_hour: 0, actions: [] };
      this.configured = [...this.configured.filter((other) => other.draft.id !== replaces), saved];
      setTimeout(() => this.ring());
      return saved;
    },
    connection_remove: ({ id }) => {
      this.configured = this.configured.filter((other) => other.draft.id !== id);
      return { message: '' };
    },
    keychain: () => ({ state: 'ready', message: 'The keychain is ready.' }),
    config: () => ({ path: '~/.config/quarterdeck/config.toml', problems: [] }),
    refresh: () => ({ message: '' }),
    open_link: () => ({ message: '' }),
    demo_control: (wish) => {
      if (!this.demo) throw { code: 'refused', message: 'This is not the demo.', trace_id: null };
      return this.demo.control(wish);
    },
    demo_enter: () => ({ message: '' }),
    demo_leave: () => ({ message: '' }),
    ...this.desk.handlers,
    ...desktop.handlers(this.arrivals),
  };

  #silenceForm(verb: string) {
    const offer = Object.values(SILENCE_OFFERS).find((other) => other.verb === verb);
    if (!offer) return null;
    const known = silences(this.#past, this.sources, this.rows.alert).silences;
    return { offer, fields: details.silenceForm(verb, known.map(({ silence }) => ({ value: silence.id, label: `${silence.created_by}: ${silence.comment || silence.id}` }))) };
  }

  #lastClosed(kind: Kind): TransitionView {
    return { id: 'alerts/alert/1', kind, title: 'DiskAlmostFull', service: 'ledger', environment: null, from: 'firing', to: 'resolved', raw: 'resolved', status: 'ok', at: this.#past.ago(11 * 3_600_000) };
  }

  #known(id: string): Row {
    const row = this.find(id);
    if (!row) throw { code: 'not_found', message: `nothing is known of ${id}`, trace_id: null };
    return row;
  }
}
