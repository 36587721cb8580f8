import type { Attachment } from 'svelte/attachments';

export interface Size {
  width: number;
  height: number;
}

/** What was measured last, by what was measured. */
const known: Record<string, Size | undefined> = {};

/**
 * How large an element is, without asking for a layout in the midst of building a view: what has just come is taken to be
 * as large as the last of its kind, until the browser has laid it out.
 */
export class Measured {
  #size: Size;

  /** `kind` is what is measured; the first of a kind is taken to be as large as `guess`. */
  constructor(private readonly kind: string, guess: Size) {
    this.#size = $state.raw(known[kind] ?? guess);
  }

  get width(): number {
    return this.#size.width;
  }

  get height(): number {
    return this.#size.height;
  }

  /** For the element. */
  readonly element: Attachment<HTMLElement> = (element) => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width === this.#size.width && height === this.#size.height) return;
      this.#size = { width, height };
      known[this.kind] = this.#size;
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
}
