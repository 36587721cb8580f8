import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Session } from '../src/app/session.svelte';
import { RowWindow, type Answer, type Wanted } from '../src/views/list/window.svelte';

interface Line {
  id: string;
}
type Lines = Answer & { rows: Line[] };
const TOTAL = 10_000;

/** A long list whose answers come when they are let go. */
class Lists extends RowWindow<Lines, Line> {
  readonly asked: number[] = [];
  #waiting: (() => void)[] = [];

  constructor() {
    super({ shown: {}, freshness: '' } as Session, { keyOf: ({ id }) => id, lost: (row) => row });
  }
  protected get slot() {
    return 'lines';
  }
  protected question() {
    return '';
  }
  protected fetch({ offset, limit }: Wanted<Lines>): Promise<Lines> {
    this.asked.push(offset);
    const rows = Array.from({ length: limit }, (_, at) => ({ id: String(offset + at) }));
    const answer = { unchanged: false, seq: 1, total: TOTAL, unfiltered: TOTAL, sources: [], rows };
    return new Promise((done) => this.#waiting.push(() => done(answer)));
  }
  protected rowsOf(view: Lines) {
    return view.rows;
  }
  /** Lets the answers go that are on their way. */
  async answer(): Promise<void> {
    this.#waiting.splice(0).forEach((go) => go());
    await new Promise((done) => setTimeout(done));
  }
}

async function opened(): Promise<Lists> {
  const list = new Lists();
  void list.feed.ring();
  await list.answer();
  return list;
}

/** A list that somebody has begun to scroll. */
async function scrolled(): Promise<Lists> {
  const list = await opened();
  list.see({ from: 1, to: 31 });
  await list.answer();
  list.asked.splice(0);
  return list;
}

describe('a new question', () => {
  afterEach(() => void vi.useRealTimers());

  it('is answered with what is seen first; the rest is asked for when nobody asks anything else', async () => {
    vi.useFakeTimers();
    const list = new Lists();
    const stop = list.listen({ onBell: () => () => undefined });
    const answer = async () => {
      const answered = list.answer();
      await vi.advanceTimersByTimeAsync(1);
      await answered;
    };
    await answer();
    expect([list.rowAt(59), list.rowAt(60)].map((row) => row !== undefined)).toEqual([true, false]);
    expect(list.total, 'how many there are is known').toBe(TOTAL);
    await vi.advanceTimersByTimeAsync(300);
    await answer();
    expect(list.rowAt(199)).toBeDefined();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(list.asked, 'asked once more, and no more').toEqual([0, 0]);
    stop();
  });

  it('that was left asks for no rest', async () => {
    vi.useFakeTimers();
    const list = new Lists();
    const stop = list.listen({ onBell: () => () => undefined });
    const answered = list.answer();
    await vi.advanceTimersByTimeAsync(1);
    await answered;
    stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(list.asked).toEqual([0]);
  });
});

describe('while a long list scrolls', () => {
  it('what lies ahead is asked for before it is seen, and nothing is asked twice', async () => {
    const list = await scrolled();
    for (let from = 0; from <= 95; from++) list.see({ from, to: from + 30 });
    expect(list.asked, 'all of it is held').toEqual([]);
    for (let from = 96; from <= 105; from++) list.see({ from, to: from + 30 });
    expect(list.asked.length, 'one question').toBe(1);
    await list.answer();
    expect(list.rowAt(240), 'a hundred rows ahead').toBeDefined();
    expect(list.rowAt(80), 'a little of what was passed').toBeDefined();
  });

  it('it looks ahead the other way, too', async () => {
    const list = await opened();
    list.see({ from: 5_000, to: 5_030 });
    await list.answer();
    list.see({ from: 4_990, to: 5_020 });
    await list.answer();
    expect(list.rowAt(4_900)).toBeDefined();
  });

  it('an answer that is under way is shown although it is no longer the last one', async () => {
    const list = await opened();
    list.see({ from: 1_000, to: 1_030 });
    list.see({ from: 1_100, to: 1_130 });
    await list.answer();
    expect(list.rowAt(1_100), 'whoever keeps scrolling sees rows').toBeDefined();
    await list.answer();
    expect(list.rowAt(1_200)).toBeDefined();
    expect(list.asked.length).toBe(3);
  });

  it('the end of the list asks for nothing beyond it', async () => {
    const list = await opened();
    list.see({ from: TOTAL - 30, to: TOTAL });
    await list.answer();
    const asked = list.asked.length;
    list.see({ from: TOTAL - 29, to: TOTAL });
    expect(list.asked.length).toBe(asked);
  });
});
