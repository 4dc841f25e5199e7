// What a usage costs, as a small table.

import { sayUsd } from '../base/units.ts';
import type { RatedLine, RatedUsage } from '../ops/rate-usage.ts';
import { type Paint, table } from './terminal.ts';

export function ratedText(rated: RatedUsage, paint: Paint): string {
  const { name, services, region, pricesAsOf, freeTier, lines } = rated;
  const what = name ?? [...new Set(services)].join(', ');
  const free = freeTier === 'none' ? 'no free tier' : `free tier: ${freeTier}`;
  const rows = [
    ['item', 'quantity', ...(freeTier === 'none' ? [] : ['free']), 'unit', 'USD', 'price of', ''],
    ...lines.map((line) => [
      line.item,
      sayNumber(line.quantity),
      ...(freeTier === 'none' ? [] : [sayNumber(line.free)]),
      line.unit,
      line.usd === null ? 'unknown' : sayUsd(line.usd),
      line.date === null ? '' : `${line.date} ${line.confidence}`,
      line.note ?? '',
    ]),
    ...rated.unknown
      .filter((item) => !lines.some((line: RatedLine) => line.item === item))
      .map((item) => [item, '', ...(freeTier === 'none' ? [] : ['']), '', 'unknown', '', '']),
  ];
  const total =
    rated.usd === null
      ? `unknown; ${sayUsd(rated.knownUsd)} of it is known`
      : `${sayUsd(rated.usd)}  ${paint('dim', `exactly ${rated.usdExact}`)}`;
  return [
    `${paint('bold', what)}  ${region}, prices as of ${pricesAsOf}, ${free}\n`,
    rows.length > 1 ? table(rows) : 'Nothing of it is billed.\n',
    `${paint('bold', 'Total')}  ${total}\n`,
    ...rated.warnings.map((warning) => `${paint('yellow', '!')} ${warning}\n`),
  ].join('');
}

function sayNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 12 });
}
