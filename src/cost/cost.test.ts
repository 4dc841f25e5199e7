import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../test/support/fargate-settings.ts';
import type { LambdaSettings, Service } from '../model/app.ts';
import type { DoorKind } from './door-meter.ts';
import { meter } from './meter.ts';
import { picoOf, usdOf } from './money.ts';
import { priceBook, pricedRegions } from './prices/price-book.ts';
import { quantitiesOf } from './quantities.ts';
import { rate } from './rating.ts';
import { LCU_HOUR } from './rules/alb.ts';
import { billedDuration } from './rules/lambda.ts';
import { lambdaRequestUsd, type TaskSize, taskUsdPerSecond, unitUsdOf } from './unit-prices.ts';

const lambda: LambdaSettings = {
  memoryMiB: 512,
  timeoutMs: 30_000,
  reserved: undefined,
  provisioned: 0,
  architecture: 'x86_64',
  ephemeralMiB: 512,
  logFormat: 'text',
};

const fargate = fargateSettings({ tasks: { min: 0, max: 4 } });

const service = (over: Partial<Service> = {}): Service => ({
  name: 'api',
  key: 'api',
  source: '.',
  build: undefined,
  command: 'run',
  port: 8080,
  latencyMs: 1000,
  health: {
    path: '/',
    codes: 'http',
    intervalMs: 30_000,
    timeoutMs: 5000,
    healthyAfter: 5,
    unhealthyAfter: 2,
    matcher: [],
  },
  environment: {},
  secrets: {},
  container: { image: undefined, dockerfile: 'Dockerfile', command: undefined },
  queue: undefined,
  lambda,
  fargate,
  ...over,
});

const HOUR = 3_600_000;
const london = priceBook('eu-west-2');
const virginia = priceBook('us-east-1');

const used = (
  record: (m: ReturnType<typeof meter>) => void,
  at: number,
  services = [service()],
  kind: DoorKind = 'alb',
) => {
  const m = meter(services, 0, kind);
  record(m);
  return m.usage(at);
};

const albOf = ({ door }: ReturnType<typeof used>) => {
  if (door?.kind !== 'alb') throw new Error('no load balancer');
  return door;
};

const totals = (usage: Parameters<typeof quantitiesOf>[0], book = virginia) => {
  const { total } = rate(quantitiesOf(usage), book);
  return {
    lambda: usdOf(total.lambda),
    fargate: usdOf(total.fargate),
    frontDoor: usdOf(total.shared),
  };
};

describe('money', () => {
  it('is exact in pico-dollars', () => {
    expect(picoOf('0.0000166667')).toBe(16_666_700n);
    expect(picoOf('0.0000000309')).toBe(30_900n);
    expect(picoOf('16')).toBe(16_000_000_000_000n);
    expect(() => picoOf('1e-5')).toThrow(RangeError);
  });
});

describe('Lambda', () => {
  it('bills whole milliseconds of every invocation with INIT (M1)', () => {
    expect(billedDuration(1049.63, 1293.83)).toBe(2344);
    expect(billedDuration(1058.15, 1307.68)).toBe(2366);
    expect(billedDuration(0.2, 0)).toBe(1);
  });

  it('costs $1.867 for a million requests of 512 MB and 200 ms', () => {
    const usage = used((m) => {
      for (let index = 0; index < 1000; index += 1)
        m.invoked('api', { durationMs: 200, initMs: 0, provisioned: false });
    }, 1000);
    expect(totals(usage).lambda * 1000).toBeCloseTo(1.867, 3);
  });

  it('bills provisioned concurrency in steps of five minutes (M2), and its duration at its own price', () => {
    const kept = used((m) => m.provision('api', 1, 0), 730 * HOUR);
    expect(totals(kept).lambda).toBeCloseTo(5.475, 2);
    expect(totals(kept, london).lambda).toBeCloseTo(6.35, 2);
    const short = used((m) => m.provision('api', 2, 0), 1000);
    expect(short.services[0]?.lambda?.provisionedMbMs).toBe(2 * 512 * 300_000);
    const run = used(
      (m) => m.invoked('api', { durationMs: 1000, initMs: 500, provisioned: true }),
      1000,
    );
    expect(totals(run).lambda).toBeCloseTo(0.5 * 0.0000097222 + 2e-7, 12);
  });

  it('bills storage above 512 MB for the time of the invocation', () => {
    const large = service({ lambda: { ...lambda, ephemeralMiB: 1536 } });
    const usage = used(
      (m) => m.invoked('api', { durationMs: 1000, initMs: 0, provisioned: false }),
      1000,
      [large],
    );
    const line = rate(quantitiesOf(usage), virginia).lines.find(
      ({ item }) => item === 'lambda.ephemeralStorageGbSecond',
    );
    expect(line).toMatchObject({ quantity: 1, pico: 30_900n });
  });
});

describe('Fargate', () => {
  it('bills a minute at least (M3): a task of 20 s is $0.000206', () => {
    const usage = used((m) => {
      m.taskStarted('api', 't', false, 0);
      m.taskEnded('api', 't', 20_000);
    }, 20_000);
    expect(totals(usage).fargate).toBeCloseTo(0.000206, 6);
  });

  it('costs $9.01 a month in Virginia and $10.36 in London for the smallest task', () => {
    const usage = used((m) => m.taskStarted('api', 't', false, 0), 730 * HOUR);
    expect(totals(usage).fargate).toBeCloseTo(9.01, 2);
    expect(totals(usage, london).fargate).toBeCloseTo(10.36, 2);
  });

  it('costs less on Spot, by an assumption that is said', () => {
    const usage = used((m) => m.taskStarted('api', 't', true, 0), 730 * HOUR);
    const bill = rate(quantitiesOf(usage), virginia);
    expect(usdOf(bill.total.fargate)).toBeCloseTo(9.01 * 0.35, 2);
    expect(bill.lines[0]?.note).toBe('Spot, assumed at 35 % of the on-demand price');
  });

  it('bills each task by its own size', () => {
    const m = meter([service()], 0, 'alb');
    m.taskStarted('api', 't', false, 0);
    m.taskStarted('api', 'large', false, 0, { cpuUnits: 1024, memoryMiB: 2048 });
    m.taskEnded('api', 'large', 60_000);
    expect(m.usage(60_000).services[0]?.fargate).toMatchObject({
      unitMs: (256 + 1024) * 60_000,
      mibMs: (512 + 2048) * 60_000,
    });
  });

  it('counts a running task as a rate by the time it has run, without the minute', () => {
    const m = meter([service()], 0, 'alb');
    m.taskStarted('api', 't', false, 0);
    expect(m.usage(10_000).services[0]?.fargate?.unitMs).toBe(256 * 60_000);
    expect(m.pace(10_000).services[0]?.fargate?.unitMs).toBe(256 * 10_000);
  });
});

describe('an HTTP API', () => {
  it('is billed by the request, one for every 512 KB begun (M6), and by nothing else', () => {
    const usage = used(
      (m) => {
        m.connected(0);
        for (const bytes of [0, 512 * 1024, 513 * 1024]) {
          m.routed({ lambda: true, bytes, ruleEvaluations: 1 }, 0);
        }
      },
      HOUR,
      [service()],
      'http-api',
    );
    expect(usage.door).toEqual({ kind: 'http-api', requests: 4 });
    expect(totals(usage).frontDoor).toBeCloseTo(4e-6, 9);
  });

  it('is not there when nothing is routed', () => {
    const usage = meter([service()], 0, undefined).usage(HOUR);
    expect(usage.door).toBeUndefined();
    expect(totals(usage).frontDoor).toBe(0);
  });
});

describe('the load balancer', () => {
  it('is billed by the hour begun (M4), with its addresses', () => {
    expect(totals(used(() => {}, 1)).frontDoor).toBeCloseTo(0.0225 + 2 * 0.005, 6);
    expect(totals(used(() => {}, 720 * HOUR - 1)).frontDoor).toBeCloseTo(720 * (0.0225 + 0.01), 4);
    expect(totals(used(() => {}, HOUR)).frontDoor).toBeCloseTo(2 * 0.0325, 6);
  });

  it('has LCUs by the largest of its dimensions (M5), less for bytes to Lambda', () => {
    const lcu = (record: (m: ReturnType<typeof meter>) => void) =>
      albOf(used(record, HOUR - 1)).microLcuHours / 1e6;
    const bytes = (lambdaTarget: boolean) => (m: ReturnType<typeof meter>) =>
      m.routed({ lambda: lambdaTarget, bytes: 1e9, ruleEvaluations: 1 }, 0);
    expect(lcu(bytes(false))).toBeCloseTo(1, 5);
    expect(lcu(bytes(true))).toBeCloseTo(2.5, 5);
    expect(
      lcu((m) => {
        for (let index = 0; index < LCU_HOUR.newConnections / 10; index += 1) {
          m.connected(0);
          m.disconnected(0);
        }
      }),
    ).toBeCloseTo(0.1, 5);
    expect(
      lcu((m) => {
        for (let index = 0; index < 3000; index += 1) m.connected(0);
      }),
    ).toBeCloseTo(1, 3);
    expect(
      lcu((m) => {
        for (let index = 0; index < 36_000; index += 1)
          m.routed({ lambda: false, bytes: 0, ruleEvaluations: 20 }, 0);
      }),
    ).toBeCloseTo(0.1, 5);
  });
});

describe('the price book', () => {
  it('knows every region it names in full but for what is not published', () => {
    for (const region of pricedRegions()) {
      const book = priceBook(region);
      for (const item of [
        'lambda.request',
        'lambda.x86_64.gbSecond',
        'fargate.x86_64.vcpuHour',
        'fargate.x86_64.gbHour',
      ] as const) {
        expect(book.price(item)?.[0].pico, `${region} ${item}`).toBeGreaterThan(0n);
      }
    }
  });

  it('knows nothing of a region it does not have, and what is unknown is not free', () => {
    const usage = used((m) => m.taskStarted('api', 't', false, 0), HOUR);
    const bill = rate(quantitiesOf(usage), priceBook('mars-north-1'));
    expect(bill.unknown).toContain('fargate.x86_64.vcpuHour');
    expect(bill.lines.every(({ pico }) => pico === undefined)).toBe(true);
  });
});

describe('what placement compares', () => {
  const usd = unitUsdOf(virginia);
  const perSecond = (change: Partial<TaskSize>, isPublic = false) =>
    taskUsdPerSecond({ ...fargate, ...change }, isPublic, usd);

  it('is 0.41 busy environments of 512 MB for the smallest task', () => {
    const environment = 0.5 * usd('lambda.x86_64.gbSecond');
    expect(perSecond({}) / environment).toBeCloseTo(0.41, 2);
    expect(perSecond({ cpuUnits: 1024, memoryMiB: 2048 })).toBeCloseTo(4 * perSecond({}), 15);
  });

  it('is lower with Spot, and higher with storage and an address', () => {
    expect(perSecond({ spotShare: 0.5 })).toBeCloseTo(perSecond({}) * (1 - 0.5 * 0.65), 15);
    const storage = 10 * usd('fargate.ephemeralStorageGbHour');
    expect(perSecond({ ephemeralGiB: 30 }) - perSecond({})).toBeCloseTo(storage / 3600, 15);
    expect(perSecond({}, true) - perSecond({})).toBeCloseTo(usd('ipv4.addressHour') / 3600, 15);
  });

  it('is a request with its fee on Lambda', () => {
    const prices = { usdPerGbSecond: 0.0000166667, usdPerRequest: 0.0000002 };
    expect(lambdaRequestUsd(512, 100, prices)).toBeCloseTo(0.000001033335, 15);
  });

  it('is no number without a price', () => {
    expect(taskUsdPerSecond(fargate, false, unitUsdOf(priceBook('mars-north-1')))).toBeNaN();
  });
});

it('meters parts and whole alike: usage is a sum', () => {
  const calls = fc.array(
    fc.record({ durationMs: fc.double({ min: 0, max: 1000, noNaN: true }), initMs: fc.nat(100) }),
    { maxLength: 30, size: 'max' },
  );
  fc.assert(
    fc.property(calls, calls, (a, b) => {
      const mbMs = (all: typeof a) =>
        used((m) => {
          for (const one of all) m.invoked('api', { ...one, provisioned: false });
        }, 1).services[0]?.lambda?.mbMs ?? 0;
      expect(mbMs([...a, ...b])).toBe(mbMs(a) + mbMs(b));
    }),
  );
});
