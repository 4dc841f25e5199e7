import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { picoOf } from '../money.ts';
import { CATALOGUE, isPriceItem, PRICE_ITEMS, type PriceItem } from './catalogue.ts';
import { findItem, itemsOf, nearItems } from './find-item.ts';
import { priceBook, pricedRegions } from './price-book.ts';
import { BUNDLED_PRICES, dataProblems, type PriceData, rowCount } from './price-data.ts';
import { KNOWN_REGIONS, nearestRegions, placeOf, usagePrefixes } from './regions.ts';
import { isOld, priceWarnings } from './warnings.ts';

const ITEM = fc.constantFrom(...PRICE_ITEMS);

describe('the bundled prices', () => {
  it('keep every rule of a price book', () => {
    expect(dataProblems(BUNDLED_PRICES)).toEqual([]);
    expect(rowCount(BUNDLED_PRICES)).toBe(814);
  });

  it('give a price of 0 only to what is free, and no item without any price anywhere', () => {
    const regions = Object.entries(BUNDLED_PRICES.prices);
    const free = regions.flatMap(([, items]) =>
      Object.entries(items).flatMap(([item, rows]) =>
        rows.some(({ usd }) => picoOf(usd) === 0n) ? [item] : [],
      ),
    );
    expect([...new Set(free)]).toEqual(['ssm.standardParameterMonth']);
    const priced = new Set(regions.flatMap(([, items]) => Object.keys(items)));
    expect(PRICE_ITEMS.filter((item) => !priced.has(item))).toEqual([]);
  });

  it('have ARM as it is listed, which is no fixed part of x86', () => {
    const parts = pricedRegions().flatMap((region) => {
      const book = priceBook(region);
      const [arm] = book.price('fargate.arm64.vcpuHour') ?? [];
      const [x86] = book.price('fargate.x86_64.vcpuHour') ?? [];
      if (arm === undefined || x86 === undefined) return [];
      // "derived" ones would have no source of their own.
      expect(arm.confidence, region).not.toBe('C');
      return [[region, Number((arm.pico * 1000n) / x86.pico)] as const];
    });
    expect(Object.fromEntries(parts)).toMatchObject({ 'us-east-1': 799, 'ap-south-1': 559 });
    expect(parts.length).toBe(13);
    expect(priceBook('af-south-1').price('fargate.arm64.vcpuHour')).toBeUndefined();
  });

  it('are of regions whose place and prefix are known', () => {
    expect([...pricedRegions()].sort()).toEqual([...KNOWN_REGIONS].sort());
    for (const region of pricedRegions()) {
      expect(placeOf(region)).toMatch(/^[A-Z].* \(.+\)$/);
      expect(usagePrefixes(region).length).toBeGreaterThan(0);
    }
  });

  it('would not pass with a rule broken', () => {
    const broken = (row: object): readonly string[] => {
      const common = { usd: '1', source: 0, date: '2026-01-01', confidence: 'A', ...row };
      const prices = { 'us-east-1': { 'nat.hour': [common] } } as PriceData['prices'];
      return dataProblems({ ...BUNDLED_PRICES, prices });
    };
    expect(broken({})).toEqual([]);
    for (const row of [
      { usd: '1e-5' },
      { usd: '' },
      { usd: '-1' },
      { usd: '0.0000000000001' },
      { from: 5 },
      { from: 0, to: 0 },
      { source: 99 },
      { date: '2026-13-01' },
      { date: '' },
      { confidence: 'E' },
    ]) {
      expect(broken(row), JSON.stringify(row)).toHaveLength(1);
    }
    const gap = [
      { usd: '2', from: 0, to: 10, source: 0, date: '2026-01-01', confidence: 'A' },
      { usd: '1', from: 11, to: null, source: 0, date: '2026-01-01', confidence: 'A' },
    ];
    const prices: PriceData['prices'] = { 'us-east-1': { 'nat.hour': gap, 'no.such': gap } };
    const said = dataProblems({ ...BUNDLED_PRICES, prices }).join('\n');
    expect(said).toContain('nat.hour: a tier begins at 11');
    expect(said).toContain('no.such: there is no such item');
  });
});

describe('the catalogue', () => {
  it('says of every item what is billed, in a sentence', () => {
    for (const item of PRICE_ITEMS) {
      const { what, unit, service, rule } = CATALOGUE[item];
      expect(what, item).toMatch(/^[A-Z].{20,}\.$/);
      expect(rule ?? 'None.', item).toMatch(/^.*\.$/);
      expect(unit.length * service.length, item).toBeGreaterThan(0);
    }
  });

  it('has one item for each row of the price list', () => {
    const keys = PRICE_ITEMS.flatMap((item) => {
      const { offer } = CATALOGUE[item];
      return offer === undefined ? [] : [`${offer.code} ${offer.usageType} ${offer.operation}`];
    });
    expect(new Set(keys).size).toBe(keys.length);
    expect(CATALOGUE['alb.hour'].offer).toEqual({
      code: 'AWSELB',
      usageType: 'LoadBalancerUsage',
      operation: 'LoadBalancing:Application',
    });
  });
});

describe('an item', () => {
  it('is found however it is spelled', () => {
    const found: readonly (readonly [string | undefined, string, PriceItem])[] = [
      ['nat', 'hour', 'nat.hour'],
      [undefined, 'nat hour', 'nat.hour'],
      ['apigateway', 'http_request_tier1', 'apigateway.httpRequest'],
      ['API Gateway', 'HTTP-request', 'apigateway.httpRequest'],
      ['fargate', 'x86_vcpu_hour', 'fargate.x86_64.vcpuHour'],
      ['lambda', 'arm gb second', 'lambda.arm64.gbSecond'],
      [undefined, 'LAMBDA.X86_64.GBSECOND', 'lambda.x86_64.gbSecond'],
      [undefined, 'lcuHour', 'alb.lcuHour'],
      [undefined, 'load balancer hour', 'alb.hour'],
    ];
    for (const [service, name, item] of found) expect(findItem(service, name), name).toBe(item);
  });

  it('is not found when the name fits several, none, or another service', () => {
    expect(findItem(undefined, 'hour')).toBeUndefined();
    expect(findItem(undefined, '')).toBeUndefined();
    expect(findItem('lambda', 'hour')).toBeUndefined();
    expect(findItem('nat', 'alb.hour')).toBeUndefined();
    expect(findItem('apigateway', 'http_request_tier2')).toBeUndefined();
  });

  it('is found in any case, with any marks between its words', () => {
    const mark = fc.constantFrom('.', '_', '-', ' ', '');
    fc.assert(
      fc.property(ITEM, mark, fc.boolean(), fc.boolean(), (item, between, upper, tier) => {
        const words = item.replaceAll('x86_64', 'x86').split(/[._]|(?<=[a-z0-9])(?=[A-Z])/);
        const text = `${words.join(between)}${tier ? '_tier1' : ''}`;
        expect(findItem(undefined, upper ? text.toUpperCase() : text)).toBe(item);
      }),
    );
  });

  it('is offered when it is misspelled', () => {
    expect(nearItems('lambda', 'gbsecnd')).toContain('lambda.x86_64.gbSecond');
    expect(nearItems(undefined, 'nat.huor')[0]).toBe('nat.hour');
    expect(nearItems('apigateway', 'http_request_tier2')[0]).toBe('apigateway.httpRequest');
    expect(nearItems(undefined, 'qqqqqqqq')).toEqual([]);
  });

  it('is chosen by words that it begins with, in its name first', () => {
    expect(itemsOf(['fargate', 'arm'])).toEqual(['fargate.arm64.vcpuHour', 'fargate.arm64.gbHour']);
    expect(itemsOf(['arm'])).not.toContain('cloudwatch.alarmMonth');
    expect(itemsOf(['nat.hour', 'alb.hour'])).toEqual(['nat.hour', 'alb.hour']);
    expect(itemsOf(['image'])).toContain('ecr.storageGbMonth');
    expect(itemsOf(['nat', 'alb'])).toEqual([
      'alb.hour',
      'alb.lcuHour',
      'nat.hour',
      'nat.gbProcessed',
    ]);
    expect(itemsOf(['nat', 'xyzzy'])).toEqual([]);
    expect(itemsOf([])).toBe(PRICE_ITEMS);
    expect(itemsOf(['xyzzy'])).toEqual([]);
  });
});

describe('a region', () => {
  it('that is not known has its nearest named', () => {
    expect(nearestRegions('us-esat-1')[0]).toBe('us-east-1');
    expect(nearestRegions('euwest2')).toEqual(['eu-west-2']);
    expect(nearestRegions('London')).toEqual(['eu-west-2']);
    expect(nearestRegions('sao paulo')).toEqual(['sa-east-1']);
    expect(nearestRegions('eu-west-9')).toEqual(['eu-west-1', 'eu-west-2', 'eu-west-3']);
    expect(nearestRegions('ap-southeast-3')[0]).toBe('ap-southeast-1');
    expect(nearestRegions('mars-north-1')).toEqual([]);
    expect(nearestRegions('')).toEqual([]);
    expect(nearestRegions('us-east-1', ['eu-west-1'])).toEqual([]);
  });
});

describe('warnings', () => {
  const warn = (items: readonly PriceItem[], region = 'us-east-1', today = '2026-11-21') =>
    priceWarnings(priceBook(region), items, today);

  it('are silent about a fresh price of the price list', () => {
    expect(warn(['alb.hour', 'lambda.request'])).toEqual([]);
    expect(warn([])).toEqual([]);
    expect(priceWarnings(priceBook('mars-north-1'), PRICE_ITEMS, '2026-11-21')).toEqual([]);
  });

  it('say which prices are old, from the 91st day on', () => {
    expect(isOld('2026-08-23', '2026-11-21')).toBe(false);
    expect(isOld('2026-08-22', '2026-11-21')).toBe(true);
    expect(isOld('2024-01-01', '2024-03-31')).toBe(false);
    expect(isOld('2024-01-01', '2024-04-01')).toBe(true);
    expect(warn(['alb.hour'], 'us-east-1', '2026-11-29')).toEqual([]);
    expect(warn(['alb.hour'], 'us-east-1', '2026-11-30')).toEqual([
      'Older than 90 days (of 2026-08-31): alb.hour. "fulcrum prices --refresh" reads what AWS\'s price list has.',
    ]);
  });

  it('say what is inferred, remembered, disputed, and known up to a quantity only', () => {
    expect(warn(['alb.lcuHour'], 'eu-central-1').join()).toContain('Confidence D');
    expect(warn(['nat.gbProcessed'], 'eu-central-1').join()).toContain('Confidence C');
    expect(warn(['alb.lcuHour'], 'eu-west-2').join()).toContain(
      'two tables say 0.0084; one trimmed test CSV shows 0.008',
    );
    expect(warn(['apigateway.httpRequest'], 'eu-west-1').join()).toContain(
      'apigateway.httpRequest above 300,000,000 × request a month',
    );
  });

  it('are about what is used of an item, where that is known', () => {
    const used = (units: number, item: PriceItem = 'apigateway.httpRequest') =>
      priceWarnings(priceBook('eu-west-1'), [item], '2026-11-21', new Map([[item, units]]));
    expect(used(300_000_000)).toEqual([]);
    expect(used(300_000_001).join()).toContain('above 300,000,000');
    expect(used(6e9, 'lambda.x86_64.gbSecond')).toEqual([]);
    expect(used(7e9, 'lambda.x86_64.gbSecond').join()).toContain('Confidence C');
  });

  it('are few, whatever the number of items, and name few of them', () => {
    for (const region of pricedRegions()) {
      const all = warn(PRICE_ITEMS, region, '2030-01-01');
      expect(all.length, region).toBeLessThanOrEqual(5);
      for (const one of all) expect(one.length, one).toBeLessThan(300);
    }
  });

  it('name every doubtful item alone', () => {
    fc.assert(
      fc.property(ITEM, fc.constantFrom(...pricedRegions()), (item, region) => {
        const tiers = priceBook(region).price(item) ?? [];
        const doubtful = tiers.some(({ confidence }) => 'CD'.includes(confidence));
        expect(warn([item], region).some((one) => one.startsWith('Confidence'))).toBe(doubtful);
      }),
    );
  });
});

it('tells items from other names', () => {
  expect(isPriceItem('nat.hour')).toBe(true);
  expect(isPriceItem('toString')).toBe(false);
});
