import { createContext } from 'svelte';
import type { ActionView, SettingsView, SourceView, StatusView } from '../api/gen';
import type { Client } from '../api/client';
import { clock } from '../live/clock.svelte';
import { Feed } from '../live/feed.svelte';
import { prefs } from '../live/prefs.svelte';
import { undone } from '../live/undone.svelte';
import { VIEWS } from './route';
import { router } from './router.svelte';

/** How often the frame asks anew without a bell: staleness comes with time alone. */
const STATUS_EVERY_MS = 10_000;

/** What every view shares: the core, and the health of its sources. */
export class Session {
  readonly client: Client;
  readonly status: Feed<StatusView>;
  /** Settings and saved views, pulled anew whenever the configuration was read anew. */
  readonly settings: Feed<SettingsView>;
  #configReads = -1;
  /** What the last status said, but for the time. */
  #said = '';
  /** What views showed last, by view: one that is gone back to shows it at once, while nothing it says may have changed. */
  readonly shown: Record<string, { question: string } | undefined> = {};
  /** A refresh that was asked for is on its way to the backends. */
  refreshing = $state(false);

  constructor(client: Client) {
    this.client = client;
    this.status = new Feed(async () => {
      const status = await client.call('status', {});
      const said = JSON.stringify({ ...status, now: null });
      const held = said === this.#said ? this.status.value : null;
      clock.align(status.now, rateOf(status), held === null);
      // What only says again what is shown moves nothing.
      if (held) return held;
      this.#said = said;
      if (status.config_reads !== this.#configReads) {
        this.#configReads = status.config_reads;
        void this.settings.ring();
      }
      return status;
    });
    this.settings = new Feed(async () => this.#settle(await client.call('settings', {})));
  }

  get sources(): SourceView[] {
    return this.status.value?.sources ?? [];
  }

  /** What is shown is a demo. Its window opens with an address that says so, before the core has answered. */
  get isDemo(): boolean {
    return this.status.value ? this.status.value.demo !== null : location.search === '?demo';
  }

  /** Sources of an answer, as they do by the word of the frame: an answer whose rows did not change may tell of them late. */
  asTold(sources: readonly SourceView[]): SourceView[] {
    return sources.map((source) => ({ ...source, health: this.sources.find(({ id }) => id === source.id)?.health ?? source.health }));
  }

  get offlineSince(): string | null {
    return this.status.value?.offline_since ?? null;
  }

  /** Connections of the configuration that cannot be used: without them nothing can be called good. */
  get leftOut(): number {
    return this.status.value?.left_out ?? 0;
  }

  /** What about the sources would change how rows are drawn although no row changed. */
  get freshness(): string {
    return this.sources.map(({ id, health }) => `${id}:${health.state}:${health.current}`).join(' ');
  }

  /** Whether nothing is known to have changed since an answer was given. */
  isLatest({ seq }: { seq: number }): boolean {
    return this.status.value?.seq === seq;
  }

  /** An edit of the configuration: what comes back holds at once. Rejects with why it was not made. */
  async edit(change: Promise<SettingsView>): Promise<void> {
    const settings = this.#settle(await change);
    this.settings.value = settings;
  }

  #settle(settings: SettingsView): SettingsView {
    prefs.follow(settings);
    const home = settings.settings.find(({ key }) => key === 'window.home')?.value;
    router.home(VIEWS.find((view) => view === home) ?? 'overview');
    return settings;
  }

  /** Follows the bell. Returns how to stop. */
  start(): () => void {
    const stop = this.status.listen(this.client);
    prefs.keep = (key, value) => {
      // What cannot be written down still holds while the window is open; the settings view tells why it was not.
      this.edit(this.client.call('setting_save', { key, value })).catch(() => undefined);
    };
    const timer = setInterval(() => void this.status.ring(), STATUS_EVERY_MS);
    return () => {
      clearInterval(timer);
      prefs.keep = null;
      stop();
    };
  }

  /** Takes an action back; what it did is claimed no longer once that was accepted. */
  async undo({ target, key }: ActionView): Promise<ActionView> {
    const answer = await this.client.call('undo', { target, key });
    if (isUndone(answer)) undone.add(key);
    return answer;
  }

  /** Asks all sources now; what they say comes with the bell. */
  async refresh(source: string | null = null): Promise<void> {
    this.refreshing = true;
    try {
      await this.client.call('refresh', { source });
    } catch {
      // Health tells what is wrong with a source; a refresh adds nothing to it.
    } finally {
      this.refreshing = false;
      void this.status.ring();
    }
  }
}

/** Whether what was to be taken back is no more. */
export const isUndone = ({ outcome }: ActionView): boolean => outcome === 'accepted' || outcome === 'already_done';

/** How fast the core's clock runs: a demo's has its own pace. */
function rateOf({ demo }: StatusView): number {
  return demo ? (demo.playing ? demo.speed : 0) : 1;
}

export const [getSession, setSession] = createContext<Session>();
