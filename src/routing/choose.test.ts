import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, choose } from './choose.ts';
import { ALB_FRONT } from './front-rules.ts';
import type { PlacementView } from './placement-view.ts';
import { startTimes } from './service-times.ts';

const ask = (parts: Partial<Ask>): Ask => ({
  front: ALB_FRONT,
  service: 'api',
  compute: 'auto',
  force: undefined,
  needs: { upgrade: undefined, bodyBytes: 0 },
  lambda: { throttled: undefined },
  fargate: { desired: 1, healthy: 1, slotsInUse: 0, slots: 20, failOpen: false },
  ...parts,
});

const placement = (parts: Partial<PlacementView>): PlacementView => ({
  now: 0,
  targetMs: 1000,
  takes: 20,
  onTask: startTimes(),
  onLambda: startTimes(),
  reserve: 0,
  place: 1,
  policy: 'level-counter',
  overflow: true,
  offered: Number.POSITIVE_INFINITY,
  ...parts,
});

const placements = fc
  .record({
    takes: fc.integer({ min: 1, max: 20 }),
    reserve: fc.nat(5),
    overflow: fc.boolean(),
    offered: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
  })
  .map(placement);

/** What a valid app can ask: a route names no compute that its service lacks. */
const asks: fc.Arbitrary<Ask> = fc
  .record<Ask>({
    front: fc.constant(ALB_FRONT),
    service: fc.constant('api'),
    compute: fc.constantFrom('lambda', 'fargate', 'auto'),
    force: fc.constantFrom(undefined, 'lambda', 'fargate', 'ec2'),
    needs: fc.record({
      upgrade: fc.constantFrom(undefined, 'websocket'),
      bodyBytes: fc.constantFrom(undefined, 0, 1_048_576, 1_048_577),
    }),
    lambda: fc.option(
      fc.record({
        throttled: fc.constantFrom(undefined, {
          reason: 'ConcurrentInvocationLimitExceeded',
          limit: 1000,
        }),
      }),
      { nil: undefined },
    ),
    placement: fc.option(placements, { nil: undefined }),
    fargate: fc.option(
      fc
        .record({
          desired: fc.nat(3),
          healthy: fc.nat(3),
          used: fc.nat(80),
          sick: fc.boolean(),
        })
        .map(({ desired, healthy, used, sick }) => ({
          desired,
          healthy,
          slots: healthy * 20,
          slotsInUse: healthy === 0 ? 0 : used,
          failOpen: healthy === 0 && sick,
        })),
      { nil: undefined },
    ),
  })
  .filter(({ compute, lambda, fargate }) =>
    compute === 'auto'
      ? lambda !== undefined && fargate !== undefined
      : { lambda, fargate }[compute] !== undefined,
  );

describe('choose', () => {
  it('sends only where the route allows and the service can (C1)', () => {
    fc.assert(
      fc.property(asks, (one) => {
        const choice = choose(one);
        if (choice.kind === 'refuse') return;
        expect(one[choice.compute]).toBeDefined();
        if (one.force === undefined && one.compute !== 'auto')
          expect(choice.compute).toBe(one.compute);
        if (choice.compute === 'fargate') {
          const { healthy = 0, failOpen = false } = one.fargate ?? {};
          expect(healthy > 0 || failOpen).toBe(true);
        }
        if (choice.compute === 'lambda') {
          expect(one.needs.upgrade).toBeUndefined();
          expect(one.needs.bodyBytes ?? 0).toBeLessThanOrEqual(1_048_576);
          expect(one.lambda?.throttled).toBeUndefined();
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('with auto refuses only what neither can take (C2)', () => {
    fc.assert(
      fc.property(asks, (one) => {
        fc.pre(one.lambda !== undefined && one.fargate !== undefined);
        const choice = choose({ ...one, compute: 'auto', force: undefined });
        if (choice.kind === 'go') return;
        expect(one.fargate?.healthy ?? 0).toBe(0);
        const lambdaCan =
          one.lambda !== undefined &&
          one.lambda.throttled === undefined &&
          one.needs.upgrade === undefined &&
          (one.needs.bodyBytes ?? 0) <= 1_048_576;
        expect(lambdaCan && one.lambda !== undefined).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it('always says why (C3)', () => {
    fc.assert(
      fc.property(asks, (one) => {
        expect(choose(one).reason.length).toBeGreaterThan(5);
      }),
    );
  });

  const stories: readonly (readonly [string, Partial<Ask>, string])[] = [
    ['a free slot', {}, 'fargate: auto: Fargate has a free slot (0 of 20 in use)'],
    [
      'no free slot',
      { fargate: { desired: 1, healthy: 1, slotsInUse: 20, slots: 20, failOpen: false } },
      'lambda: auto: all 20 slots of 1 task are in use',
    ],
    [
      'Fargate asleep',
      { fargate: { desired: 0, healthy: 0, slotsInUse: 0, slots: 0, failOpen: false } },
      'lambda: auto: Fargate sleeps at zero',
    ],
    [
      'Fargate down',
      { fargate: { desired: 2, healthy: 0, slotsInUse: 0, slots: 0, failOpen: false } },
      'lambda: auto: no task is healthy yet (2 wanted)',
    ],
    [
      'no healthy task, Lambda answers',
      { fargate: { desired: 2, healthy: 0, slotsInUse: 0, slots: 0, failOpen: true } },
      'lambda: auto: every task is unhealthy',
    ],
    [
      'no healthy task, and Lambda cannot',
      {
        fargate: { desired: 2, healthy: 0, slotsInUse: 0, slots: 0, failOpen: true },
        needs: { upgrade: 'websocket', bodyBytes: 0 },
      },
      'fargate: auto: Lambda cannot upgrade a connection, so an unhealthy task takes it',
    ],
    [
      'no healthy task, fargate named',
      {
        compute: 'fargate',
        fargate: { desired: 2, healthy: 0, slotsInUse: 0, slots: 0, failOpen: true },
      },
      'fargate: the route names fargate; every task is unhealthy, so any of them is asked',
    ],
    [
      'Fargate asleep, a WebSocket',
      {
        fargate: { desired: 0, healthy: 0, slotsInUse: 0, slots: 0, failOpen: false },
        needs: { upgrade: 'websocket', bodyBytes: 0 },
      },
      '503 wakes: auto: Lambda cannot upgrade a connection, and Fargate sleeps at zero',
    ],
    [
      'lambda named, a large body',
      { compute: 'lambda', needs: { upgrade: undefined, bodyBytes: 2e6 } },
      '413: the body is larger than Lambda gets from a load balancer',
    ],
    [
      'fargate named, asleep',
      {
        compute: 'fargate',
        fargate: { desired: 0, healthy: 0, slotsInUse: 0, slots: 0, failOpen: false },
      },
      '503 wakes: the route names fargate, and Fargate sleeps at zero',
    ],
    [
      'forced to nothing',
      { force: 'ec2' },
      '400: x-fulcrum-force names no compute of this service',
    ],
  ];

  it.each(stories)('%s', (_what, parts, told) => {
    const choice = choose(ask(parts));
    const where =
      choice.kind === 'go' ? choice.compute : `${choice.status}${choice.wakes ? ' wakes' : ''}`;
    expect(`${where}: ${choice.reason}`).toBe(told);
  });
});

describe('a placement policy', () => {
  const busy = { desired: 1, healthy: 1, slotsInUse: 6, slots: 20, failOpen: false };
  const goes = (view: Partial<PlacementView>, fargate = busy) => {
    const choice = choose(ask({ fargate, placement: placement(view) }));
    return choice.kind === 'go' ? `${choice.compute}, ${choice.reason}` : choice.code;
  };

  it('has the last word on a free slot', () => {
    expect(goes({})).toBe('fargate, auto: Fargate has a free slot (6 of 20 in use)');
    expect(goes({ takes: 6 })).toBe('lambda, auto: all 6 slots of 1 task are in use');
    expect(goes({ offered: 0 })).toBe(
      'lambda, auto: level-counter offers Fargate no more requests in this second',
    );
    expect(goes({ takes: 8, reserve: 2, place: 3 })).toBe(
      'lambda, auto: the last 2 free slots are for routes that save more; this one is number 3',
    );
    expect(goes({ takes: 9, reserve: 2, place: 3 })).toContain('fargate');
  });

  it('without overflow sends nothing to Lambda while there is a task', () => {
    const none = { ...busy, slotsInUse: 0, slots: 0, healthy: 0 };
    expect(goes({ overflow: false, takes: 2 })).toContain('fargate');
    expect(goes({ overflow: false }, none)).toContain('lambda');
  });

  it('does not keep a task from what Lambda cannot take', () => {
    const needs = { upgrade: 'websocket', bodyBytes: 0 };
    const choice = choose(ask({ fargate: busy, placement: placement({ takes: 1 }), needs }));
    expect(choice).toMatchObject({ kind: 'go', compute: 'fargate' });
  });
});
