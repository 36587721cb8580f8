/** Invented silences. */
import type { ActionOffer, Row, SilenceRow, SilencesView, SilenceView, SourceView, TwinView } from '../../api/gen';
import type { Past } from './world';

const MIN = 60_000;

export const SILENCE_OFFERS: Record<'create' | 'extend' | 'expire', ActionOffer> = {
  create: { verb: 'create_silence', label: 'New silence', risk: 'undoable', effect: 'Alerts that match, also future ones, do not notify anybody until the silence ends.', has_form: true, previews: true, bulk: false, disabled: null },
  extend: { verb: 'extend_silence', label: 'Extend silence', risk: 'visible', effect: 'The silence ends later.', has_form: true, previews: true, bulk: false, disabled: null },
  expire: { verb: 'expire_silence', label: 'End silence', risk: 'visible', effect: 'The silence ends at once and its alerts notify again.', has_form: true, previews: true, bulk: false, disabled: null },
};

const SEEDS: { id: string; state: string; minutes: number; by: string; comment: string; matchers: string[]; hits: number; marks: string[] }[] = [
  { id: '8c2f0a11', state: 'active', minutes: 22, by: 'mara', comment: 'known, fix is on its way', matchers: ['alertname="DiskAlmostFull"', 'service="ledger"'], hits: 2, marks: ['expiring'] },
  { id: '91d4be70', state: 'active', minutes: 130, by: 'ana', comment: '', matchers: ['service=~"search|catalog"'], hits: 3, marks: ['no_comment'] },
  { id: 'a07c55e2', state: 'active', minutes: 60 * 26, by: 'tomas', comment: 'Staging is rebuilt until Friday', matchers: ['env="stage"'], hits: 0, marks: ['matches_nothing'] },
  { id: 'b1aa3290', state: 'pending', minutes: 60 * 9, by: 'noor', comment: 'Maintenance of the database tonight', matchers: ['job="postgres"', 'severity!="critical"'], hits: 0, marks: [] },
  { id: 'c55e01d8', state: 'expired', minutes: -35, by: 'lee', comment: 'Deploy of v412', matchers: ['service="checkout"'], hits: 4, marks: [] },
];

export function silences(past: Past, sources: readonly SourceView[], alerts: readonly Row[]): SilencesView {
  const own = sources.filter((source) => source.backend === 'alertmanager');
  const empty = alerts.length === 0;
  return {
    sources: own.map((source) => {
      const error = source.health.current || source.health.state === 'fresh' ? null : (source.health.cause ?? 'it cannot be asked now');
      const usable = error === null ? null : source.health.state;
      const offer = (which: keyof typeof SILENCE_OFFERS) => ({ ...SILENCE_OFFERS[which], disabled: usable });
      return { source: source.id, as_of: error === null ? past.ago(2_000) : source.health.as_of, error, problems: [], create: offer('create'), extend: offer('extend'), expire: offer('expire') };
    }),
    silences: own.length === 0 || empty || own[0]!.health.as_of === null ? [] : SEEDS.map((seed) => row(past, seed, own[0]!)),
  };
}

/** An active silence with these matchers. */
export function twinOf(past: Past, sources: readonly SourceView[], alerts: readonly Row[], matchers: string): TwinView | null {
  const sorted = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean).sort().join('\n');
  const found = silences(past, sources, alerts).silences.find(({ silence, matchers: own }) => silence.state === 'active' && sorted(own) === sorted(matchers));
  return found ? { silence: found.silence, extend: SILENCE_OFFERS.extend.verb } : null;
}

function row(past: Past, seed: (typeof SEEDS)[number], source: SourceView): SilenceRow {
  const stale = !source.health.current && source.health.state !== 'fresh';
  const silence: SilenceView = {
    id: seed.id, matchers: seed.matchers, starts_at: seed.state === 'pending' ? past.ahead(7 * 60 * MIN) : past.ago(90 * MIN),
    ends_at: seed.minutes > 0 ? past.ahead(seed.minutes * MIN) : past.ago(-seed.minutes * MIN), created_by: seed.by, comment: seed.comment, state: stale && seed.state === 'expired' ? 'lapsed' : seed.state,
  };
  return { source: source.id, silence, hits: seed.hits, marks: stale ? seed.marks.filter((mark) => mark !== 'matches_nothing') : seed.marks, matchers: seed.matchers.join('\n'), stale };
}
