/**
 * After a key has led to another view, what had the focus is gone or belongs to another part of the window: the view's list
 * takes it as soon as it is there. Whoever moves on by then keeps the focus where it is.
 */
let from: Element | null | undefined;

/** What took the focus last: an element that is removed with the focus loses it without a word. */
let last: EventTarget | null = null;
document.addEventListener('focusin', ({ target }) => (last = target));

function isWaited(): boolean {
  const { activeElement } = document;
  return from !== undefined && (activeElement === null || activeElement === document.body || activeElement === from);
}

export const landing = {
  /** The next list that appears shall have the focus. */
  ask(): void {
    from = document.activeElement;
  },
  /** For lists, as they appear. One that goes with the focus, because half a filter matches nothing, leaves it to the next. */
  take(list: HTMLElement): () => void {
    if (isWaited()) list.focus();
    from = undefined;
    return () => {
      const had = last instanceof Node && list.contains(last) && (document.activeElement === null || document.activeElement === document.body);
      // Not where the whole window goes.
      if (had && document.querySelector('[data-pane="view"]')) landing.ask();
    };
  },
  /** For what stands in the place of a list: it gives the focus on to the list, when one comes. */
  lend(button: HTMLElement): void {
    if (!isWaited()) return;
    button.focus();
    from = button;
  },
};
