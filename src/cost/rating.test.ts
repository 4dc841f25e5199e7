import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exact, plus } from './amount.ts';
import { FREE_ITEMS, FREE_TIER_MODES, freeTierOf } from './free-tier.ts';
import { picoOf, sayDecimal, usdOf } from './money.ts';
import { CATALOGUE, PRICE_ITEMS, type PriceItem } from './prices/catalogue.ts';
import { priceBook, pricedRegions } from './prices/price-book.ts';
import type { Quantity } from './quantity.ts';
import { chargeUpTo, rate, totalOf } from './rating.ts';
import { lambdaQuantities } from './rules/lambda.ts';
import { line } from './rules/line.ts';

const virginia = priceBook('us-east-1');

const items = fc.constantFrom(...PRICE_ITEMS);
const amounts = fc
  .tuple(fc.bigInt(0n, 10n ** 13n), fc.bigInt(1n, 5000n))
  .map(([amount, per]) => ({ amount, per }));
const lines = fc
  .tuple(items, amounts, fc.boolean())
  .map(([item, amount, withoutFreeTier]) => line('other', item, amount, { withoutFreeTier }));
const bills = fc.array(lines, { maxLength: 12 });
const regions = fc.constantFrom(...pricedRegions());
const modes = fc.constantFrom(...FREE_TIER_MODES);

const total = (
  quantities: readonly Quantity[],
  region: string,
  mode: 'none' | 'always' | 'legacy',
) => rate(quantities, priceBook(region), freeTierOf(mode)).total.all;

describe('a bill', () => {
  it('gives what is free to items in the order of the allowance, to the dearer lines first', () => {
    const units = exact(10);
    const lines = [
      line('other', 'nat.hour', exact(8), { percent: 50n }),
      line('other', 'nat.hour', exact(4)),
      line('other', 'alb.hour', exact(3)),
      line('other', 'sqs.fifoRequest', exact(5)),
    ];
    const items = new Set<PriceItem>(['alb.hour', 'nat.hour']);
    const free = rate(lines, virginia, [{ name: 'any', items, units }]).lines;
    expect(free.map((one) => one.free)).toEqual([3, 4, 3, 0]);
  });

  it('adds up from its lines, to the pico-dollar (R1)', () => {
    fc.assert(
      fc.property(bills, regions, modes, (quantities, region, mode) => {
        const bill = rate(quantities, priceBook(region), freeTierOf(mode));
        const sum = bill.lines.reduce((all, { pico = 0n }) => all + pico, 0n);
        expect(sum).toBe(bill.total.all);
        expect(totalOf(quantities, priceBook(region), freeTierOf(mode))).toBe(sum);
        const { lambda, fargate, shared } = bill.total;
        expect(lambda + fargate + shared).toBe(bill.total.all);
      }),
    );
  });

  it('is the charge of the whole however the usage is cut up', () => {
    fc.assert(
      fc.property(
        items,
        fc.array(amounts, { minLength: 1, maxLength: 8 }),
        modes,
        (item, parts, mode) => {
          const whole = plus(...parts);
          const cut = parts.map((part) => line('other', item, part));
          expect(total(cut, 'us-east-1', mode)).toBe(
            total([line('other', item, whole)], 'us-east-1', mode),
          );
        },
      ),
    );
  });

  it('does not depend on the order of its lines (R2)', () => {
    fc.assert(
      fc.property(
        bills.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        regions,
        modes,
        ([all, shuffled], region, mode) => {
          expect(total(shuffled, region, mode)).toBe(total(all, region, mode));
        },
      ),
    );
  });

  it('never falls when more is used, and is never below 0 (R3)', () => {
    fc.assert(
      fc.property(bills, lines, regions, modes, (quantities, more, region, mode) => {
        const before = total(quantities, region, mode);
        expect(before >= 0n).toBe(true);
        expect(total([...quantities, more], region, mode) >= before).toBe(true);
        expect(total([more, ...quantities], region, mode) >= before).toBe(true);
      }),
    );
  });

  it('is never dearer with a free tier, and legacy never dearer than always (R4)', () => {
    fc.assert(
      fc.property(bills, regions, (quantities, region) => {
        const [none, always, legacy] = (['none', 'always', 'legacy'] as const).map((mode) =>
          total(quantities, region, mode),
        ) as [bigint, bigint, bigint];
        expect(always <= none && legacy <= always).toBe(true);
      }),
    );
  });

  it('has no line with more free than there is, nor with a charge below 0', () => {
    fc.assert(
      fc.property(bills, regions, modes, (quantities, region, mode) => {
        for (const one of rate(quantities, priceBook(region), freeTierOf(mode)).lines) {
          expect(one.free).toBeLessThanOrEqual(one.quantity);
          expect((one.pico ?? 0n) >= 0n).toBe(true);
        }
      }),
    );
  });

  it('refuses what no rule makes', () => {
    const bad = { ...line('other', 'nat.hour', exact(1)), amount: -1n };
    expect(() => rate([bad], virginia)).toThrow(/nat.hour: no quantity is -1\/1/);
    expect(() => rate([{ ...bad, amount: 1n, per: 0n }], virginia)).toThrow(RangeError);
  });
});

describe('tiers', () => {
  const tiered = PRICE_ITEMS.filter((item) => (virginia.price(item)?.length ?? 0) > 1);

  it('are of these', () => {
    expect(tiered).toEqual(
      expect.arrayContaining([
        'lambda.x86_64.gbSecond',
        'lambda.arm64.gbSecond',
        'apigateway.httpRequest',
        'apigateway.restRequest',
        'dataTransfer.internetOutGb',
      ]),
    );
  });

  it.each(tiered)(
    'of %s join: at a border both sides meet, and each unit has its own price',
    (item) => {
      const price = virginia.price(item);
      if (price === undefined) throw new Error('no price');
      for (const [index, tier] of price.entries()) {
        const border = BigInt(tier.from);
        const before = price[index - 1];
        if (before === undefined) continue;
        const at = chargeUpTo(price, { amount: border, per: 1n });
        expect(chargeUpTo(price, { amount: border + 1n, per: 1n }) - at).toBe(tier.pico);
        expect(at - chargeUpTo(price, { amount: border - 1n, per: 1n })).toBe(before.pico);
        const little =
          chargeUpTo(price, { amount: border * 10n ** 15n + 1n, per: 10n ** 15n }) - at;
        expect(little).toBe(0n);
      }
    },
  );

  it('count over the whole bill: two halves of 8 G GB-seconds reach the second', () => {
    const half = line('compute', 'lambda.x86_64.gbSecond', exact(4e9), { owner: { service: 'a' } });
    const { lines: both } = rate([half, { ...half, service: 'b' }], virginia);
    expect(both.map(({ pico }) => usdOf(pico ?? 0n))).toEqual([
      4e9 * 0.0000166667,
      2e9 * 0.0000166667 + 2e9 * 0.000015,
    ]);
  });
});

describe('the free tier', () => {
  const gbSeconds = (arch: 'x86_64' | 'arm64', amount: number) =>
    line('compute', `lambda.${arch}.gbSecond`, exact(amount));

  it('covers x86 and ARM together, x86 first, whatever the order of the bill', () => {
    const [arm, x86] = [gbSeconds('arm64', 300_000), gbSeconds('x86_64', 300_000)];
    const free = (all: readonly Quantity[]) =>
      rate(all, virginia, freeTierOf('always')).lines.map((one) => [one.item, one.free]);
    expect(free([arm, x86])).toEqual([
      ['lambda.arm64.gbSecond', 100_000],
      ['lambda.x86_64.gbSecond', 300_000],
    ]);
  });

  it('goes to lines of an item in the order of the bill', () => {
    const parts = [gbSeconds('x86_64', 250_000), gbSeconds('x86_64', 250_000)];
    const bill = rate(parts, virginia, freeTierOf('always'));
    expect(bill.lines.map(({ free }) => free)).toEqual([250_000, 150_000]);
  });

  it('does not apply to functions with provisioned concurrency', () => {
    const use = { architecture: 'x86_64', memoryMiB: 512 } as const;
    const inside = lambdaQuantities({
      ...use,
      invocations: [
        { count: 1000, durationMs: 200, provisioned: true },
        { count: 10, durationMs: 200 },
      ],
      provisioned: [{ environments: 1, keptMs: 3_600_000 }],
    });
    expect(rate(inside, virginia, freeTierOf('always')).lines.every(({ free }) => free === 0)).toBe(
      true,
    );
    const outside = lambdaQuantities({ ...use, invocations: [{ count: 1000, durationMs: 200 }] });
    expect(
      rate([...inside, ...outside], virginia, freeTierOf('always')).lines.map(({ free }) => free),
    ).toEqual([0, 0, 0, 0, 1000, 100]);
  });

  it('leaves what the rest of the account does not use up', () => {
    const million = line('compute', 'lambda.request', exact(1e6));
    const left = rate([million], virginia, freeTierOf('always', { lambdaRequestsMonth: 400_000 }));
    expect(left.lines[0]?.free).toBe(600_000);
    const gone = rate([million], virginia, freeTierOf('always', { lambdaRequestsMonth: 5e6 }));
    expect(gone.lines[0]?.free).toBe(0);
    expect(() => freeTierOf('always', { lambdaRequest: 1 })).toThrow(
      /no allowance "lambdaRequest"/,
    );
  });

  it('is nothing, or for ever, or also of the first 12 months', () => {
    expect(freeTierOf('none')).toEqual([]);
    const [always, legacy] = [freeTierOf('always').length, freeTierOf('legacy').length];
    expect(always).toBe(FREE_ITEMS.filter(({ mode }) => mode === 'always').length);
    expect(legacy).toBe(FREE_ITEMS.length);
    const month = [
      line('entry', 'alb.hour', exact(730)),
      line('entry', 'alb.lcuHour', exact(20)),
      line('data', 'ecr.storageGbMonth', exact(3)),
    ];
    expect(sayDecimal(total(month, 'us-east-1', 'always'))).toBe('16.885');
    expect(sayDecimal(total(month, 'us-east-1', 'legacy'))).toBe('0.29');
  });

  it('names its items once, with a source, and only items that there are', () => {
    const names = FREE_ITEMS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const covered = FREE_ITEMS.flatMap(({ items: of }) => of);
    expect(new Set(covered).size).toBe(covered.length);
    for (const free of FREE_ITEMS) {
      expect(free.items.every((item: PriceItem) => item in CATALOGUE)).toBe(true);
      expect(free.source).not.toBe('');
      expect(free.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(free.units).toBeGreaterThan(0);
    }
  });
});

describe('money', () => {
  it('is said in full, and read again', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 24n), (pico) => {
        expect(picoOf(sayDecimal(pico))).toBe(pico);
      }),
    );
    expect(sayDecimal(16_666_700n)).toBe('0.0000166667');
    expect(sayDecimal(0n)).toBe('0');
    expect(sayDecimal(10n ** 13n)).toBe('10');
  });
});
