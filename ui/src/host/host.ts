/** Takes a listener away again. */
export type Unsubscribe = () => void;

/** A bell tells that something changed, and never what: rows are pulled. */
export interface Bell {
  /** The store's sequence number at the time of ringing. */
  seq: number;
}

/** What the window needs from whatever it runs in. Nothing else may talk to the outside. */
export interface Host {
  /** Asks the core. Rejects with the core's `{ code, message, trace_id }` or with what broke on the way. */
  call(command: string, payload: unknown): Promise<unknown>;
  /** Hears the bell until unsubscribed. */
  onBell(listener: (bell: Bell) => void): Unsubscribe;
  /** Draws everything so many times as large as usual. */
  zoom(factor: number): void;
}
