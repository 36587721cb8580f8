import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clock } from '../src/live/clock.svelte';

const BEGIN = Date.parse('2026-11-21T13:00:00Z');
const told = (seconds: number) => new Date(BEGIN + seconds * 1_000).toISOString();

describe('the clock of the window', () => {
  let stop = () => {};
  beforeEach(() => {
    vi.useFakeTimers({ now: BEGIN });
    stop = clock.start();
    clock.align(told(0));
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });
  const check = (what: string, ages: number, running: number) => {
    expect((clock.now - BEGIN) / 1_000, `${what}: ages`).toBe(ages);
    expect((clock.second - BEGIN) / 1_000, `${what}: what runs`).toBe(running);
  };

  it('moves ages every ten seconds, and what runs every second', () => {
    vi.advanceTimersByTime(9_000);
    check('before', 0, 9);
    vi.advanceTimersByTime(1_000);
    check('after', 10, 10);
  });

  it('moves ages at once when something new was told', () => {
    vi.advanceTimersByTime(4_000);
    clock.align(told(4));
    check('told', 4, 4);
  });

  it('leaves ages alone when nothing new was told, unless they were wrong', () => {
    vi.advanceTimersByTime(4_000);
    clock.align(told(4), 1, false);
    check('told again', 0, 4);
    clock.align(told(64), 1, false);
    check('the core is a minute ahead', 64, 64);
  });

  it('counts ages from the moment that is looked at, and goes on by itself', () => {
    clock.pin(told(-3_600));
    expect([clock.shown, clock.running].map((at) => (at - BEGIN) / 1_000)).toEqual([-3_600, -3_600]);
    vi.advanceTimersByTime(10_000);
    check('meanwhile', 10, 10);
    clock.pin(null);
    expect((clock.shown - BEGIN) / 1_000).toBe(10);
  });

  it('takes all along when it does not run at the pace of the world', () => {
    clock.align(told(0), 60);
    vi.advanceTimersByTime(1_000);
    check('hurried', 60, 60);
  });
});
