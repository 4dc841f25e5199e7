// The answer as Markdown, to paste into a pull request.

import type { CostReport, Mix, MixCost } from '../ops/cost.ts';
import {
  breakEvenWords,
  dominatedWords,
  itemWords,
  MIX_WORDS,
  MIXES,
  ownerWords,
  priceWords,
  rangeWords,
  sayFigure,
  sayMany,
  sayMoney,
  sayMoneyOr,
  spreadWords,
  tasksWords,
  upper,
  verdictOf,
  workloadWords,
} from '../ops/cost-words.ts';

export function costMarkdown({ comparison, basis }: CostReport): string {
  const { computes, notApplicable, warnings, assumptions, notModelled } = comparison;
  const summary = MIXES.map((mix): readonly string[] => {
    const cost = computes[mix];
    const name = upper(MIX_WORDS[mix]);
    if (cost === null) return [name, '-', notApplicable[mix] ?? '', '', '', ''];
    return [
      name,
      `${cost.unknown.length > 0 ? 'at least ' : ''}${sayMoney(cost.monthlyUsd)}`,
      rangeWords(cost),
      cost.perMillionRequestsUsd === null ? '-' : sayMoney(cost.perMillionRequestsUsd),
      tasksWords(cost),
      dominatedWords(cost),
    ];
  });
  const figures = assumptions.map(({ figure, service, low, expected, high, unit, from }) => [
    service === null ? figure : `${service}: ${figure}`,
    sayFigure(expected, unit),
    spreadWords({ low, high, unit }),
    from,
  ]);
  return [
    `### ${plain(verdictOf(comparison))}\n`,
    `${plain([workloadWords(comparison), ...basis].join('; '))}.\n`,
    markdownTable(
      ['', 'a month', 'could be', 'a million requests', 'tasks', 'mostly'],
      summary,
      [1, 3, 4],
    ),
    `**Break-even.** ${plain(breakEvenWords(comparison).join(' '))}\n`,
    ...warnings.map((warning) => `> ${plain(warning)}\n`),
    folded('Every line', MIXES.map((mix) => billTable(mix, computes[mix])).join('')),
    folded(
      'What it rests on',
      markdownTable(['figure', 'expected', 'could be', 'from'], figures, [1, 2]),
    ),
    `Not in it: ${plain(notModelled.join(', '))}.\n`,
    `${priceWords(comparison)}\n`,
  ].join('\n');
}

function billTable(mix: Mix, cost: MixCost | null): string {
  if (cost === null) return '';
  const rows = cost.lines.map((line) => [
    itemWords(line.item, line.unit),
    ownerWords(line),
    `${sayMany(line.quantity)}${line.free > 0 ? `, ${sayMany(line.free)} free` : ''}`,
    sayMoneyOr(line.usd),
  ]);
  const head = `\n**${upper(MIX_WORDS[mix])}**, ${sayMoney(cost.monthlyUsd)} a month\n\n`;
  return head + markdownTable(['item', 'for', 'quantity', 'a month'], rows, [2, 3]);
}

function folded(title: string, inner: string): string {
  return `<details><summary>${title}</summary>\n\n${inner}\n</details>\n`;
}

/** `numeric` are the columns that go to the right. */
export function markdownTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: readonly number[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(' | ')} |\n`;
  const rule = heads.map((_, column) => (numeric.includes(column) ? '---:' : '---'));
  return `${line(heads)}| ${rule.join(' | ')} |\n${rows.map(line).join('')}`;
}

/** Text that Markdown shows as it is: names of files may have anything in them. */
export function plain(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]|]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\s+/g, ' ');
}
