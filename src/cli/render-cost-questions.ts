// What-ifs, sweeps and the cheapest way, as text and as Markdown: the same titles, tables and
// sentences, set differently.

import { sayDuration } from '../base/units.ts';
import type { MixCost } from '../ops/cost.ts';
import type { Cheapest, Sweep, SweepRow, Way, WhatIf } from '../ops/cost-questions.ts';
import {
  breakEvenWords,
  entryWords,
  inWords,
  itemWords,
  lower,
  MIX_WORDS,
  MIXES,
  ranked,
  sayMoney,
  sayMoneyOr,
  sayNumber,
  sentence,
  unpricedWords,
  upper,
  verdictOf,
} from '../ops/cost-words.ts';
import { wrapped } from './render-cost.ts';
import { markdownTable, plain } from './render-cost-markdown.ts';
import { type Paint, table } from './terminal.ts';

/** The first part's title is the answer. */
export interface Part {
  readonly title: string;
  readonly heads?: readonly string[];
  readonly rows?: readonly (readonly string[])[];
  readonly numeric?: readonly number[];
  readonly says?: readonly string[];
}

export function partsText(parts: readonly Part[], paint: Paint): string {
  return parts
    .map(({ title, heads = [], rows = [], says = [] }) => {
      const head =
        title === '' ? '' : wrapped(title, '').replace(/[^\n]+/g, (row) => paint('bold', row));
      const body = rows.length === 0 ? '' : table([heads, ...rows]);
      return head + body + says.map((one) => wrapped(one, '')).join('');
    })
    .filter(Boolean)
    .join('\n');
}

export function partsMarkdown(parts: readonly Part[]): string {
  return parts
    .map(({ title, heads = [], rows = [], numeric = [], says = [] }, index) => {
      const head = title === '' ? '' : `${index === 0 ? '###' : '####'} ${plain(title)}\n\n`;
      const body = rows.length === 0 ? '' : markdownTable(heads, rows, numeric);
      const told = says.map((one) => `${plain(one)}\n`).join('\n');
      return `${head}${body}${body !== '' && told !== '' ? '\n' : ''}${told}`;
    })
    .join('\n');
}

/** "+$2.79", "−$0.40". */
function sayDifference(usd: number | null): string {
  if (usd === null) return 'unknown';
  return usd > 0 ? `+${sayMoney(usd)}` : sayMoney(usd);
}

const isKnown = (cost: MixCost | null): boolean => cost?.unknown.length === 0;

/** "$12.00+?": something in it has no price. */
function sayBill(cost: MixCost): string {
  return `${sayMoney(cost.monthlyUsd)}${isKnown(cost) ? '' : '+?'}`;
}

const LINES_SHOWN = 6;

export function whatIfParts(asked: WhatIf, all: boolean): readonly Part[] {
  const { changes, follows, before, after, differences } = asked;
  const summary = MIXES.map((mix) => {
    const [one, other] = [before.computes[mix], after.computes[mix]];
    const difference = differences[mix];
    return [
      mix,
      one === null ? '-' : sayBill(one),
      other === null ? '-' : sayBill(other),
      difference === null
        ? '-'
        : sayDifference(isKnown(one) && isKnown(other) ? difference.monthlyUsd : null),
    ];
  });
  const units = new Map(
    [before, after].flatMap(({ computes }) =>
      MIXES.flatMap((mix) =>
        (computes[mix]?.lines ?? []).map(({ item, unit }) => [item, unit] as const),
      ),
    ),
  );
  const lineParts = MIXES.flatMap((mix): Part[] => {
    const lines = differences[mix]?.lines ?? [];
    if (lines.length === 0) return [];
    const shown = all ? lines : lines.slice(0, LINES_SHOWN);
    const more = lines.length - shown.length;
    return [
      {
        title: `${upper(MIX_WORDS[mix])}, by line`,
        heads: ['', 'for', 'before', 'after', 'difference'],
        rows: shown.map(({ item, service, beforeUsd, afterUsd, differenceUsd }) => [
          itemWords(item, units.get(item) ?? ''),
          service ?? 'the app',
          sayMoneyOr(beforeUsd),
          sayMoneyOr(afterUsd),
          sayDifference(differenceUsd),
        ]),
        numeric: [2, 3, 4],
        says: more === 0 ? [] : [`and ${more} more: --lines`],
      },
    ];
  });
  return [
    {
      title: `With ${changes.join(' and ')}${changedVerdict(asked)}`,
      heads: ['', 'before', 'after', 'difference'],
      rows: summary,
      numeric: [1, 2, 3],
      says: MIXES.flatMap((mix) => {
        const why = after.notApplicable[mix] ?? before.notApplicable[mix];
        return why === undefined ? [] : [sentence(`${MIX_WORDS[mix]}: ${why}`)];
      }),
    },
    ...lineParts,
    { title: 'Break-even before', says: [breakEvenWords(before).join(' ')] },
    { title: 'Break-even after', says: [breakEvenWords(after).join(' ')] },
    ...(follows.length === 0 ? [] : [{ title: 'What follows', says: follows }]),
    ...(after.warnings.length === 0 ? [] : [{ title: 'Mind', says: after.warnings.map(inWords) }]),
  ];
}

/** ": a mix of both is still cheapest, $9 a month instead of $12"; what has no price ranks nothing. */
function changedVerdict({ before, after }: WhatIf): string {
  const [was] = ranked(before);
  const [is] = ranked(after);
  if (is === undefined) return ': it can run on neither Lambda nor Fargate';
  if (is.cost.unknown.length > 0) return `: ${lower(verdictOf(after))}`;
  const still = was?.mix === is.mix && was.cost.unknown.length === 0 ? 'still ' : '';
  const instead =
    was === undefined || was.cost.unknown.length > 0
      ? ''
      : ` instead of ${sayMoney(was.cost.monthlyUsd)}`;
  return `: ${MIX_WORDS[is.mix]} is ${still}cheapest, ${sayMoney(is.cost.monthlyUsd)} a month${instead}`;
}

const ROWS_SHOWN = 15;

export function sweepParts({ rows, unknown }: Sweep, all: boolean): readonly Part[] {
  const shown = all ? rows : rows.slice(0, ROWS_SHOWN);
  const [best] = rows;
  const hasMemory = rows.some(({ memoryMiB }) => memoryMiB !== best?.memoryMiB);
  const hasTask = rows.some(({ task }) => sayTask(task) !== sayTask(best?.task ?? null));
  const more = rows.length - shown.length;
  const title =
    best?.cheapest == null
      ? 'Nothing of this has a price'
      : `Cheapest: ${wayWords(best)}, ${MIX_WORDS[best.cheapest.mix]}, ${sayMoney(best.cheapest.monthlyUsd)} a month`;
  const heads = [
    ...['', 'region', 'entry', 'arch'],
    ...(hasMemory ? ['MB'] : []),
    ...(hasTask ? ['task'] : []),
    ...[...MIXES, 'pays from'],
  ];
  const isNumber = (head: string) => ['MB', ...MIXES, 'pays from'].includes(head);
  return [
    {
      title,
      heads,
      rows: shown.map((row) => [
        row.rank === null ? '-' : String(row.rank),
        row.region,
        sayEntry(row.entry),
        row.architecture === null ? '' : ARCHITECTURES[row.architecture],
        ...(hasMemory ? [row.memoryMiB === null ? '' : String(row.memoryMiB)] : []),
        ...(hasTask ? [sayTask(row.task)] : []),
        ...MIXES.map((mix) => sayCost(row, mix)),
        paysFrom(row),
      ]),
      numeric: heads.flatMap((head, column) => (isNumber(head) ? column : [])),
      says: [
        ...(more === 0 ? [] : [`and ${more} more: --lines`]),
        'In dollars a month; "pays from" is from how many requests a day on Fargate alone costs no more than Lambda alone.',
      ],
    },
    ...(unknown.length === 0
      ? []
      : [
          {
            title: 'Without a price',
            says: [
              ...unknown.map(
                ({ item, regions }) => `${upper(unpricedWords([item]))} in ${regions.join(', ')}`,
              ),
              '"fulcrum prices --refresh --region <name>" reads what AWS\'s price list has.',
            ],
          },
        ]),
  ];
}

const ARCHITECTURES = { x86_64: 'x86', arm64: 'arm64' } as const;

function sayCost({ costs }: SweepRow, mix: (typeof MIXES)[number]): string {
  const usd = costs[mix];
  return usd === null ? '-' : sayMoney(usd);
}

function paysFrom({ breakEven }: SweepRow): string {
  if (breakEven === null) return '-';
  const first = breakEven.firstRequestsPerDay;
  return first === null ? 'never' : sayNumber(first);
}

function sayEntry({ lambda, fargate }: SweepRow['entry']): string {
  return lambda === fargate ? lambda : `${lambda}/${fargate}`;
}

function sayTask(task: SweepRow['task']): string {
  return task === null ? '' : `${task.cpuUnits / 1024}/${task.memoryMiB / 1024}`;
}

function wayWords({ region, entry, architecture }: SweepRow): string {
  return [region, sayEntry(entry), architecture === null ? '' : ARCHITECTURES[architecture]]
    .filter(Boolean)
    .join(', ');
}

export function cheapestParts(found: Cheapest): readonly Part[] {
  const { best, ways, today, why, model, unknown } = found;
  const title =
    best === null
      ? `Nothing is fast enough`
      : `Cheapest that is fast enough: ${MIX_WORDS[best.mix]}, ${sayMoney(best.monthlyUsd)} a month`;
  return [
    { title, ...wayTable(ways), says: why === null ? [] : [sentence(why)] },
    ...ways.map((way) => ({
      title: `${upper(MIX_WORDS[way.mix])} gives up`,
      says: way.givesUp.length === 0 ? ['Nothing.'] : way.givesUp,
    })),
    { title: 'As it is today', ...wayTable(today) },
    ...(unknown.length === 0
      ? []
      : [{ title: 'Left out, without a price', says: [unpricedWords(unknown)] }]),
    { title: 'What the durations are made of', says: model },
  ];
}

function wayTable(ways: readonly Way[]) {
  return {
    heads: ['', 'a month', 'slowest', 'entry', 'arch', 'Spot', 'sizes', 'tasks'],
    rows: ways.map((way) => [
      way.mix,
      sayMoney(way.monthlyUsd),
      Number.isFinite(way.latencyMs) ? sayDuration(way.latencyMs) : 'overloaded',
      shortEntry(way),
      ARCHITECTURES[way.architecture],
      way.spotShare === 0 ? 'no' : `${Math.round(way.spotShare * 100)} %`,
      way.services.map((service) => sizeWords(service, way)).join('; '),
      way.tasks.peak === 0 ? '-' : sayNumber(way.tasks.peak),
    ]),
    numeric: [1, 7],
  };
}

function shortEntry({ mix, entry }: Way): string {
  const used = mix === 'lambda' ? entry.lambda : entry.fargate;
  return used === 'none' ? entryWords(used) : used;
}

function sizeWords(
  { name, memoryMiB, task }: Way['services'][number],
  { mix, services }: Way,
): string {
  const parts = [
    mix === 'fargate' || memoryMiB === null ? '' : `${memoryMiB} MB`,
    mix === 'lambda' || task === null ? '' : `${sayTask(task)} task`,
  ].filter(Boolean);
  return `${services.length > 1 ? `${name} ` : ''}${parts.join(' + ')}`;
}
