// `fulcrum prices` for people: one region by service, several by item, and one item in full.

import type {
  ExplainedPrice,
  ListedFree,
  ListedItem,
  ListedTier,
  PriceList,
} from '../ops/prices.ts';
import { type Paint, shorten, table, wrap } from './terminal.ts';

/** Items that a sentence names. */
const NAMED = 4;

/** Letters of a unit where there is little room. */
const SHORT_UNIT = 13;

/** Units of which nobody buys one: their price is said by the million, too. */
const COUNTED = /^(request|message|minute|call|trace|operation|invocation|recipient|email)\b/;

export function pricesText(list: PriceList, paint: Paint, width: number): string {
  const [only, ...others] = list.regions;
  const places =
    others.length === 0 ? `${only?.region}, ${only?.place}` : `${list.regions.length} regions`;
  const body =
    others.length === 0
      ? oneRegion(list, only?.region ?? '', paint, width)
      : manyRegions(list, paint);
  return [
    `${paint('bold', `Prices of ${places}`)}\n${bookText(list, paint, width)}\n`,
    body,
    freeText(list, paint, width),
    warningsText(list, paint, width),
  ].join('');
}

function bookText({ book }: Pick<PriceList, 'book'>, paint: Paint, width: number): string {
  const { from, file, asOf, prices, regions } = book;
  const where = from === 'bundled' ? 'came with Fulcrum' : `refreshed, from ${file}`;
  const text = `USD without tax. Book of ${asOf}: ${prices} prices in ${regions} regions, ${where}.`;
  return paint('dim', wrap(text, width));
}

interface Row {
  readonly service: string;
  readonly item: string;
  readonly unit: string;
  readonly tier: ListedTier;
}

/** What is no price, but the part that a plan takes off one. */
const FRACTION = 'fraction off';

function sayPrice(unit: string, { usd }: ListedTier): string {
  return unit === FRACTION ? `${Number(usd) * 100} %` : `$${usd}`;
}

/** Without what is said in brackets. */
function bare(unit: string): string {
  return unit.replace(/ \(.*/, '');
}

function perUnit(unit: string): string {
  return unit === FRACTION ? 'off' : `per ${unit}`;
}

/** Columns of a row: the more, the wider. The first that fits is taken. */
const LAYOUTS: readonly ((row: Row) => readonly string[])[] = [
  ({ item, unit, tier }) => [
    `  ${item}`,
    sayPrice(unit, tier),
    byMillion(unit, tier),
    doubt(tier),
    tier.date,
  ],
  ({ item, unit, tier }) => [
    `  ${item}`,
    sayPrice(unit, tier),
    perUnit(bare(unit)),
    doubt(tier),
    tier.date,
  ],
  ({ item, unit, tier }) => [
    `  ${item}`,
    sayPrice(unit, tier),
    shorten(bare(unit), SHORT_UNIT),
    doubt(tier),
  ],
  ({ item, unit, tier }) => [`  ${item}`, sayPrice(unit, tier), doubt(tier)],
  ({ item, unit, tier }) => [`  ${item}`, sayPrice(unit, tier)],
];

function oneRegion(list: PriceList, region: string, paint: Paint, width: number): string {
  const rows = list.items.flatMap(({ item, service, unit, prices }) =>
    (prices[region] ?? []).map(
      (tier, index): Row => ({
        service,
        unit,
        item: index === 0 ? item : `  above ${sayCount(tier.from)}`,
        tier,
      }),
    ),
  );
  const lines = laidOut(rows, width).map((line, index) => colour(line, rows[index]?.tier, paint));
  const text = rows.map(({ service }, index) => {
    const head = service === rows[index - 1]?.service ? '' : `\n${paint('bold', service)}\n`;
    return `${head}${lines[index]}\n`;
  });
  const unknown = list.items.filter(({ prices }) => (prices[region] ?? []).length === 0);
  return `${text.join('')}${unknownText(unknown, paint, width)}`;
}

function laidOut(rows: readonly Row[], width: number): readonly string[] {
  let lines: readonly string[] = [];
  for (const layout of LAYOUTS) {
    lines = table(rows.map(layout)).split('\n');
    if (lines.every((line) => line.length <= width)) break;
  }
  return lines;
}

function colour(line: string, tier: ListedTier | undefined, paint: Paint): string {
  if (tier === undefined) return line;
  const unsure = tier.conflict || tier.confidence === 'C' || tier.confidence === 'D';
  return unsure ? paint('yellow', line) : tier.old ? paint('dim', line) : line;
}

/** "A", "D", and "B!" where sources disagree. */
function doubt({ confidence, conflict }: ListedTier): string {
  return conflict ? `${confidence}!` : confidence;
}

function byMillion(unit: string, { usd }: ListedTier): string {
  if (!COUNTED.test(unit)) return perUnit(unit);
  return `${perUnit(bare(unit))} ($${(Number(usd) * 1_000_000).toFixed(2)} a million)`;
}

function unknownText(items: readonly ListedItem[], paint: Paint, width: number): string {
  if (items.length === 0) return '';
  const named = items.slice(0, NAMED).map(({ item }) => item);
  const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
  return `\n${paint('dim', wrap(`No price is known here for ${named.join(', ')}${more}.`, width))}\n`;
}

function manyRegions({ items, regions }: PriceList, paint: Paint): string {
  return items
    .map(({ item, unit, prices }) => {
      const known = regions.filter(({ region }) => (prices[region] ?? []).length > 0);
      const rows = known.flatMap(({ region, place }) =>
        (prices[region] ?? []).map((tier, index) => [
          index === 0 ? `  ${region}` : '',
          index === 0 ? place : `above ${sayCount(tier.from)}`,
          sayPrice(unit, tier),
          doubt(tier),
          tier.date,
        ]),
      );
      const missing = regions.length - known.length;
      const none =
        missing === 0 ? '' : paint('dim', `  unknown in ${missing} of ${regions.length}\n`);
      return `\n${paint('bold', item)} per ${unit}\n${table(rows)}${none}`;
    })
    .join('');
}

function freeText({ free }: Pick<PriceList, 'free'>, paint: Paint, width: number): string {
  const of = (mode: ListedFree['mode'], title: string) => {
    const rows = free
      .filter((one) => one.mode === mode)
      .map(({ items, quantity, unit }) => {
        const [first = 'all', ...more] = items;
        const others = more.length === 0 ? '' : ` and ${more.length} more`;
        return { of: `  ${first}${others}`, much: `${sayCount(quantity)} ${unit}` };
      });
    if (rows.length === 0) return '';
    const longest = Math.max(...rows.map((row) => row.of.length));
    const lines = rows.map((row) => shorten(`${row.of.padEnd(longest)}  ${row.much}`, width));
    return `\n${paint('bold', title)}\n${lines.join('\n')}\n`;
  };
  return [
    of('always', 'Free each month, for the whole account'),
    of('legacy', 'Free for accounts opened before 2025-07-15, in their first 12 months'),
    of('credit', 'Credit'),
  ].join('');
}

function warningsText(
  { warnings, regions }: Pick<PriceList, 'warnings' | 'regions'>,
  paint: Paint,
  width: number,
): string {
  if (warnings.length === 0) return '';
  const lines = warnings.flatMap(({ region, warnings: of }) => {
    const head = regions.length === 1 ? '' : `${region}: `;
    return of.map((warning) => wrap(`  ${head}${warning}`, width, '    '));
  });
  return `\n${paint('yellow', 'Careful')}\n${lines.join('\n')}\n`;
}

export function explainPriceText(explained: ExplainedPrice, paint: Paint, width: number): string {
  const { item, regions } = explained;
  const said = (name: string, text: string) =>
    `${paint('dim', name.padEnd(11))}${wrap(text, width - 11, '').replaceAll('\n', `\n${' '.repeat(11)}`)}\n`;
  const { offer } = item;
  const list =
    offer === null
      ? 'Its row is not known for certain, so a refresh leaves it as it is.'
      : `${offer.code}, usage type ${offer.usageType}${offer.operation === '' ? '' : `, operation ${offer.operation}`}`;
  return [
    `${paint('bold', item.item)}  ${item.service}, per ${item.unit}\n`,
    said('Billed', item.what),
    ...(item.rule === null ? [] : [said('Metered', item.rule)]),
    said('Price list', list),
    ...regions.map(({ region, place }) => regionText(item, region, place, paint, width)),
    elsewhereText(explained, paint),
    freeText(explained, paint, width),
    warningsText(explained, paint, width),
    `\n${bookText(explained, paint, width)}\n`,
  ].join('');
}

function regionText(
  { prices, unit }: ListedItem,
  region: string,
  place: string,
  paint: Paint,
  width: number,
): string {
  const tiers = prices[region] ?? [];
  const head = `\n${paint('bold', `${region}, ${place}`)}\n`;
  if (tiers.length === 0) return `${head}  no price is known\n`;
  const rows = tiers.map((tier) => [
    `  ${sayRange(tier)}`,
    sayPrice(unit, tier),
    byMillion(unit, tier),
    doubt(tier),
    tier.date,
  ]);
  const origins = new Map<string, ListedTier>();
  for (const tier of tiers) origins.set(`${tier.source}\n${tier.note}\n${tier.sku}`, tier);
  const from = [...origins.values()].map(({ source, sku, note }) =>
    paint(
      'dim',
      wrap(
        `  from ${source}${sku === null ? '' : `, SKU ${sku}`}${note === null ? '' : `; ${note}`}`,
        width,
        '    ',
      ),
    ),
  );
  return `${head}${table(rows)}${from.join('\n')}\n`;
}

/** "each month", "from 0 to 6,000,000,000". */
function sayRange({ from, to }: ListedTier): string {
  if (to !== null) return `from ${sayCount(from)} to ${sayCount(to)} a month`;
  return from === 0 ? 'whatever the quantity' : `above ${sayCount(from)} a month`;
}

/** The first tier in all regions, the cheapest first, against the first region asked for. */
function elsewhereText({ item, regions, everywhere }: ExplainedPrice, paint: Paint): string {
  const [here] = regions;
  const base = Number(item.prices[here?.region ?? '']?.[0]?.usd ?? Number.NaN);
  const priced = everywhere
    .flatMap(({ region, place }) => {
      const [tier] = item.prices[region] ?? [];
      return tier === undefined ? [] : [{ region, place, tier }];
    })
    .sort((a, b) => Number(a.tier.usd) - Number(b.tier.usd) || a.region.localeCompare(b.region));
  const missing = everywhere.length - priced.length;
  if (priced.length < 2) return '';
  const rows = priced.map(({ region, place, tier }) => [
    `  ${region}`,
    place,
    sayPrice(item.unit, tier),
    region === here?.region ? 'here' : sayDifference(Number(tier.usd) / base),
    doubt(tier),
    tier.date,
  ]);
  const none = missing === 0 ? '' : paint('dim', `  unknown in ${missing} more\n`);
  return `\n${paint('bold', 'In every region, the first tier')}\n${table(rows)}${none}`;
}

/** "the same", "+12 %"; "" when there is nothing to compare with. */
function sayDifference(ratio: number): string {
  if (!Number.isFinite(ratio)) return '';
  const percent = Math.round((ratio - 1) * 1000) / 10;
  if (percent === 0) return 'the same';
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent)} %`;
}

function sayCount(number: number): string {
  return number.toLocaleString('en-US');
}
