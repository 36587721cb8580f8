/** Invented notes. */
import type { Commands, NoteView, Row } from '../../api/gen';
import type { Past } from './world';

type Handlers = { [C in 'notes' | 'note_add' | 'note_remove' | 'note_restore']: (request: Commands[C]['request']) => Commands[C]['answer'] };

const MIN = 60_000;
const DAY = 24 * 60 * MIN;
const LONGEST = 4_000;

const SEEDS: { on: string; by: string; ago: number; text: string; earlier?: boolean }[] = [
  { on: 'alerts/alert/4f5e6d', by: 'lee', ago: 3 * MIN, text: 'Cache restarted at 14:20, latency is coming down. Node 3 still drained, do not put it back before the fix is out.' },
  { on: 'alerts/alert/4f5e6d', by: 'mara', ago: 6 * DAY, text: 'Last time it was the connection pool:\n  1. restart the cache\n  2. drain node 3 if p99 stays above 800 ms\nRaising the pool size alone did NOT help.', earlier: true },
  { on: 'service:checkout', by: 'noor', ago: 2 * 60 * MIN, text: 'Freeze until Monday, see the release plan.' },
];

/** The notes of an invented machine. */
export class FakeNotes {
  #all: NoteView[];
  #removed: NoteView[] = [];
  #next: number;

  constructor(
    private readonly past: Past,
    seeded: boolean,
    private readonly find: (id: string) => Row | undefined,
    private readonly ring: () => void,
  ) {
    this.#all = seeded ? SEEDS.map((seed, at) => this.#note(SEEDS.length - at, seed.on, seed.by, past.ago(seed.ago), seed.text, seed.earlier)) : [];
    this.#next = this.#all.length + 1;
  }

  /** How many notes a subject has. */
  count(subject: string): number {
    return this.#all.filter((note) => note.subject === subject).length;
  }

  readonly handlers: Handlers = {
    notes: ({ subject, words, as_of, limit }) => {
      const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (note: NoteView) => (subject === null || note.subject === subject) && (as_of === null || note.at <= as_of) && wanted.every((word) => `${note.text} ${note.author} ${note.subject}`.toLowerCase().includes(word));
      const found = this.#all.filter(fits).sort((a, b) => b.at.localeCompare(a.at) || b.id - a.id);
      return { notes: found.slice(0, limit ?? 100), total: found.length, author: 'ana', longest: LONGEST };
    },
    note_add: ({ subject, text }) => {
      const note = this.#note(this.#next++, subject, 'ana', new Date(Date.now()).toISOString(), text.trim());
      return this.#changed(note, [...this.#all, note]);
    },
    note_remove: ({ id }) => {
      const note = this.#all.find((other) => other.id === id);
      if (!note) throw { code: 'not_found', message: `There is no note ${id}.`, trace_id: null };
      this.#removed.push(note);
      return this.#changed(note, this.#all.filter((other) => other.id !== id));
    },
    note_restore: ({ id }) => {
      const note = this.#removed.find((other) => other.id === id);
      if (!note) throw { code: 'not_found', message: 'This note was removed too long ago to be put back. Write it again.', trace_id: null };
      this.#removed = this.#removed.filter((other) => other.id !== id);
      return this.#changed(note, [...this.#all, note]);
    },
  };

  #changed(note: NoteView, all: NoteView[]): NoteView {
    this.#all = all;
    setTimeout(this.ring);
    return note;
  }

  #note(id: number, subject: string, author: string, at: string, text: string, earlier_firing = false): NoteView {
    const row = this.find(subject);
    return { id, subject, kind: row?.kind ?? null, title: row?.title ?? subject.replace('service:', ''), text, author, at, earlier_firing };
  }
}
