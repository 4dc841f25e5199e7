// What `fulcrum cost` prints for people: the answer first, then what it rests on, in 80 columns.

import type { Comparison, CostReport, Mix } from '../ops/cost.ts';
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
  sayFigure,
  sayMany,
  sayMoney,
  sayMoneyOr,
  sensitiveWords,
  someWords,
  spreadWords,
  tasksWords,
  unpricedWords,
  verdictOf,
  workloadWords,
} from '../ops/cost-words.ts';
import { count } from './render-status.ts';
import { type Paint, shorten, table } from './terminal.ts';

const WIDTH = 80;

/** Assumptions shown without --lines. */
const FEW = 8;

/** Of what is not in the bills, shown without --lines. */
const FEW_LEFT_OUT = 4;

/** `lines`: every line of every bill, and every assumption. */
export function costText({ comparison, basis }: CostReport, lines: boolean, paint: Paint): string {
  const doubt = doubtOf(comparison);
  const blocks = [
    verdictText(comparison, paint) +
      paint('dim', wrapped(`${[workloadWords(comparison), ...basis].join('; ')}.`, '')),
    summary(comparison),
    ...(doubt === undefined ? [] : [wrapped(doubt, '')]),
    ...MIXES.flatMap((mix) => unknownText(mix, comparison, paint)),
    titled('Break-even', breakEvenWords(comparison).join(' '), paint),
    sensitivityText(comparison, paint),
    ...(lines ? MIXES.flatMap((mix) => billText(mix, comparison, paint)) : []),
    assumptionsText(comparison, lines, paint),
    ...comparison.warnings.map(
      (warning) => `${paint('yellow', '!')} ${hanging(inWords(warning), 2)}`,
    ),
    titled(
      'Not in it',
      `${someWords(comparison.notModelled, lines ? Number.MAX_SAFE_INTEGER : FEW_LEFT_OUT)}.`,
      paint,
    ),
    paint('dim', wrapped(`${priceWords(comparison)}${lines ? '' : ' Every line: --lines.'}`, '')),
  ];
  return joined(blocks);
}

/** In one line where it fits, else in two. */
function verdictText(comparison: Comparison, paint: Paint): string {
  const verdict = verdictOf(comparison);
  const rows = verdict.length <= WIDTH ? [verdict] : verdict.split(/(?<=;) /);
  return rows
    .flatMap((row) => folded(row, WIDTH))
    .map((row) => `${paint('bold', row)}\n`)
    .join('');
}

/** Warnings stand together; everything else is apart. */
function joined(blocks: readonly string[]): string {
  let text = '';
  let before = '';
  for (const block of blocks.filter((one) => one !== '')) {
    const together = text === '' || (isWarning(before) && isWarning(block));
    text += together ? block : `\n${block}`;
    before = block;
  }
  return text;
}

const isWarning = (block: string): boolean => /^(\u001b\[\d+m)?!/.test(block);

function summary({ computes, notApplicable }: Comparison): string {
  const rows = MIXES.map((mix): readonly string[] => {
    const cost = computes[mix];
    if (cost === null) return [mix, '-', '', '', '', ''];
    return [
      mix,
      `${sayMoney(cost.monthlyUsd)}${cost.unknown.length > 0 ? '+?' : ''}`,
      rangeWords(cost),
      cost.perMillionRequestsUsd === null ? '-' : sayMoney(cost.perMillionRequestsUsd),
      tasksWords(cost),
      shortened(dominatedWords(cost)),
    ];
  });
  const heads = ['', 'a month', 'could be', 'a million', 'tasks', 'mostly'];
  const why = MIXES.filter((mix) => computes[mix] === null).map((mix) =>
    wrapped(`${mix}: ${notApplicable[mix] ?? 'does not apply'}`, ''),
  );
  return table([heads, ...rows]) + why.join('');
}

/** The last column of a table of 80. */
function shortened(text: string): string {
  return text.length <= 28 ? text : `${text.slice(0, 27)}…`;
}

function unknownText(mix: Mix, { computes, region }: Comparison, paint: Paint): readonly string[] {
  const cost = computes[mix];
  if (cost === null || cost.unknown.length === 0) return [];
  const items = unpricedWords(cost.unknown);
  return [
    `${paint('yellow', '!')} ${hanging(`${mix}: no price is known for ${items}, so its bill is at least this. "fulcrum prices --refresh --region ${region}" reads what AWS's price list has.`, 2)}`,
  ];
}

function sensitivityText({ computes }: Comparison, paint: Paint): string {
  const said = (['lambda', 'fargate'] as const).flatMap((mix) => {
    const cost = computes[mix];
    const words = cost === null ? undefined : sensitiveWords(cost);
    return words === undefined ? [] : [`${MIX_WORDS[mix]}: ${words}.`];
  });
  return said.length === 0 ? '' : titled('Hangs on', said.join(' '), paint);
}

function billText(mix: Mix, { computes }: Comparison, paint: Paint): readonly string[] {
  const cost = computes[mix];
  if (cost === null) return [];
  const same = MIXES.slice(0, MIXES.indexOf(mix)).find(
    (other) => JSON.stringify(computes[other]?.lines) === JSON.stringify(cost.lines),
  );
  if (same !== undefined) return [`${paint('bold', mix)}, as ${MIX_WORDS[same]}\n`];
  const rows = cost.lines.map(({ item, unit, quantity, free, usd, ...owner }) => [
    `  ${sayMoneyOr(usd)}`,
    itemWords(item, unit),
    `${sayMany(quantity)}${free > 0 ? `, ${sayMany(free)} free` : ''}`,
    ownerWords(owner),
  ]);
  const notes = cost.lines.flatMap(({ item, unit, note }) =>
    note === null ? [] : [wrapped(`${itemWords(item, unit)}: ${note}`, '    ')],
  );
  const title = `${paint('bold', mix)}, ${sayMoney(cost.monthlyUsd)} a month\n`;
  return [title + table(rows) + [...new Set(notes)].join('')];
}

function assumptionsText({ assumptions }: Comparison, all: boolean, paint: Paint): string {
  const shown = all ? assumptions : assumptions.slice(0, FEW);
  if (shown.length === 0) return '';
  const rows = shown.map(({ figure, service, low, expected, high, unit, from }) => [
    `  ${service === null ? '' : `${service}: `}${figure}`,
    sayFigure(expected, unit),
    spreadWords({ low, high, unit }),
    all ? from : inShort(from),
  ]);
  const more = assumptions.length - shown.length;
  const rest = more === 0 ? '' : paint('dim', `  and ${count(more, 'figure')} more: --lines\n`);
  const text = table(rows).split('\n');
  const cut = all ? text : text.map((row) => shorten(row, WIDTH));
  return `${paint('bold', 'Rests on')}\n${cut.join('\n')}${rest}`;
}

/** Where a figure is from, in one word or two; the days of measurements are above. */
function inShort(from: string): string {
  return from.replace(/^measured on .*$/, 'measured').replace(/^".*" of ".*" in (\S+)$/, '$1');
}

function titled(title: string, text: string, paint: Paint): string {
  if (text === '') return '';
  const [first = '', ...rest] = folded(text, WIDTH - 12);
  const head = `${paint('bold', title)}${' '.repeat(Math.max(1, 12 - title.length))}`;
  return [`${head}${first}`, ...rest.map((row) => `${' '.repeat(12)}${row}`), ''].join('\n');
}

export function hanging(text: string, indent: number): string {
  return `${folded(text, WIDTH - indent).join(`\n${' '.repeat(indent)}`)}\n`;
}

export function wrapped(text: string, indent: string): string {
  return folded(text, WIDTH - indent.length)
    .map((row) => `${indent}${row}\n`)
    .join('');
}

/** Rows of at most `width` letters, broken between words. */
function folded(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = rows.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) rows.push(word);
    else rows[rows.length - 1] = `${last} ${word}`;
  }
  return rows;
}
