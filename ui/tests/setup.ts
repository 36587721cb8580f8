import { cleanup } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

// jsdom lays nothing out: lists measure a viewport of 600 px through this.
class NoLayout {
  observe(): void {}
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

afterEach(() => {
  cleanup();
  history.replaceState(null, '', '#/overview');
});
