import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bell } from '../src/host/host';
import { Feed } from '../src/live/feed.svelte';

/** A bell that is rung by hand. */
function tower() {
  const listeners = new Set<(bell: Bell) => void>();
  return {
    ring: () => listeners.forEach((listener) => listener({ seq: 1 })),
    onBell(listener: (bell: Bell) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Pulls that come back when the test says so. */
function pulls<T>() {
  const waiting: { resolve: (value: T) => void; reject: (why: unknown) => void }[] = [];
  let count = 0;
  return {
    pull: () => {
      count += 1;
      return new Promise<T>((resolve, reject) => waiting.push({ resolve, reject }));
    },
    get count() {
      return count;
    },
    async answer(value: T) {
      waiting.shift()?.resolve(value);
      await settle();
    },
    async fail(why: unknown) {
      waiting.shift()?.reject(why);
      await settle();
    },
  };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const hide = (hidden: boolean) => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  document.dispatchEvent(new Event('visibilitychange'));
};

describe('a feed', () => {
  beforeEach(() => vi.restoreAllMocks());

  it('folds three rings during one pull into one more pull', async () => {
    const bell = tower();
    const source = pulls<string>();
    const feed = new Feed(source.pull);
    feed.listen(bell);
    bell.ring();
    bell.ring();
    bell.ring();
    await source.answer('first');
    await source.answer('second');
    expect(source.count, 'one running pull and one catch-up').toBe(2);
    expect(feed.value).toBe('second');
    expect(feed.pulling).toBe(false);
  });

  it('keeps what it showed when a pull fails, and forgets the failure when one works', async () => {
    const bell = tower();
    const source = pulls<string>();
    const feed = new Feed(source.pull);
    feed.listen(bell);
    await source.answer('good');
    bell.ring();
    await source.fail('broken');
    expect(feed.value, 'last known good beats nothing').toBe('good');
    expect(feed.failure).toBe('broken');
    bell.ring();
    await source.answer('better');
    expect(feed.failure).toBeNull();
    expect(feed.value).toBe('better');
  });

  it('shows nothing for a question that is refused, and keeps the answer to one that only fails', async () => {
    const source = pulls<string>();
    const feed = new Feed(source.pull);
    feed.listen(tower());
    await source.answer('of now');
    void feed.ask();
    await source.fail({ code: 'history', message: 'disk I/O error', trace_id: null });
    expect(feed.value).toBe('of now');
    void feed.ask();
    await source.fail({ code: 'bad_request', message: 'the moment lies ahead', trace_id: null });
    expect(feed.value).toBeNull();
  });

  it('pulls nothing while hidden, and once when seen again', async () => {
    const bell = tower();
    const source = pulls<string>();
    const feed = new Feed(source.pull);
    feed.listen(bell);
    await source.answer('before');
    hide(true);
    bell.ring();
    bell.ring();
    await settle();
    expect(source.count, 'a hidden window pulls nothing').toBe(1);
    hide(false);
    await source.answer('after');
    expect(source.count).toBe(2);
    expect(feed.value).toBe('after');
  });

  it('throws away the answer to a question that has changed', async () => {
    const source = pulls<string>();
    const feed = new Feed(source.pull);
    feed.listen(tower());
    void feed.ask();
    await source.answer('to the old question');
    expect(feed.value).toBeNull();
    await source.answer('to the new one');
    expect(feed.value).toBe('to the new one');
  });

  it('hears nothing after it stopped listening', async () => {
    const bell = tower();
    const source = pulls<string>();
    const stop = new Feed(source.pull).listen(bell);
    await source.answer('x');
    stop();
    bell.ring();
    expect(source.count).toBe(1);
  });
});
