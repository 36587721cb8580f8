import type { Arrival, Commands } from '../../api/gen';

type Handler<C extends keyof Commands> = (request: Commands[C]['request']) => Commands[C]['answer'];

/** The desktop around the window: `arrivals` are clicks outside it that were not answered yet. */
export function handlers(arrivals: Arrival[]): { arrival: Handler<'arrival'>; notifications_pause: Handler<'notifications_pause'>; notifications_test: Handler<'notifications_test'> } {
  return {
    arrival: () => arrivals.shift() ?? null,
    notifications_pause: () => ({ message: '' }),
    notifications_test: () => ({ message: 'The desktop took it.' }),
  };
}
