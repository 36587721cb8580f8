import type { Attachment } from 'svelte/attachments';
import { Fading, type Said } from './fading';

/**
 * On the element that holds the rows: a cell that says something else than a moment ago fades once (`base.css` has how
 * long), never for whoever asked for less motion. `cells` are those of a row, where they are not its children.
 */
export function fades(place: () => string, rows: () => readonly (Said | null)[], cells = (row: Element): Iterable<Element> => row.children): Attachment {
  return (body) => {
    const fading = new Fading();
    const forget = () => fading.forget();
    document.addEventListener('visibilitychange', forget);
    $effect(() => {
      const now = rows();
      unfade(body, now);
      for (const { row, cell } of fading.look(place(), now)) fade([...cells(body.children[row] ?? body)][cell], now[row]?.key ?? '');
    });
    return () => document.removeEventListener('visibilitychange', forget);
  };
}

function fade(cell: Element | undefined, key: string): void {
  if (!cell || window.matchMedia?.('(prefers-reduced-motion: reduce)').matches) return;
  cell.setAttribute('data-changed', key);
  cell.addEventListener('animationend', () => cell.removeAttribute('data-changed'), { once: true });
}

/** The elements of rows are used again for other rows: what faded for the row before does not for the next. */
function unfade(body: Element, rows: readonly (Said | null)[]): void {
  for (const cell of body.querySelectorAll('[data-changed]')) {
    const at = [...body.children].findIndex((row) => row.contains(cell));
    if (cell.getAttribute('data-changed') !== rows[at]?.key) cell.removeAttribute('data-changed');
  }
}
