import { describe, expect, it } from 'vitest';
import table from '../../crates/api/tests/data/deep_links.json';
import { linkTo } from '../src/app/link';
import { HOME, parseRoute } from '../src/app/route';

/** The table the core's reader is held to as well. */
const TABLE = table as [string, string][];

describe('links', () => {
  it.each(TABLE)('%s is what the window writes for the place the core reads it as', (link, route) => {
    expect(linkTo(parseRoute(route))).toBe(link);
  });

  it('never links to a form, and links to the view when the open row has no kind', () => {
    expect(linkTo({ ...HOME, view: 'connections', open: 'new' })).toBe('quarterdeck://view/connections');
    expect(linkTo({ ...HOME, view: 'alerts', query: 'x', open: 'rubbish' })).toBe('quarterdeck://view/alerts?q=x');
  });
});
