/** So long rows that are asked for are waited for, before their places say that they are not there. In milliseconds. */
const PATIENCE = 250;

/** Whether rows that are on their way are still waited for. */
export class Patience {
  lasts = $state(true);

  /** Begins anew with each answer; over when none came in time. For an effect. */
  wait(late: boolean, _answer: unknown): (() => void) | undefined {
    this.lasts = true;
    if (!late) return undefined;
    const timer = setTimeout(() => (this.lasts = false), PATIENCE);
    return () => clearTimeout(timer);
  }
}
