import { describe, expect, it } from 'vitest';
import { localised, pseudo } from '../src/text/pseudo';

describe('the pseudo-language', () => {
  it('makes each sentence 40 % longer and shows where it begins and ends', () => {
    for (const sentence of ['Alerts', 'Nothing matches the filter', 'OK']) {
      const shown = pseudo(sentence);
      expect(shown.startsWith('⟦') && shown.endsWith('⟧'), shown).toBe(true);
      expect(shown.length).toBeGreaterThanOrEqual(Math.ceil(sentence.length * 1.4) + 2);
    }
  });

  it('leaves signs alone, and does nothing twice', () => {
    expect(pseudo('—')).toBe('—');
    expect(pseudo(pseudo('Alerts'))).toBe(pseudo('Alerts'));
  });

  it('reaches what is counted and nested, and only when it is asked for', () => {
    const catalogue = { app: 'Quarterdeck', counted: { alert: (n: number) => `${n} alerts` }, keys: ['Esc'] };
    expect(localised(catalogue).counted.alert(2)).toBe('2 alerts');
    history.replaceState(null, '', '?locale=pseudo');
    const spoken = localised(catalogue);
    history.replaceState(null, '', location.pathname);
    expect(spoken.counted.alert(2)).toContain('2 áľéřţš');
    expect([spoken.app, ...spoken.keys]).toEqual(['Quarterdeck', 'Esc']);
  });
});
