import { SvelteMap } from 'svelte/reactivity';
import type { Row, RunEnvironmentView } from '../../api/gen';
import type { Session } from '../../app/session.svelte';

/** Rows that come into sight together are asked for together. */
const GATHER_MS = 40;
/** What one question takes. */
const MOST = 200;
/** Older answers are forgotten when there are more. */
const KEPT = 2_000;

/** Where the runs in sight deploy to. A run is asked for once for each of its states. */
export class Deploying {
  #known = new SvelteMap<string, RunEnvironmentView[]>();
  #asked = new Set<string>();
  #wanted = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly session: Session) {}

  /** What is known; empty for runs that deploy nothing and until the answer comes. */
  of(row: Row): RunEnvironmentView[] {
    return this.#known.get(row.id) ?? [];
  }

  /** A row came into sight. */
  want(row: Row): void {
    const key = `${row.id} ${String(row.seq)} ${String(row.stale)}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#wanted.set(row.id, key);
    if (this.#timer === undefined) this.#timer = setTimeout(() => void this.#ask(), GATHER_MS);
  }

  async #ask(): Promise<void> {
    this.#timer = undefined;
    const wanted = [...this.#wanted].slice(0, MOST);
    wanted.forEach(([id]) => this.#wanted.delete(id));
    if (this.#wanted.size > 0) this.#timer = setTimeout(() => void this.#ask(), GATHER_MS);
    if (this.#asked.size > KEPT) this.#asked.clear();
    try {
      const found = new Map((await this.session.client.call('deploying', { ids: wanted.map(([id]) => id) })).map((run) => [run.run, run.environments]));
      for (const [id] of wanted) {
        const environments = found.get(id);
        if (environments) this.#known.set(id, environments);
        else this.#known.delete(id);
      }
    } catch {
      // The list itself says what is wrong; asked again when the row is seen next.
      wanted.forEach(([, key]) => this.#asked.delete(key));
    }
  }
}
