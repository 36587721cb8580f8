import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/api/client';
import type { HealthView, SourceView } from '../src/api/gen';
import { health, Past, sources } from '../src/host/fake/world';
import { bannersOf, bodyOf, type Body, type Shown } from '../src/parts/state';
import { missedText } from '../src/text/missed';
import { healthChip, healthText, quotaText } from '../src/text/health';

const NOW = Date.parse('2026-11-21T14:32:00Z');
const past = new Past(NOW);
const at = { now: NOW, zone: 'utc' as const };
const ailing = (change: Partial<HealthView>): SourceView[] => sources(past).map((source, index) => (index === 0 ? { ...source, health: { ...source.health, ...change } } : source));

function check(what: string, shown: Partial<Shown>, expected: Body): void {
  expect(bodyOf({ total: 0, unfiltered: 0, sources: sources(past), query: '', failure: null, leftOut: 0, ...shown }), what).toBe(expected);
}

describe('what fills a view', () => {
  it('is decided by what is known', () => {
    check('no answer yet', { total: null }, 'loading');
    check('no answer at all', { total: null, failure: new ApiError('store', 'x', null) }, 'error');
    check('rows beat everything', { total: 3, failure: new ApiError('store', 'x', null) }, 'rows');
    check('no source brings them', { sources: [] }, 'unset');
    check('the filter hides all', { query: 'x', unfiltered: 7 }, 'filtered');
    check('the filter cannot be read', { total: null, query: 'x:', failure: new ApiError('bad_query', 'x', null) }, 'mistake');
    check('nor after an answer without rows', { query: 'x:', unfiltered: 7, failure: new ApiError('bad_query', 'x', null) }, 'mistake');
    check('every source is current and has nothing', {}, 'good');
  });

  it('never says that nothing is wrong when it cannot know', () => {
    check('a source was never asked', { sources: ailing({ state: 'new', current: false }) }, 'unpolled');
    for (const state of ['unreachable', 'throttled', 'needs_sign_in', 'forbidden', 'unexpected', 'misconfigured', 'fresh', 'word of tomorrow']) {
      check(state, { sources: ailing({ state, current: false }) }, 'unsure');
    }
    check('a connection cannot be used', { leftOut: 1 }, 'unsure');
    check('the only one cannot be used', { sources: [], leftOut: 1 }, 'unsure');
    check('only a paused source is left', { sources: ailing({ state: 'paused', current: false }).slice(0, 1) }, 'unset');
  });
});

describe('the lines above the rows', () => {
  const kinds = (list: SourceView[], around: Partial<Parameters<typeof bannersOf>[1]> = {}) =>
    bannersOf(list, { failure: null, offlineSince: null, past: false, ...around }).map((banner) => banner.kind);

  it('name what is missing, and nothing when nothing is', () => {
    expect(kinds(sources(past))).toEqual([]);
    expect(kinds(ailing({ state: 'needs_sign_in', current: false }))).toEqual(['signin']);
    expect(kinds(ailing({ state: 'fresh', current: false }))).toEqual(['stale']);
    for (const state of ['unreachable', 'throttled', 'forbidden', 'unexpected', 'misconfigured']) {
      expect(kinds(ailing({ state, current: false })), state).toEqual(['partial']);
    }
  });

  it('count a source that tells only a part as one that does not answer', () => {
    const [banner] = bannersOf(ailing({ state: 'forbidden', current: true }), { failure: null, offlineSince: null, past: false });
    const total = sources(past).length;
    expect(banner).toMatchObject({ kind: 'partial', answering: total - 1, total });
  });

  it('tell of an earlier moment only whether it is known', () => {
    expect(kinds(ailing({ state: 'unreachable', current: true }), { past: true, offlineSince: past.ago(1_000) })).toEqual(['past']);
    expect(kinds(ailing({ state: 'fresh', current: false }), { past: true })).toEqual(['past', 'unread']);
    expect(kinds(ailing({ state: 'paused', current: false }), { past: true })).toEqual(['past']);
  });

  it('name what nobody looked at in the time that is asked for, now and then', () => {
    const unread = { whole: true, times: [{ from: past.ago(7_200_000), to: past.ago(3_600_000) }], more: 0 };
    const list = sources(past).map((source, index) => (index === 0 ? { ...source, unread } : source));
    expect(kinds(list)).toEqual(['missed']);
    expect(kinds(list, { past: true })).toEqual(['past', 'missed']);
    expect(kinds(list, { offlineSince: past.ago(1_000) })).toEqual(['offline', 'missed']);
  });

  it('say when a source was not read, those together that missed the same', () => {
    const [gh, alerts, builds] = sources(past);
    const time = (from: number, to: number) => ({ from: past.ago(from * 60_000), to: past.ago(to * 60_000) });
    const whole = { whole: true, times: [time(120, 60)], more: 0 };
    const told = missedText([{ ...gh!, unread: whole }, { ...alerts!, unread: { whole: false, times: [time(120, 90), time(80, 70)], more: 2 } }, { ...builds!, unread: whole }], NOW, 'utc');
    expect(told).toBe('“gh” and “builds” were not read in this time. “alerts” was not read 12:32–13:02, 13:12–13:22 and 2 more times. What happened then may be missing.');
  });

  it('say offline once instead of every source', () => {
    expect(kinds(ailing({ state: 'unreachable', current: false }), { offlineSince: past.ago(1_000) })).toEqual(['offline']);
  });

  it('tell a filter that cannot be read from an answer that failed', () => {
    expect(kinds([], { failure: new ApiError('bad_query', 'x', null) })).toEqual(['filter']);
    expect(kinds([], { failure: new Error('gone') })).toEqual(['error']);
    expect(kinds([], { past: true })).toEqual(['past']);
  });
});

describe('health in words', () => {
  const sentence = (change: Partial<HealthView>) => healthText('Jenkins', health(past, change), at).sentence;

  it('says what happened, since when, and what comes next', () => {
    expect(sentence({ state: 'unreachable', current: false, cause: 'connection refused', since: past.ago(30 * 60_000), as_of: past.ago(31 * 60_000), next_at: past.ahead(40_000) })).toBe(
      '“Jenkins” has not answered since 14:02: connection refused. Showing data from 14:01; next try in 40s.',
    );
    expect(sentence({ state: 'needs_sign_in', cause: 'rejected' })).toContain('The credential was rejected. Enter a new one.');
    expect(sentence({ state: 'needs_sign_in', cause: 'something new' })).toContain('Check its credential.');
    expect(sentence({ state: 'needs_sign_in', cause: 'env_unset', about: 'HUB_TOKEN' })).toContain('variable HUB_TOKEN is not set');
    expect(sentence({ state: 'needs_sign_in', cause: 'credential_missing', about: 'none' })).toContain('gives none');
    expect(sentence({ state: 'needs_sign_in', cause: 'rejected', next_at: null })).toContain('Polling is paused until then.');
    expect(sentence({ state: 'needs_sign_in', cause: 'locked', next_at: past.ahead(53_000) })).toMatch(/Next try in 53s\.$/);
    expect(sentence({ state: 'throttled', until: past.ahead(60_000) })).toContain('asked to wait until 14:33');
    expect(sentence({ state: 'unreachable', as_of: null, next_at: null })).toContain('Nothing was read from it yet');
    expect(sentence({ state: 'word of tomorrow' })).toContain('word of tomorrow');
  });

  it('is never ok when it is not current', () => {
    for (const state of ['new', 'fresh', 'unreachable', 'throttled', 'needs_sign_in', 'forbidden', 'unexpected', 'misconfigured', 'paused', '?']) {
      expect(healthText('x', health(past, { state, current: false }), at).status, state).not.toBe('ok');
    }
  });

  it('fits a chip', () => {
    const [first] = ailing({ state: 'unreachable', current: false, next_at: past.ahead(41_000) });
    expect(healthChip(first!, at)).toBe('unreachable, retry in 41s');
    const [near] = ailing({ state: 'unreachable', current: false, next_at: past.ahead(4_000) });
    expect(healthChip(near!, at)).toBe('unreachable, retry in a moment');
    const [due] = ailing({ state: 'unreachable', current: false, next_at: past.ago(1_000) });
    expect(healthChip(due!, at), 'as the sentence says it').toBe('unreachable, trying now');
    expect(healthText('x', due!.health, at).sentence).toContain('trying now.');
    expect(quotaText(first!.health)).toBe('4,212 of 5,000');
    expect(quotaText(health(past))).toBeNull();
  });
});
