import { describe, expect, it } from 'vitest';
import { formatRoute, HOME, parseRoute, type Route } from '../src/app/route';

function check(hash: string, expected: Partial<Route>): void {
  expect(parseRoute(hash), hash).toEqual({ ...HOME, ...expected });
}

describe('the address', () => {
  it('reads the view, the question, the moment and the row', () => {
    check('#/alerts', { view: 'alerts' });
    check('#/alerts?q=service%3Ashop+state%3Afiring', { view: 'alerts', query: 'service:shop state:firing' });
    check('#/tickets?open=tracker%2Fticket%2F12&all=1', { view: 'tickets', open: 'tracker/ticket/12', all: true });
    check('#/overview?as-of=2026-11-20T14:00:00Z', { asOf: '2026-11-20T14:00:00Z' });
  });

  it('leads home from anywhere it does not know, and drops a moment it cannot read', () => {
    check('', {});
    check('#/nowhere', {});
    check('#/alerts?as-of=yesterday', { view: 'alerts' });
    check('#/alerts?q=%E0%A4%A', { view: 'alerts', query: '\ufffd%A' });
  });

  it('reads back what it wrote, whatever was typed', () => {
    for (const query of ['', 'a&b=c#d?e', 'service:shop age:<2h', '"pay page" -x', 'ü 漢 🚢', '%41', '+']) {
      const route: Route = { view: 'pipelines', query, asOf: '2026-11-20T14:00:00+01:00', open: 'gh/run/acme/shop/17?x=1', all: true, list: true, scope: 'service:pay page', env: 'prod-eu', during: { from: '2026-11-20T13:00:00Z', to: '2026-11-20T14:00:00Z' }, group: ['service', 'label:team'], tab: 'silences', tables: ['alerts'] };
      expect(parseRoute(formatRoute(route)), query).toEqual(route);
    }
  });
});
