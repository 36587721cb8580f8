/** An invented body with one of everything. */
import type { Prose, ProseNode } from '../../api/gen';

const words = (text: string): ProseNode => ({ node: 'text', text });
const paragraph = (...children: ProseNode[]): ProseNode => ({ node: 'paragraph', children });

export const said = (text: string): Prose => ({ nodes: [paragraph(words(text))], truncated: false });

export const BODY: Prose = {
  truncated: false,
  nodes: [
    paragraph(words('Since this afternoon the pay button '), { node: 'strong', children: [words('spins for ten seconds')] }, words('. I tried '), { node: 'emphasis', children: [words('Firefox')] }, words(' and Chrome.')),
    { node: 'heading', level: 2, children: [words('Steps')] },
    { node: 'list', start: 1, children: [
      { node: 'item', checked: null, children: [words('Put something into the basket')] },
      { node: 'item', checked: null, children: [words('Press '), { node: 'code', text: 'Pay' }] },
    ] },
    { node: 'list', start: null, children: [
      { node: 'item', checked: true, children: [words('seen in production')] },
      { node: 'item', checked: false, children: [words('seen in staging')] },
    ] },
    { node: 'quote', children: [paragraph(words('It was fine on Tuesday.'))] },
    { node: 'code_block', text: 'POST /pay 200 in 10214 ms\nretries: 8 (budget 3)' },
    { node: 'table', children: [
      { node: 'table_row', head: true, children: [{ node: 'table_cell', children: [words('browser')] }, { node: 'table_cell', children: [words('seconds')] }] },
      { node: 'table_row', head: false, children: [{ node: 'table_cell', children: [words('Firefox')] }, { node: 'table_cell', children: [words('10.2')] }] },
    ] },
    { node: 'rule' },
    paragraph(
      { node: 'link', link: { index: 0, host: 'https://status.example:8443', allowed: true }, children: [words('Our status page')] }, words(', '),
      { node: 'link', link: { index: 1, host: '', allowed: false }, children: [words('click here')] }, { node: 'break' },
      { node: 'image', link: { index: 2, host: 'https://pix.example', allowed: true }, alt: 'the spinning button' },
    ),
  ],
};
