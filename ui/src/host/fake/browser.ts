import { FakeHost, SCENARIOS } from './fake';

/** The window in a plain browser: `?scenario=stale` picks what its invented backends do. */
const wanted = new URLSearchParams(location.search).get('scenario');
export const host = new FakeHost(SCENARIOS.find((scenario) => scenario === wanted) ?? 'normal');
