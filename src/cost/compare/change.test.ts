import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sketchSetUp, sketchWorkload } from '../../../test/support/set-up.ts';
import { isFault } from '../../base/fault.ts';
import { applyChanges, type Subject } from './apply-change.ts';
import { changeKeys, parseChanges } from './change.ts';
import { CHANGE_KEYS } from './change-values.ts';

const readValue = (text: string) => parseChanges([text])[0]?.value;

function problemsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (!isFault(error, 'CHANGES_INVALID')) throw error;
    return error.facts.problems.map(({ text, say, fix }) => `${text}: ${say} ${fix}`);
  }
  return [];
}

const subject = (sketch = {}): Subject => ({
  setUp: sketchSetUp(sketch),
  workload: sketchWorkload(100_000),
  freeTier: 'none',
});

function applied(texts: readonly string[], sketch = {}) {
  const { subject: after, follows } = applyChanges(subject(sketch), parseChanges(texts));
  const [service] = after.setUp.services;
  if (service === undefined) throw new Error('the service is gone');
  return { ...after, service, follows };
}

describe('a change', () => {
  it.each([
    ['memory=1024', 1024],
    ['memory=2GB', 2048],
    ['cpu=0.5', 512],
    ['cpu=2vCPU', 2048],
    ['cpu=256', 256],
    ['task=0.5vCPU/1GB', { cpuUnits: 512, memoryMiB: 1024 }],
    ['task=1/2', { cpuUnits: 1024, memoryMiB: 2048 }],
    ['task=1024/2048', { cpuUnits: 1024, memoryMiB: 2048 }],
    ['region=eu-west-2', 'eu-west-2'],
    ['architecture=ARM', 'arm64'],
    ['entry=function-url', { lambda: 'function-url', fargate: 'alb' }],
    ['entry=http-api/alb', { lambda: 'http-api', fargate: 'alb' }],
    ['spot=50%', 0.5],
    ['spot=1', 1],
    ['duration=1.5s', 1500],
    ['cpu-time=10ms', 10],
    ['requests=100k/day', { perDay: 100_000 }],
    ['requests=100,000', { perDay: 100_000 }],
    ['requests=1.5M', { perDay: 1_500_000 }],
    ['requests=2/s', { perDay: 172_800 }],
    ['requests=2x', { times: 2 }],
    ['requests=x0.5', { times: 0.5 }],
    ['peak=3', 3],
    ['min-tasks=0', 0],
    ['autoscaling=off', false],
    ['utilization=50%', 0.5],
    ['free-tier=always', 'always'],
  ])('%s is read', (text, value) => expect(readValue(text)).toEqual(value));

  it('of a month is over as many days as a month has', () => {
    expect(readValue('requests=730/month')).toEqual({ perDay: expect.closeTo(24, 9) });
  });

  it('may be of one service, with a dot in its name too', () => {
    expect(parseChanges(['api.v2.memory=1024'])[0]).toEqual({
      key: 'memory',
      value: 1024,
      service: 'api.v2',
      text: 'api.v2.memory=1024',
    });
  });

  it.each([
    ['memroy=1024', 'there is no "memroy" to change. Did you mean "memory"?'],
    ['memory', 'has no value. Write memory=1024.'],
    ['=5', 'names nothing. Use one of:'],
    ['memory=64', 'must be 128 or more, was: 64. memory takes megabytes from 128 to 10240'],
    ['memory=1024.5', 'must be a whole number'],
    ['memory=1TB', '"tb" is no unit here.'],
    ['memory=lots', '"lots" is not a number.'],
    ['region=eu-wst-2', 'there is no "eu-wst-2"; did you mean "eu-west-2"?'],
    ['entry=htp-api', 'did you mean "http-api"?'],
    ['entry=alb/function-url', 'Fargate: there is no "function-url"'],
    ['cpu=300', 'Fargate has no 300; it has 256, 512'],
    ['task=0.25vCPU/4GB', 'with 256 CPU units Fargate has no 4GB; it has 512, 1024, 2048 MiB.'],
    ['task=1', '"1" is not a size.'],
    ['spot=150%', 'must be 1 or less'],
    ['duration=0', 'must be over 0.'],
    ['requests=1000000000/s', 'must be at most 10,000,000 a second.'],
    ['requests=9999999x', 'must be 1000000 or less'],
    ['requests=5/fortnight', 'there is no "fortnight"'],
    ['api.region=eu-west-2', '"region" is of the whole app. Write region=eu-west-2.'],
    ['.memory=512', 'names no service.'],
    ['peak=0.5', 'must be 1 or more'],
    ['constructor=1', 'there is no "constructor" to change.'],
  ])('%s is refused', (text, says) => {
    const [problem = ''] = problemsOf(() => parseChanges([text]));
    expect(problem).toContain(says);
  });

  it('is refused with all the others that are wrong', () => {
    expect(problemsOf(() => parseChanges(['memroy=1', 'peak=3', 'cpu=1000', 'peak=4']))).toEqual([
      expect.stringContaining('memory'),
      expect.stringContaining('Fargate has no 1000'),
      'peak=4: says "peak" again. Give each one once.',
    ]);
  });

  it('of every kind is understood as its example says', () => {
    for (const { key } of changeKeys()) {
      for (const example of `${key}=${CHANGE_KEYS[key].example}`.split(' or ')) {
        expect(parseChanges([example])[0]?.key).toBe(key);
      }
    }
  });

  it('never throws anything but its fault', () => {
    const key = fc.constantFrom(...changeKeys().map((one) => one.key));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(key, fc.string()).map((p) => p.join('=')),
        ),
        (text) => {
          problemsOf(() => parseChanges([text]));
        },
      ),
    );
  });
});

describe('what follows from a change', () => {
  it('of memory are durations: the processor part, not the waiting part', () => {
    // 40 ms of processor take 40 × 1769 ÷ 512 = 138.2 ms; 61.8 ms of the 200 are waiting.
    const { service, follows } = applied(['memory=1024'], { cpuMs: 40 });
    expect(service.lambda?.memoryMiB).toBe(1024);
    expect(service.requests.lambdaMs.expected).toBeCloseTo(61.797 + (40 * 1769) / 1024, 2);
    expect(service.requests.fargateMs.expected).toBe(200);
    expect(follows[0]).toBe('A request of "api" takes 131 ms on Lambda instead of 200 ms.');
  });

  it('of memory over one vCPU are no durations', () => {
    const { service } = applied(['memory=10240'], { cpuMs: 40, memoryMiB: 1769 });
    expect(service.requests.lambdaMs.expected).toBe(200);
  });

  it('of memory there and back is nothing', () => {
    const memory = fc.constantFrom(128, 512, 1024, 1769, 3008);
    fc.assert(
      fc.property(memory, fc.integer({ min: 0, max: 300 }), (memoryMiB, cpuMs) => {
        const there = applyChanges(subject({ cpuMs }), parseChanges([`memory=${memoryMiB}`]));
        const back = applyChanges(there.subject, parseChanges(['memory=512']));
        const [service] = back.subject.setUp.services;
        expect(service?.requests.lambdaMs.expected).toBeCloseTo(200, 6);
      }),
    );
  });

  it('of a task are its durations, and memory that is allowed', () => {
    const { service } = applied(['cpu=1'], { cpuMs: 20 });
    expect(service.fargate).toMatchObject({ cpuUnits: 1024, memoryMiB: 2048 });
    expect(service.requests.fargateMs.expected).toBe(200 - 80 + 20);
  });

  it('of a duration is that it is as asked for, whatever else changes', () => {
    const { service, follows } = applied(['duration=30', 'memory=1024'], { cpuMs: 40 });
    expect(service.requests.lambdaMs).toMatchObject({ expected: 30, from: 'asked for' });
    expect(service.requests.cpuMs.expected).toBe(30);
    expect(follows).toContain('Processor time is 30 ms: it cannot be more than the duration.');
  });

  it('of a NAT gateway is that tasks have no addresses', () => {
    expect(applied(['nat=1']).setUp.network).toMatchObject({
      publicTasks: false,
      natGateways: { lambda: 0, fargate: 1 },
    });
  });

  it('of no NAT gateway is that nobody has one, functions neither', () => {
    const network = { natGateways: { lambda: 1, fargate: 0 }, publicTasks: true };
    const of = (change: string) => applied([change], { network });
    expect(of('nat=0').setUp.network.natGateways).toEqual({ lambda: 0, fargate: 0 });
    expect(of('nat=0').follows).toEqual([]);
    expect(of('nat=2').setUp.network).toMatchObject({
      publicTasks: true,
      natGateways: { lambda: 2, fargate: 0 },
    });
  });

  it('of the volume is a month of it', () => {
    expect(applied(['requests=2x']).workload.requestsPerMonth).toBeCloseTo(200_000 * (730 / 24), 3);
    expect(applied(['requests=24']).workload.requestsPerMonth).toBe(730);
  });

  it('is refused where there is no such service, or nothing to change', () => {
    const both = subject();
    const onLambda = {
      ...both,
      setUp: {
        ...both.setUp,
        services: both.setUp.services.map((service) => ({ ...service, fargate: undefined })),
      },
    };
    expect(problemsOf(() => applyChanges(both, parseChanges(['web.memory=512'])))).toEqual([
      'web.memory=512: there is no "web". Use one of: api.',
    ]);
    expect(
      problemsOf(() => applyChanges(onLambda, parseChanges(['spot=1', 'memory=512']))),
    ).toEqual([
      'spot=1: nothing of the app runs on Fargate. Leave it out, or give it settings for Fargate in fulcrum.yml.',
    ]);
    expect(
      problemsOf(() => applyChanges(both, parseChanges(['api.min-tasks=5', 'max-tasks=2']))),
    ).toEqual(['api.min-tasks=5: is more than "max-tasks=2" allows. Write min-tasks=2 at most.']);
    expect(() => applyChanges(both, parseChanges(['min-tasks=2', 'max-tasks=2']))).not.toThrow();
    expect(problemsOf(() => applyChanges(onLambda, parseChanges(['api.cpu=512'])))).toEqual([
      'api.cpu=512: "api" does not run on Fargate. Leave it out, or give it settings for Fargate in fulcrum.yml.',
    ]);
  });
});
