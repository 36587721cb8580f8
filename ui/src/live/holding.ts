import type { Attachment } from 'svelte/attachments';

/** Rows, and what belongs to them: the line that tells what waits. */
const ROWS = '[role="grid"], [role="treegrid"], [data-holds]';

/** Who has not stirred for so long only looks on, and wants to see what comes. */
const QUIET_MS = 15_000;

/** Tells whether somebody works on rows inside an element: the pointer or the focus is on them, and stirred just now. */
export function holding(report: (held: boolean) => void): Attachment<HTMLElement> {
  return (element) => {
    const on = { pointer: false, focus: false };
    let told = false;
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const settle = (held: boolean) => {
      clearTimeout(quiet);
      if (held) quiet = setTimeout(() => settle(false), QUIET_MS);
      if (held !== told) report((told = held));
    };
    const stir = () => settle(on.pointer || on.focus);
    const tell = (change: Partial<typeof on>) => {
      Object.assign(on, change);
      stir();
    };
    const isRow = ({ target }: Event) => target instanceof Element && target.closest(ROWS) !== null;
    const ways: [string, (event: Event) => void][] = [
      ['pointerover', (event) => tell({ pointer: isRow(event) })],
      ['pointerleave', () => tell({ pointer: false })],
      ['pointermove', stir],
      ['wheel', stir],
      ['keydown', stir],
      ['focusin', (event) => tell({ focus: isRow(event) })],
      ['focusout', (event) => tell({ focus: event instanceof FocusEvent && event.relatedTarget instanceof Element && element.contains(event.relatedTarget) && event.relatedTarget.closest(ROWS) !== null })],
    ];
    ways.forEach(([name, way]) => element.addEventListener(name, way, { passive: true }));
    return () => {
      clearTimeout(quiet);
      ways.forEach(([name, way]) => element.removeEventListener(name, way));
    };
  };
}
