import type { Attachment } from 'svelte/attachments';

/** Rows, and what belongs to them: the line that tells what waits. */
const ROWS = '[role="grid"], [role="treegrid"], [data-holds]';

/** Tells whether the pointer or the focus is on rows inside an element. */
export function holding(report: (held: boolean) => void): Attachment<HTMLElement> {
  return (element) => {
    const on = { pointer: false, focus: false };
    const tell = (change: Partial<typeof on>) => {
      const before = on.pointer || on.focus;
      Object.assign(on, change);
      if ((on.pointer || on.focus) !== before) report(!before);
    };
    const isRow = ({ target }: Event) => target instanceof Element && target.closest(ROWS) !== null;
    const ways: [string, (event: Event) => void][] = [
      ['pointerover', (event) => tell({ pointer: isRow(event) })],
      ['pointerleave', () => tell({ pointer: false })],
      ['focusin', (event) => tell({ focus: isRow(event) })],
      ['focusout', (event) => tell({ focus: event instanceof FocusEvent && event.relatedTarget instanceof Element && element.contains(event.relatedTarget) && event.relatedTarget.closest(ROWS) !== null })],
    ];
    ways.forEach(([name, way]) => element.addEventListener(name, way));
    return () => ways.forEach(([name, way]) => element.removeEventListener(name, way));
  };
}
