// What the meter counts besides compute and entry, and that it comes to the same money as the rules
// and the estimate have for the same usage.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../test/support/fargate-settings.ts';
import { MONTH_MS } from '../base/units.ts';
import type { LambdaSettings } from '../model/app.ts';
import { namedShape } from '../traffic/shape.ts';
import { estimate } from './estimate/estimate.ts';
import { sure } from './estimate/figures.ts';
import type { SetUp } from './estimate/set-up.ts';
import { measuredProfile, measuredProfiles, withShares } from './measured.ts';
import { meter } from './meter.ts';
import type { PriceItem } from './prices/catalogue.ts';
import { priceBook } from './prices/price-book.ts';
import { quantitiesOf } from './quantities.ts';
import type { Quantity } from './quantity.ts';
import { rate } from './rating.ts';
import { logQuantities, monitoringQuantities } from './rules/cloudwatch.ts';
import { fargateQuantities } from './rules/fargate.ts';
import { lambdaQuantities } from './rules/lambda.ts';
import { sqsQuantities } from './rules/messaging.ts';
import { transferQuantities } from './rules/network.ts';

const HOUR = 3_600_000;

const book = priceBook('eu-west-2');

const lambda: LambdaSettings = {
  memoryMiB: 512,
  timeoutMs: 30_000,
  reserved: undefined,
  provisioned: 0,
  architecture: 'arm64',
  ephemeralMiB: 1024,
  logFormat: 'text',
};
const fargate = fargateSettings();
const api = { key: 'api', name: 'api', lambda, fargate, publicTasks: true };

/** Exactly, as a fraction in its lowest terms. */
function amountOf(quantities: readonly Quantity[], item: PriceItem): string {
  const lines = quantities.filter((line) => line.item === item);
  const [amount, per] = lines.reduce(
    ([sum, all], line) => [sum * line.per + line.amount * all, all * line.per],
    [0n, 1n],
  );
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
  const common = gcd(amount, per);
  return `${amount / common}/${per / common}`;
}

const bytes = fc.integer({ min: 0, max: 300_000 });
/** So that the rule can be told of them in GB without rounding. */
const mebibytes = fc.nat(300).map((count) => count * 2 ** 20);

describe('the meter', () => {
  it('comes to what the rules say of the same usage, to the last pico-dollar', () => {
    const usage = fc.record({
      invocations: fc.array(
        fc.record({
          durationMs: fc.integer({ min: 1, max: 5000 }),
          initMs: fc.constantFrom(0, 0, 123),
        }),
        { maxLength: 40 },
      ),
      logs: fc.array(bytes, { maxLength: 30 }),
      sent: fc.array(mebibytes, { maxLength: 30 }),
      calls: fc.array(fc.tuple(fc.boolean(), bytes), { maxLength: 30 }),
      tasks: fc.array(fc.integer({ min: 1, max: 5_000_000 }), { maxLength: 6 }),
      alarms: fc.tuple(fc.nat(9), fc.nat(3)),
      hours: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(usage, ({ invocations, logs, sent, calls, tasks, alarms, hours }) => {
        const m = meter([api], 0, undefined);
        m.keepAlarms(alarms[0], alarms[1], 0);
        for (const one of invocations) m.invoked('api', { ...one, provisioned: false });
        for (const size of logs)
          m.logged({ service: 'api', compute: 'lambda', source: 'program', bytes: size });
        for (const size of sent)
          m.routed({ lambda: true, bytes: size, ruleEvaluations: 0, sentBytes: size }, 5);
        for (const [fifo, size] of calls) m.queueCalled(fifo, size);
        for (const [index, ms] of tasks.entries()) {
          m.taskStarted('api', String(index), false, 0);
          m.taskEnded('api', String(index), ms);
        }
        const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0);
        const called = (wanted: boolean) =>
          calls.filter(([fifo]) => fifo === wanted).map(([, size]) => ({ count: 1, bytes: size }));
        const { cpuUnits, memoryMiB, architecture } = fargate;
        const billedMs = (ms: number): number => Math.max(60_000, Math.ceil(ms / 1000) * 1000);
        const wanted = [
          ...lambdaQuantities(
            {
              architecture: 'arm64',
              memoryMiB: 512,
              ephemeralMiB: 1024,
              invocations: invocations.map((one) => ({ count: 1, ...one })),
            },
            'api',
          ),
          ...fargateQuantities(
            {
              architecture,
              cpuUnits,
              memoryMiB,
              ephemeralGiB: 20,
              tasks: tasks.map((ranMs) => ({ count: 1, ranMs })),
            },
            'api',
          ),
          ...logQuantities(
            { events: logs.length, bytes: sum(logs) },
            { service: 'api', compute: 'lambda' },
          ),
          ...transferQuantities({ internetOutGb: sum(sent) / 1024 ** 3 }),
          ...sqsQuantities({ fifo: false, calls: called(false) }),
          ...sqsQuantities({ fifo: true, calls: called(true) }),
          ...monitoringQuantities({ months: 1, alarms: 0 }),
        ];
        const got = quantitiesOf(m.usage(hours * HOUR));
        for (const item of [
          ...([
            'lambda.request',
            'lambda.arm64.gbSecond',
            'lambda.ephemeralStorageGbSecond',
          ] as const),
          ...(['cloudwatch.logsIngestGb', 'cloudwatch.logsStorageGbMonth'] as const),
          ...(['dataTransfer.internetOutGb', 'sqs.standardRequest', 'sqs.fifoRequest'] as const),
          ...(['fargate.x86_64.vcpuHour', 'fargate.x86_64.gbHour'] as const),
        ]) {
          expect(amountOf(got, item), item).toBe(amountOf(wanted, item));
        }
        const money = (quantities: readonly Quantity[]) =>
          rate(
            quantities.filter(({ item }) => !/alarm|ipv4/.test(item)),
            book,
          ).total.all;
        expect(money(got)).toBe(money(wanted));
        const addressMs = sum(tasks.map(billedMs));
        const addresses = got.filter(({ item }) => item === 'ipv4.addressHour');
        expect(addresses.map(({ amount, per }) => Number(amount) / Number(per))).toEqual([
          addressMs / HOUR,
        ]);
      }),
      { numRuns: 200 },
    );
  });

  it('bills alarms by the part of a month that they are there', () => {
    const m = meter([api], 0, undefined);
    m.keepAlarms(4, 1, 0);
    const { lines } = rate(quantitiesOf(m.usage(MONTH_MS / 2)), book);
    expect(lines.map(({ item, quantity }) => [item, quantity])).toEqual([
      ['cloudwatch.alarmMonth', 2],
      ['cloudwatch.alarmHighresMonth', 0.5],
    ]);
  });

  it('agrees with the estimate of a month of the same requests, item by item', () => {
    const requests = 7300;
    const m = meter([{ ...api, lambda: { ...lambda, ephemeralMiB: 512 } }], 0, 'alb');
    for (let index = 0; index < requests; index += 1) {
      const now = (index * MONTH_MS) / requests;
      m.invoked('api', {
        durationMs: 200,
        initMs: index % 100 === 0 ? 300 : 0,
        provisioned: false,
      });
      m.logged({ service: 'api', compute: 'lambda', source: 'program', bytes: 174 });
      m.logged({ service: 'api', compute: 'lambda', source: 'platform', bytes: 374 });
      const answered = { service: 'api', compute: 'lambda', durationMs: 201 } as const;
      const sizes = { requestBytes: 1024, responseBytes: 4096 };
      m.routed(
        {
          lambda: true,
          bytes: 5120,
          ruleEvaluations: 1,
          sentBytes: 4096,
          answered: { ...answered, ...sizes },
        },
        now,
      );
    }
    const { profiles, perConnection } = m.measured(MONTH_MS);
    const setUp = withShares(
      setUpWith(measuredProfile(profiles[0] ?? expect.fail(), perConnection, 'here')),
      profiles,
    );
    const workload = { requestsPerMonth: requests, shape: namedShape('flat'), peak: 1 };
    const { quantities } = estimate(setUp, workload, 'lambda', 'expected', { book });
    const metered = quantitiesOf(m.usage(MONTH_MS - 1));
    for (const item of [
      ...(['lambda.request', 'lambda.arm64.gbSecond', 'cloudwatch.logsIngestGb'] as const),
      ...(['dataTransfer.internetOutGb', 'alb.hour', 'ipv4.addressHour'] as const),
    ]) {
      expect(amountOf(metered, item), item).toBe(amountOf(quantities, item));
    }
  });
});

function setUpWith(measured: Partial<SetUp['services'][number]['requests']>): SetUp {
  const none = sure(0, 'given');
  return {
    region: 'eu-west-2',
    entry: { lambda: 'alb', fargate: 'alb' },
    loadBalancer: { addresses: 2, rules: 1, idleTimeoutMs: 60_000 },
    services: [
      {
        name: 'api',
        lambda: { memoryMiB: 512, ephemeralMiB: 512, provisioned: 0, architecture: 'arm64' },
        fargate: undefined,
        share: 1,
        trigger: { kind: 'entry' },
        requests: {
          lambdaMs: none,
          fargateMs: none,
          cpuMs: none,
          concurrency: undefined,
          requestBytes: none,
          responseBytes: none,
          perConnection: sure(1, 'given'),
          coldShare: none,
          initMs: none,
          logBytes: none,
          invocationLogBytes: none,
          ...measured,
        },
      },
    ],
    network: {
      natGateways: { lambda: 0, fargate: 0 },
      natBytes: none,
      publicTasks: true,
      crossZoneBytes: none,
    },
    logs: { retentionDays: 30, storedShare: sure(0.15, 'given') },
    cdn: undefined,
    resources: [],
    spotPricePercent: sure(35, 'given'),
    lambdaConcurrency: undefined,
  };
}

describe('what was measured', () => {
  it('is figures with the error of their means, and the other compute where one was not', () => {
    const m = meter([api], 0, 'alb');
    for (const durationMs of [10, 20, 30])
      m.invoked('api', { durationMs, initMs: durationMs === 10 ? 400 : 0, provisioned: false });
    m.connected(0);
    for (const at of [1, 2, 3, 4]) {
      const answered = {
        service: 'api',
        compute: 'lambda',
        durationMs: 25,
        requestBytes: 100,
        responseBytes: 50,
      } as const;
      m.routed({ lambda: true, bytes: 150, ruleEvaluations: 0, answered }, at);
    }
    const { profiles, perConnection, traffic } = m.measured(61_000);
    expect(traffic.counts).toEqual([4]);
    expect(traffic.requests).toMatchObject({ requestBytes: 100, durationMs: 20 });
    const { api: figures } = measuredProfiles({ profiles, perConnection, from: 'here' });
    const error = Math.sqrt(200 / 3 / 2);
    expect(figures?.lambdaMs).toMatchObject({ expected: 20, from: 'here' });
    expect(figures?.lambdaMs?.low).toBeCloseTo(20 - 2 * error);
    expect(figures?.lambdaMs?.high).toBeCloseTo(20 + 2 * error);
    expect(figures?.fargateMs).toMatchObject({ expected: 20, from: 'here on Lambda' });
    expect(figures?.cpuMs?.high).toBe(20);
    expect(figures?.coldShare?.expected).toBeCloseTo(1 / 3);
    expect(figures?.coldShare?.high).toBeLessThanOrEqual(1);
    expect(figures?.initMs).toMatchObject({ low: 400, expected: 400, high: 400 });
    expect(figures?.perConnection?.expected).toBe(4);
  });

  it('is nothing for a service that nothing came to', () => {
    const { profiles, perConnection } = meter([api], 0, 'alb').measured(1000);
    expect(measuredProfiles({ profiles, perConnection, from: 'here' })).toEqual({});
  });
});
