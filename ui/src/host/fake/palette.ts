import type { ActionView, Commands, SavedView, SettingView } from '../../api/gen';

type Handler<C extends keyof Commands> = (request: Commands[C]['request']) => Commands[C]['answer'];
type Handlers = { [C in 'follow_link' | 'link_address' | 'undo' | 'settings' | 'setting_save' | 'view_save' | 'view_remove' | 'open_config']: Handler<C> };

const refuse = (code: string, message: string): never => {
  throw { code, message, trace_id: 't' };
};

function setting(key: string, kind: string, value: string, change: Partial<SettingView> = {}): SettingView {
  const [table, name] = key.split('.');
  return { key, kind, value, default: value, choices: [], least: null, most: null, line: null, toml: `[${table}]\n${name} = ${kind === 'choice' ? `"${value}"` : value}\n`, ...change };
}

/** What was chosen for the browser (`?theme=dark`) stands in the invented file. */
function chosen(key: string): string | undefined {
  const saved = JSON.parse(localStorage.getItem('quarterdeck.window') ?? '{}') as Record<string, string | undefined>;
  return saved[key] ?? undefined;
}

function settings(): SettingView[] {
  const word = (key: string, name: string, choices: string[], initial: string) => {
    const value = chosen(name);
    return { ...setting(key, 'choice', initial, { choices }), ...(value !== undefined && value !== initial ? { value, line: 3 } : {}) };
  };
  return [
    word('window.theme', 'theme', ['system', 'light', 'dark'], 'system'),
    word('window.density', 'density', ['compact', 'normal', 'roomy'], 'normal'),
    word('window.zone', 'zone', ['local', 'utc'], 'local'),
    setting('window.home', 'choice', 'overview', { choices: ['overview', 'pipelines', 'deployments', 'alerts', 'tickets'] }),
    setting('window.single_keys', 'flag', 'true'),
    setting('polling.budget_percent', 'number', '25', { default: '40', least: 1, most: 100, line: 12 }),
    setting('polling.backfill_days', 'number', '90', { least: 1, most: 3650 }),
    setting('polling.backfill_entities', 'number', '1000', { least: 1, most: 100_000 }),
    setting('history.retention_days', 'number', '400', { least: 1, most: 36_500 }),
    setting('notifications.enabled', 'flag', 'true'),
    setting('notifications.from', 'choice', 'high', { choices: ['critical', 'high', 'warning'] }),
    setting('notifications.kinds', 'several', 'run, deployment, alert, ticket', { choices: ['run', 'deployment', 'alert', 'ticket'] }),
    setting('notifications.quiet_hours', 'hours', ''),
    setting('notifications.digest_above', 'number', '3', { least: 1, most: 5 }),
    setting('notifications.unreachable_minutes', 'number', '10', { least: 0, most: 1440 }),
    setting('desktop.tray', 'flag', 'true'),
    setting('desktop.keep_running', 'flag', 'false'),
    setting('desktop.autostart', 'flag', 'false'),
  ];
}

/** What the palette, links, saved views and settings ask. */
export class FakeDesk {
  settings = settings();
  views: SavedView[] = [
    { name: 'Payments watch', view: 'alerts', query: 'service:checkout', all: false, form: '' },
    { name: 'Failing on main', view: 'pipelines', query: 'state:failure', all: false, form: '' },
    { name: 'By severity', view: 'alerts', query: '', all: false, form: 'group=severity' },
  ];

  readonly handlers: Handlers = {
    follow_link: ({ link }) => {
      const route = /^quarterdeck:\/\/view\/([a-z]+(\?.*)?)$/.exec(link)?.[1];
      return route === undefined ? refuse('bad_request', 'the link leads to nothing this window can show') : { route: `#/${route}` };
    },
    link_address: ({ id }) => ({ url: `https://github.example/${id}` }),
    undo: ({ target, key }): ActionView => {
      const now = new Date(Date.now()).toISOString();
      return { key: `undo-${key}`, target, verb: 'expire', label: 'End silence', state: 'settled', outcome: 'accepted', message: 'silence 8c2f ended', undo: null, actor: 'window', proposed_at: now, settled_at: now };
    },
    settings: () => this.#all(),
    setting_save: ({ key, value }) => {
      const held = this.settings.find((other) => other.key === key) ?? refuse('bad_request', 'there is no such setting');
      if (held.most !== null && value !== null && !(Number(value) <= held.most)) refuse('bad_request', `'${key}' must be a whole number up to ${held.most}`);
      this.settings = this.settings.map((other) => (other.key === key ? { ...setting(key, other.kind, value ?? other.default), default: other.default, choices: other.choices, least: other.least, most: other.most, line: value === null ? null : 7 } : other));
      return this.#all();
    },
    view_save: ({ name, view, query = '', all = false, form = '', replaces }) => {
      if (name !== replaces && this.views.some((other) => other.name === name)) refuse('config', `config.toml has a view '${name}' already; nothing was changed`);
      const saved = { name, view, query, all, form };
      this.views = replaces === null ? [...this.views, saved] : this.views.map((other) => (other.name === replaces ? saved : other));
      return this.#all();
    },
    view_remove: ({ name }) => {
      this.views = this.views.filter((other) => other.name !== name);
      return this.#all();
    },
    open_config: () => ({ message: '' }),
  };

  #all() {
    return { path: '~/.config/quarterdeck/config.toml', exists: true, settings: this.settings, views: this.views };
  }
}
