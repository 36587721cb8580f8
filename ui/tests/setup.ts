import { cleanup } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

// jsdom lays nothing out: everything is as large as it will be, and is measured once.
class NoLayout {
  constructor(private readonly measured: ResizeObserverCallback) {}
  observe(): void {
    queueMicrotask(() => this.measured([], this));
  }
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', NoLayout);
HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.setAttribute('open', '');
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.removeAttribute('open');
};

// Eight rows are enough: axe looks at every one of them.
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 8 * 28 });
document.documentElement.lang = 'en';
document.title = 'Quarterdeck';
Element.prototype.scrollTo ??= () => undefined;

afterEach(() => {
  cleanup();
  history.replaceState(null, '', '#/overview');
});
