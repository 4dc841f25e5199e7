// The answer as one page of HTML: nothing from outside, no script, light and dark, any width.

import { MONTH_HOURS } from '../base/units.ts';
import { element, escapeText } from '../charts/svg.ts';
import type { Comparison, Mix, MixCost } from '../cost/compare/comparison.ts';
import { costChart, NARROW, WIDE } from './cost-chart.ts';
import type { CostPoint } from './cost-points.ts';
import {
  breakEvenWords,
  dominatedWords,
  doubtOf,
  itemWords,
  MIX_WORDS,
  MIXES,
  ownerWords,
  priceWords,
  rangeWords,
  ranked,
  sayFigure,
  sayMany,
  sayMoney,
  sayMoneyOr,
  sayNumber,
  sensitiveWords,
  spreadWords,
  tasksWords,
  upper,
  verdictOf,
  workloadWords,
} from './cost-words.ts';

export interface PageInputs {
  readonly comparison: Comparison;
  /** Where it all is from, as clauses. */
  readonly basis: readonly string[];
  readonly points: readonly CostPoint[];
}

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#5a6270;--line:#dfe3e8;--card:#f6f7f9;--warn:#8a5a00;--best:#0f7a5a}
@media (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8eaed;--soft:#a2abb8;--line:#2b3038;--card:#1c2027;--warn:#f0b849;--best:#3fcf9f}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:56rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem;text-wrap:balance}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
p{margin:.4rem 0}
.soft,small{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem;margin:1.25rem 0;padding:0;list-style:none}
.cards li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem}
.cards li.best{border:2px solid var(--best)}
.cards h2{margin:0;font-size:1rem}
.cards .money{font-size:1.6rem;font-weight:650;margin:.1rem 0}
.cards dl{margin:.4rem 0 0;display:grid;grid-template-columns:auto 1fr;gap:.1rem .75rem;font-size:.9rem}
.cards dt{color:var(--soft)}.cards dd{margin:0;text-align:right;overflow-wrap:anywhere}
.warn li{color:var(--warn)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
@media (max-width:40rem){table{min-width:36rem}}
thead th{color:var(--soft);font-weight:500}
.num{text-align:right;white-space:nowrap}
summary{cursor:pointer;padding:.4rem 0;font-weight:600}
figure{margin:1rem 0}figure svg{width:100%;height:auto;display:block}
figure .narrow{display:none}
@media (max-width:40rem){figure .wide{display:none}figure .narrow{display:block}}
@media print{details{display:block}}
`;

/** A whole document. */
export function costPage(inputs: PageInputs): string {
  const { comparison, basis, points } = inputs;
  const doubt = doubtOf(comparison);
  const head = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="generator" content="fulcrum cost">',
    element('title', {}, escapeText(`What ${comparison.app} costs`)),
    `<style>${STYLE}</style>`,
  ].join('\n');
  const body = [
    element('h1', {}, escapeText(`${verdictOf(comparison)}.`)),
    paragraph([workloadWords(comparison), ...basis].join('; '), 'soft'),
    doubt === undefined ? '' : paragraph(doubt),
    cards(comparison),
    warnings(comparison),
    points.length === 0 ? '' : figure(inputs),
    section(
      'Break-even',
      breakEvenWords(comparison)
        .map((one) => paragraph(one))
        .join(''),
    ),
    section('Bills', MIXES.map((mix) => bill(mix, comparison.computes[mix])).join('')),
    section('What it rests on', assumptions(comparison)),
    section('What is not in it', list(comparison.notModelled, '')),
    paragraph(`${priceWords(comparison)} US dollars; a month has ${MONTH_HOURS} hours.`, 'soft'),
  ];
  return `<!doctype html>\n<html lang="en">\n<head>\n${head}\n</head>\n<body>\n<main>\n${body.filter(Boolean).join('\n')}\n</main>\n</body>\n</html>\n`;
}

function paragraph(text: string, kind?: string): string {
  return element('p', { class: kind }, escapeText(text));
}

function section(title: string, inner: string): string {
  return inner === '' ? '' : element('section', {}, element('h2', {}, escapeText(title)) + inner);
}

function list(texts: readonly string[], kind: string): string {
  if (texts.length === 0) return '';
  const items = texts.map((text) => element('li', {}, escapeText(text))).join('');
  return element('ul', { class: kind === '' ? undefined : kind }, items);
}

function cards(comparison: Comparison): string {
  const [best] = ranked(comparison);
  const items = MIXES.map((mix) => {
    const cost = comparison.computes[mix];
    const title = element('h2', {}, escapeText(upper(MIX_WORDS[mix])));
    if (cost === null) {
      const why = comparison.notApplicable[mix] ?? 'does not apply';
      return element('li', {}, title + paragraph(why, 'soft'));
    }
    const unknown = cost.unknown.length > 0;
    const money = `${unknown ? 'at least ' : ''}${sayMoney(cost.monthlyUsd)}`;
    const facts = [
      ['could be', rangeWords(cost)],
      [
        'a million requests',
        cost.perMillionRequestsUsd === null ? '-' : sayMoney(cost.perMillionRequestsUsd),
      ],
      ['tasks', tasksWords(cost)],
      ['mostly', dominatedWords(cost)],
      ...(unknown ? [['no price for', cost.unknown.join(', ')]] : []),
    ].map(
      ([name = '', value = '']) =>
        element('dt', {}, escapeText(name)) + element('dd', {}, escapeText(value)),
    );
    const hangs = sensitiveWords(cost);
    return element(
      'li',
      { class: best?.mix === mix && !unknown ? 'best' : undefined },
      title +
        element('p', { class: 'money' }, escapeText(money)) +
        element('small', {}, 'a month') +
        element('dl', {}, facts.join('')) +
        (hangs === undefined ? '' : element('small', {}, escapeText(hangs))),
    );
  });
  return element('ul', { class: 'cards' }, items.join(''));
}

function warnings({ warnings: said }: Comparison): string {
  return said.length === 0 ? '' : section('Mind', list(said, 'warn'));
}

const TABLE_ROWS = 12;

function figure({ comparison, points }: PageInputs): string {
  const every = Math.max(1, Math.floor(points.length / TABLE_ROWS));
  const rows = points
    .filter((_, index) => index % every === 0)
    .map(({ requestsPerDay, usd }) => [
      sayNumber(requestsPerDay),
      ...MIXES.map((mix) => {
        const value = usd[mix];
        return value === null ? '-' : sayMoney(value);
      }),
    ]);
  const data = table('Figures of the chart', ['requests a day', ...MIXES], rows, [0, 1, 2, 3]);
  return section(
    'By traffic',
    element(
      'figure',
      {},
      element('div', { class: 'wide' }, costChart(comparison, points, WIDE)) +
        element('div', { class: 'narrow' }, costChart(comparison, points, NARROW)),
    ) + element('details', {}, `<summary>As a table</summary>${data}`),
  );
}

function bill(mix: Mix, cost: MixCost | null): string {
  if (cost === null) return '';
  const rows = cost.lines.map((line) => [
    itemWords(line.item, line.unit),
    ownerWords(line),
    sayMany(line.quantity),
    line.free > 0 ? sayMany(line.free) : '',
    sayMoneyOr(line.usd),
    [line.note, sourceWords(line)].filter(Boolean).join('. '),
  ]);
  const caption = `${upper(MIX_WORDS[mix])}: every line of the month`;
  const heads = ['item', 'for', 'quantity', 'of it free', 'US dollars', 'price from'];
  return element(
    'details',
    mix === 'hybrid' ? {} : { open: '' },
    element(
      'summary',
      {},
      escapeText(`${upper(MIX_WORDS[mix])}, ${sayMoney(cost.monthlyUsd)} a month`),
    ) + table(caption, heads, rows, [2, 3, 4]),
  );
}

function sourceWords({ source, date, confidence }: MixCost['lines'][number]): string {
  return source === null ? 'no price is known' : `${source}, ${date ?? ''} (${confidence ?? ''})`;
}

function assumptions({ assumptions: lines }: Comparison): string {
  const rows = lines.map(({ figure: name, service, low, expected, high, unit, from }) => [
    name,
    service ?? 'the app',
    sayFigure(expected, unit),
    spreadWords({ low, high, unit }),
    from,
  ]);
  return rows.length === 0
    ? ''
    : table(
        'Each figure, and where it is from',
        ['figure', 'of', 'expected', 'could be', 'from'],
        rows,
        [2, 3],
      );
}

/** `numeric` are the columns that go to the right. The first column names its row. */
function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
): string {
  const kind = (column: number) => (numeric.includes(column) ? 'num' : undefined);
  const head = heads
    .map((text, column) => element('th', { scope: 'col', class: kind(column) }, escapeText(text)))
    .join('');
  const body = rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0
        ? element('th', { scope: 'row', class: kind(column) }, escapeText(text))
        : element('td', { class: kind(column) }, escapeText(text)),
    );
    return element('tr', {}, cells.join(''));
  });
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, escapeText(caption)) +
        element('thead', {}, element('tr', {}, head)) +
        element('tbody', {}, body.join('')),
    ),
  );
}
