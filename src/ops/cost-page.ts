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
  inWords,
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
  unpricedWords,
  upper,
  verdictOf,
  workloadWords,
} from './cost-words.ts';
import { htmlPage, list, paragraph, section, table, unbroken } from './page.ts';

export interface PageInputs {
  readonly comparison: Comparison;
  /** Where it all is from, as clauses. */
  readonly basis: readonly string[];
  readonly points: readonly CostPoint[];
}

/** A whole document. */
export function costPage(inputs: PageInputs): string {
  const { comparison, basis, points } = inputs;
  const doubt = doubtOf(comparison);
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
  const title = `What ${comparison.app} costs`;
  return htmlPage({ title, generator: 'fulcrum cost' }, body);
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
      ...(unknown ? [['no price for', unpricedWords(cost.unknown)]] : []),
    ].map(
      ([name = '', value = '']) =>
        element('dt', {}, escapeText(name)) + element('dd', {}, escapeText(unbroken(value))),
    );
    const hangs = sensitiveWords(cost);
    return element(
      'li',
      { class: best?.mix === mix && !unknown ? 'best' : undefined },
      title +
        element('p', { class: 'money' }, escapeText(money)) +
        element('small', {}, 'a month') +
        element('dl', {}, facts.join('')) +
        (hangs === undefined ? '' : element('small', {}, escapeText(unbroken(hangs)))),
    );
  });
  return element('ul', { class: 'cards' }, items.join(''));
}

function warnings({ warnings: said }: Comparison): string {
  return said.length === 0 ? '' : section('Mind', list(said.map(inWords), 'warn'));
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
