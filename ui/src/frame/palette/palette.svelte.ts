import type { EntityView, Kind, Row } from '../../api/gen';
import { ApiError } from '../../api/client';
import { attention } from '../../app/attention.svelte';
import { router } from '../../app/router.svelte';
import type { Session } from '../../app/session.svelte';
import { isEntity } from '../../app/target';
import { text } from '../../text/en';
import { demoItems } from './demo';
import { actionItems, commandItems, connectionItems, rank, rowItems, savedItems, serviceItems, settingItems, viewItems, type Hands, type Item } from './items';

const KINDS: readonly Kind[] = ['alert', 'run', 'deployment', 'ticket'];
/** How long after the last key the core is asked, how many letters it takes, and how many rows of a kind it gives. */
const SEARCH_MS = 120;
const LEAST = 2;
const EACH = 5;

/** What is typed, what answers it, and which line is current. Everything that needs no core is there at once. */
export class PaletteController {
  typed = $state('');
  current = $state(0);
  searching = $state(false);
  failure = $state.raw<ApiError | null>(null);
  #found = $state.raw<Row[]>([]);
  #services = $state.raw<string[]>([]);
  #entity = $state.raw<EntityView | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  readonly items = $derived.by((): Item[] => {
    const { session, hands } = this;
    const { route } = router;
    const services = serviceItems(this.#services, hands);
    if (this.only === 'services') return rank(this.typed, services);
    if (this.typed.trim().toLowerCase().startsWith('quarterdeck://')) return [this.#link()];
    const { settings = [], views = [] } = session.settings.value ?? {};
    return rank(
      this.typed,
      [
        ...actionItems(this.#entity, route.asOf !== null, hands), ...savedItems(views, hands), ...viewItems(route, hands), ...commandItems(route, hands), ...demoItems(hands.demo),
        ...services.map((item) => (this.typed.trim() ? item : { ...item, weight: 0 })), ...settingItems(settings, hands), ...connectionItems(session.sources, hands),
      ],
      rowItems(this.#found, route, hands),
    );
  });

  constructor(
    private readonly session: Session,
    private readonly only: 'all' | 'services',
    private readonly hands: Hands,
  ) {}

  /** Asks what the core knows of the selected row and the services. Returns how to stop. */
  start(): () => void {
    void this.#loadEntity();
    void this.#loadServices();
    return () => {
      clearTimeout(this.#timer);
      this.#asked += 1;
    };
  }

  type(typed: string): void {
    this.typed = typed;
    this.current = 0;
    clearTimeout(this.#timer);
    const asked = (this.#asked += 1);
    if (this.only === 'services' || typed.trim().length < LEAST || typed.includes('://')) {
      this.#found = [];
      this.searching = false;
      return;
    }
    this.searching = true;
    this.#timer = setTimeout(() => void this.#search(typed, asked), SEARCH_MS);
  }

  move(by: number): void {
    const count = this.items.length;
    if (count > 0) this.current = (this.current + by + count) % count;
  }

  async #loadEntity(): Promise<void> {
    const { open, asOf, view } = router.route;
    const id = view === 'connections' || view === 'settings' || (open !== null && !isEntity(open)) ? null : (open ?? attention.row?.id ?? null);
    if (id === null) return;
    try {
      this.#entity = await this.session.client.call('entity', { id, as_of: asOf });
    } catch (failure) {
      this.failure = ApiError.of(failure);
    }
  }

  async #loadServices(): Promise<void> {
    try {
      const { services } = await this.session.client.call('overview', { query: '', as_of: null, seen_seq: null });
      this.#services = services.map(({ name }) => name);
    } catch (failure) {
      this.failure = ApiError.of(failure);
    }
  }

  async #search(typed: string, asked: number): Promise<void> {
    const query = typed.trim().split(/\s+/).map((word) => (/^[\w.-]+$/.test(word) && !word.startsWith('-') ? word : `"${word.replaceAll('"', '')}"`)).join(' ');
    const of = (kind: Kind) => this.session.client.call('rows', { kind, query, all: false, as_of: null, newest: false, offset: 0, limit: EACH, seen_seq: null });
    try {
      const answers = await Promise.all(KINDS.map(of));
      if (asked === this.#asked) this.#found = answers.flatMap(({ rows }) => rows);
    } catch (failure) {
      if (asked === this.#asked) this.failure = ApiError.of(failure);
    } finally {
      if (asked === this.#asked) this.searching = false;
    }
  }

  #link(): Item {
    const follow = async () => {
      try {
        this.hands.go((await this.session.client.call('follow_link', { link: this.typed.trim() })).route);
      } catch (failure) {
        this.hands.say(ApiError.of(failure).message);
      }
    };
    return { id: 'link', kind: 'link', label: text.palette.follow, weight: 0, run: () => void follow() };
  }
}
