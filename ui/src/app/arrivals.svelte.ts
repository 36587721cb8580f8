import type { Client } from '../api/client';
import type { Arrival } from '../api/gen';
import { landing } from '../kit/landing';
import { text } from '../text/en';
import { passing } from './passing.svelte';

/** Where a click outside the window, or a link, leads: left at the core, pulled here when the bell rings. */
class Arrivals {
  /** The form that was asked for, until it is opened. It is shown, never sent by itself. */
  form = $state.raw<{ id: string; verb: string } | null>(null);

  /** Goes wherever it is asked to. Returns how to stop. */
  follow(client: Client, go: (arrival: Arrival) => void = (arrival) => this.go(arrival)): () => void {
    let stopped = false;
    const look = async () => {
      try {
        const arrival = await client.call('arrival', {});
        if (arrival !== null && !stopped) go(arrival);
      } catch {
        // The frame says why the core does not answer.
      }
    };
    const detach = client.onBell(() => void look());
    void look();
    return () => {
      stopped = true;
      detach();
    };
  }

  go(arrival: Arrival): void {
    if (arrival.refused !== null) {
      passing.say(text.palette.refused(arrival.refused));
      return;
    }
    const id = new URLSearchParams(arrival.route.split('?', 2)[1]).get('open');
    this.form = id !== null && arrival.verb !== null ? { id, verb: arrival.verb } : null;
    landing.ask();
    location.hash = arrival.route;
  }
}

export const arrivals = new Arrivals();
