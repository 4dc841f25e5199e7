// The meter counts while a program runs; the rules count what somebody expects. Of the same usage both
// must make the same bill.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../test/support/fargate-settings.ts';
import type { LambdaSettings } from '../model/app.ts';
import { freeTierOf } from './free-tier.ts';
import { meter } from './meter.ts';
import { priceBook } from './prices/price-book.ts';
import { quantitiesOf } from './quantities.ts';
import type { Quantity } from './quantity.ts';
import { rate } from './rating.ts';
import { albQuantities, LCU_HOUR } from './rules/alb.ts';
import { httpApiQuantities } from './rules/api-gateway.ts';
import { fargateQuantities } from './rules/fargate.ts';
import { lambdaQuantities } from './rules/lambda.ts';

const HOUR = 3_600_000;
const book = priceBook('eu-west-2');
const charge = (quantities: readonly Quantity[]) =>
  rate(quantities, book, freeTierOf('none')).total.all;

const size = { architecture: 'arm64', memoryMiB: 1769, ephemeralMiB: 2048 } as const;
const lambda: LambdaSettings = {
  ...size,
  timeoutMs: 30_000,
  reserved: undefined,
  provisioned: 0,
  logFormat: 'text',
};
const fargate = fargateSettings({ tasks: { min: 0, max: 4 } });
const services = [{ key: 'api', name: 'api', lambda, fargate }];

const invocations = fc.array(
  fc.record({
    durationMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    initMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 9000, noNaN: true })),
  }),
  { maxLength: 60 },
);

describe('meter and rules agree to the pico-dollar', () => {
  it('on invocations, one by one and in groups', () => {
    fc.assert(
      fc.property(invocations, (all) => {
        const m = meter(services, 0, undefined);
        for (const one of all) m.invoked('api', { ...one, provisioned: false });
        const metered = quantitiesOf(m.usage(1));
        const apart = lambdaQuantities({
          ...size,
          invocations: all.map((one) => ({ ...one, count: 1 })),
        });
        expect(charge(metered)).toBe(charge(apart));
        const twice = lambdaQuantities({
          ...size,
          invocations: all.map((one) => ({ ...one, count: 2 })),
        });
        const again = [...all, ...all].map((one) => ({ ...one, count: 1 }));
        expect(charge(twice)).toBe(charge(lambdaQuantities({ ...size, invocations: again })));
      }),
    );
  });

  it('on what is kept provisioned', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 80 * HOUR }),
        (environments, keptMs) => {
          const m = meter(services, 0, undefined);
          m.provision('api', environments, 0);
          const rule = lambdaQuantities({
            ...size,
            invocations: [],
            provisioned: [{ environments, keptMs }],
          });
          expect(charge(quantitiesOf(m.usage(keptMs)))).toBe(charge(rule));
        },
      ),
    );
  });

  it('on tasks, Spot and not', () => {
    const tasks = fc.array(
      fc.record({ ranMs: fc.integer({ min: 0, max: 50 * HOUR }), spot: fc.boolean() }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(tasks, (all) => {
        const m = meter(services, 0, undefined);
        for (const [index, { ranMs, spot }] of all.entries()) {
          m.taskStarted('api', String(index), spot, 0);
          m.taskEnded('api', String(index), ranMs);
        }
        const rule = fargateQuantities({
          ...fargate,
          tasks: all.map((one) => ({ ...one, count: 1 })),
        });
        expect(charge(quantitiesOf(m.usage(51 * HOUR)))).toBe(charge(rule));
      }),
    );
  });

  it('on requests of an HTTP API', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10 * 1024 ** 2 }), { maxLength: 50 }),
        (sizes) => {
          const m = meter(services, 0, 'http-api');
          for (const bytes of sizes) m.routed({ lambda: true, bytes, ruleEvaluations: 1 }, 0);
          const rule = httpApiQuantities(sizes.map((bytes) => ({ count: 1, bytes })));
          expect(charge(quantitiesOf(m.usage(1)))).toBe(charge(rule));
        },
      ),
    );
  });

  it('on a load balancer, to a millionth of an LCU-hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 5e8 }),
        fc.boolean(),
        fc.integer({ min: 0, max: 90 }),
        (requests, bytes, toLambda, rules) => {
          const m = meter(services, 0, 'alb');
          for (let index = 0; index < requests; index += 1) {
            m.connected(0);
            m.disconnected(0);
            m.routed({ lambda: toLambda, bytes, ruleEvaluations: rules }, 0);
          }
          const gb = (requests * bytes) / 1e9;
          const rule = albQuantities({
            hours: 1,
            addresses: 2,
            lcu: {
              newConnectionsPerSecond: requests / 3600,
              gbPerHour: toLambda ? 0 : gb,
              gbPerHourOfLambda: toLambda ? gb : 0,
              ruleEvaluationsPerSecond: (requests * Math.max(0, rules - LCU_HOUR.freeRules)) / 3600,
            },
          });
          const off = charge(quantitiesOf(m.usage(HOUR - 1))) - charge(rule);
          // Half a millionth of an LCU-hour at 0.0084 dollars, in pico-dollars.
          expect(off <= 4200n && off >= -4200n).toBe(true);
        },
      ),
    );
  });
});
