import type { Bell, Host, Unsubscribe } from '../host/host';
import type { Commands } from './gen';

export type Command = keyof Commands;
export type Request<C extends Command> = Commands[C]['request'];
export type Answer<C extends Command> = Commands[C]['answer'];

/** What the core says when a command cannot be answered. A code exists only where somebody branches on it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly code: string,
    message: string,
    readonly traceId: string | null,
  ) {
    super(message);
  }

  /** Reads whatever a host rejected with; what has no code of the core's is `host`. */
  static of(failure: unknown): ApiError {
    if (failure instanceof ApiError) return failure;
    if (typeof failure === 'object' && failure !== null && 'message' in failure) {
      const { code, message, trace_id } = failure as Record<string, unknown>;
      const told = typeof code === 'string' && typeof message === 'string';
      if (told) return new ApiError(code, message, typeof trace_id === 'string' ? trace_id : null);
      return new ApiError('host', String(message), null);
    }
    return new ApiError('host', String(failure), null);
  }
}

/** The core as the window sees it: typed commands and the bell. */
export class Client {
  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Asks one command. Rejects with an `ApiError` and nothing else. */
  async call<C extends Command>(command: C, request: Request<C>): Promise<Answer<C>> {
    try {
      return (await this.#host.call(command, request)) as Answer<C>;
    } catch (failure) {
      throw ApiError.of(failure);
    }
  }

  onBell(listener: (bell: Bell) => void): Unsubscribe {
    return this.#host.onBell(listener);
  }

  /** Draws everything so many times as large as usual. */
  zoom(factor: number): void {
    this.#host.zoom(factor);
  }
}
