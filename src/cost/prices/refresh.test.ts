import { describe, expect, it } from 'vitest';
import type { PriceItem } from './catalogue.ts';
import { type OfferRow, offerReader } from './offer.ts';
import { priceBook } from './price-book.ts';
import { BUNDLED_PRICES, dataProblems } from './price-data.ts';
import { newerOf, notRefreshable, offersOf, type ReadOffer, refreshed } from './refresh.ts';

const row = (over: Partial<OfferRow>): OfferRow => ({
  sku: 'A',
  term: 'OnDemand',
  from: '0',
  to: 'Inf',
  usd: '0.0500000000',
  currency: 'USD',
  usageType: 'EUW2-NatGateway-Hours',
  operation: 'NatGateway',
  region: 'eu-west-2',
  ...over,
});

function read(
  rows: readonly OfferRow[],
  items: readonly PriceItem[] = ['nat.hour'],
  region = 'eu-west-2',
) {
  const reader = offerReader(region, items);
  for (const one of rows) reader.take(one);
  return reader.result();
}

const tiers = (rows: readonly OfferRow[], region?: string) => {
  const { found, doubts } = read(rows, ['nat.hour'], region);
  return found.get('nat.hour') ?? doubts.get('nat.hour');
};

describe('an offer', () => {
  it('gives a price by exact usage type and operation only', () => {
    expect(tiers([row({})])).toEqual([{ usd: '0.05', sku: 'A' }]);
    for (const other of [
      { usageType: 'EUW2-RegionalNatGateway-Hours' },
      { usageType: 'EUW2-NatGateway-Hours-Outposts' },
      { usageType: 'NatGateway-Hours' },
      { usageType: 'EUW3-NatGateway-Hours' },
      { operation: 'RegionalNatGateway' },
      { operation: '' },
      { term: 'Reserved' },
      { currency: 'CNY' },
      { region: 'eu-west-3' },
    ]) {
      expect(tiers([row(other)]), JSON.stringify(other)).toBeUndefined();
    }
    expect(tiers([row({ region: undefined })])).toHaveLength(1);
  });

  it('knows the prefixes of us-east-1 and eu-west-1, old and new', () => {
    for (const usageType of ['NatGateway-Hours', 'USE1-NatGateway-Hours']) {
      expect(tiers([row({ usageType, region: 'us-east-1' })], 'us-east-1')).toHaveLength(1);
    }
    for (const usageType of ['EU-NatGateway-Hours', 'EUW1-NatGateway-Hours']) {
      expect(tiers([row({ usageType, region: 'eu-west-1' })], 'eu-west-1')).toHaveLength(1);
    }
    expect(
      tiers([row({ usageType: 'APS1-NatGateway-Hours', region: 'ap-south-1' })], 'ap-south-1'),
    ).toBeUndefined();
    expect(
      tiers([row({ usageType: 'APS3-NatGateway-Hours', region: 'ap-south-1' })], 'ap-south-1'),
    ).toHaveLength(1);
  });

  it('has tiers in order, from 0 without a gap', () => {
    expect(tiers([row({ from: '10', usd: '0.0400000000' }), row({ to: '10' })])).toEqual([
      { usd: '0.05', sku: 'A', from: 0, to: 10 },
      { usd: '0.04', sku: 'A', from: 10, to: null },
    ]);
    expect(tiers([row({ from: '10' })])).toContain('do not follow each other');
    expect(tiers([row({ to: '10' }), row({ from: '11' })])).toContain('do not follow each other');
    expect(tiers([row({ from: '' })])).toContain('do not follow each other');
    expect(tiers([row({}), row({})])).toContain('do not follow each other');
  });

  it('gives nothing that is not certain', () => {
    expect(tiers([row({}), row({ sku: 'B' })])).toEqual([{ usd: '0.05', sku: 'A' }]);
    expect(tiers([row({}), row({ sku: 'B', usd: '0.0600000000' })])).toBe(
      '2 products have its usage type, at different prices',
    );
    expect(tiers([row({ usd: '0.0000000000' })])).toBe('a price of 0, where something is billed');
    for (const usd of ['', '5e-2', '-1', 'free', '0.0000000000001']) {
      expect(tiers([row({ usd })]), usd).toContain('no plain decimal');
    }
    expect(tiers([row({ usd: '12.0000000000' })])).toEqual([{ usd: '12', sku: 'A' }]);
    expect(tiers([row({ usd: '100' })])).toEqual([{ usd: '100', sku: 'A' }]);
  });
});

const offer = (rows: readonly OfferRow[], over: Partial<ReadOffer> = {}): ReadOffer => ({
  region: 'eu-west-2',
  code: 'AmazonEC2',
  version: '20261120080000',
  items: ['nat.hour', 'nat.gbProcessed'],
  ...read(rows, ['nat.hour', 'nat.gbProcessed']),
  ...over,
});

describe('a refreshed book', () => {
  it('has the new price with its source and day, and everything else as it was', () => {
    const { data, changes, kept, same } = refreshed(
      BUNDLED_PRICES,
      [offer([row({ usd: '0.0600000000', sku: 'NEW' })])],
      '2026-11-21',
    );
    expect(dataProblems(data)).toEqual([]);
    expect(data.asOf).toBe('2026-11-21');
    expect(changes).toEqual([
      { region: 'eu-west-2', item: 'nat.hour', before: '0.05', after: '0.06' },
    ]);
    expect(kept).toEqual([
      { region: 'eu-west-2', item: 'nat.gbProcessed', why: 'AmazonEC2 has no row for it' },
    ]);
    expect(same).toBe(0);
    const london = priceBook('eu-west-2', data);
    expect(london.price('nat.hour')?.[0]).toMatchObject({
      pico: 60_000_000_000n,
      source: 'AWS Price List AmazonEC2 offer 20261120080000',
      date: '2026-11-21',
      confidence: 'A',
      sku: 'NEW',
      note: undefined,
    });
    for (const item of ['nat.gbProcessed', 'alb.lcuHour', 'lambda.x86_64.gbSecond'] as const) {
      expect(london.price(item)).toEqual(priceBook('eu-west-2').price(item));
    }
    expect(priceBook('us-east-1', data).price('nat.hour')).toEqual(
      priceBook('us-east-1').price('nat.hour'),
    );
  });

  it('keeps a price that would jump, and what AWS does not offer', () => {
    const jump = refreshed(BUNDLED_PRICES, [offer([row({ usd: '50' })])], '2026-11-21');
    expect(jump.kept[0]?.why).toContain('$50 instead of $0.05');
    expect(priceBook('eu-west-2', jump.data).price('nat.hour')?.[0].pico).toBe(50_000_000_000n);
    const none = refreshed(BUNDLED_PRICES, [offer([], { version: undefined })], '2026-11-21');
    expect(none.kept.map(({ why }) => why)).toEqual(Array(2).fill('AWS has no AmazonEC2 there'));
  });

  it('has no more sources than it names, however often it is refreshed', () => {
    let data = BUNDLED_PRICES;
    for (let day = 1; day < 10; day += 1) {
      const version = `2026120${day}000000`;
      data = refreshed(data, [offer([row({})], { version })], `2026-12-0${day}`).data;
    }
    expect(data.sources.length).toBeLessThanOrEqual(BUNDLED_PRICES.sources.length + 1);
    expect(dataProblems(data)).toEqual([]);
  });

  it('gives way, price by price, to a newer one that came with Fulcrum', () => {
    const { data } = refreshed(
      BUNDLED_PRICES,
      [offer([row({ usd: '0.0600000000' })])],
      '2026-11-21',
    );
    const merged = newerOf(BUNDLED_PRICES, data);
    expect(priceBook('eu-west-2', merged).price('nat.hour')?.[0].date).toBe('2026-11-21');
    expect(merged).toMatchObject({ asOf: '2026-11-21' });
    expect(dataProblems(merged ?? BUNDLED_PRICES)).toEqual([]);
    const later = refreshed(BUNDLED_PRICES, [offer([row({ usd: '0.07' })])], '2026-12-24').data;
    expect(newerOf(later, data)).toBeUndefined();
    expect(newerOf(BUNDLED_PRICES, BUNDLED_PRICES)).toBeUndefined();
  });
});

it('reads the largest offer last, and never what has no certain row', () => {
  const offers = [...offersOf(['nat.hour', 'alb.hour', 'lambda.request', 'ecr.storageGbMonth'])];
  expect(offers.map(([code]) => code)).toEqual(['AWSELB', 'AWSLambda', 'AmazonEC2']);
  expect(notRefreshable(['nat.hour', 'ecr.storageGbMonth'])).toEqual(['ecr.storageGbMonth']);
});
