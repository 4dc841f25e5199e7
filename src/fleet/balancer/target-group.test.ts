import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthCheck } from '../../model/app.ts';
import type { TargetGroupSettings } from '../../model/fargate.ts';
import { type CheckResult, type TargetChange, targetGroup } from './target-group.ts';

const HEALTH: HealthCheck = {
  path: '/',
  codes: 'http',
  intervalMs: 30_000,
  timeoutMs: 5000,
  healthyAfter: 3,
  unhealthyAfter: 2,
  matcher: [{ from: 200, to: 299 }],
};

const OK: CheckResult = { kind: 'status', status: 200 };
const BAD: CheckResult = { kind: 'status', status: 500 };

const SETTINGS: TargetGroupSettings = {
  protocol: 'http1',
  algorithm: 'round-robin',
  slowStartMs: 0,
  stickiness: undefined,
};

const say = (changes: readonly TargetChange[]) =>
  changes.map(({ id, health }) => `${id} ${health.state}`);

function group(over: Partial<TargetGroupSettings> = {}, concurrency = 100, drainMs = 10_000) {
  const made = targetGroup({
    health: HEALTH,
    drainMs,
    concurrency,
    settings: { ...SETTINGS, ...over },
  });
  const join = (id: string, now = 0, zone = 'a') => {
    made.register(id, zone, now);
    made.checked(id, OK, now);
  };
  const check = (id: string, result: CheckResult, times: number, now = 0) => {
    for (let time = 0; time < times; time += 1) made.checked(id, result, now);
  };
  const pick = (now = 0, sticky?: string) => made.pick({ beyond: true, sticky }, now);
  const within = (now = 0, sticky?: string) => made.pick({ beyond: false, sticky }, now);
  const picks = (count: number, now = 0) => Array.from({ length: count }, () => pick(now));
  return { made, join, check, pick, within, picks };
}

describe('the health of a target', () => {
  it('is good after one success, whatever the threshold (G2)', () => {
    const { made } = group();
    expect(made.register('t1', 'a', 0)).toEqual([
      {
        id: 't1',
        health: {
          state: 'initial',
          reason: 'Elb.RegistrationInProgress',
          description: 'Target registration is in progress',
        },
      },
    ]);
    expect(made.checked('t1', OK, 5)).toEqual([
      { id: 't1', health: { state: 'healthy', reason: undefined, description: undefined } },
    ]);
    expect(made.checked('t1', OK, 6)).toEqual([]);
  });

  it('is not known before that, however often it is asked, until its time is over (G2)', () => {
    const { made } = group();
    made.register('t1', 'a', 1000);
    expect(made.checked('t1', BAD, 1020)).toEqual([
      {
        id: 't1',
        health: {
          state: 'initial',
          reason: 'Elb.InitialHealthChecking',
          description: 'Initial health checks in progress',
        },
      },
    ]);
    for (let now = 1040; now < 61_000; now += 20) expect(made.checked('t1', BAD, now)).toEqual([]);
    expect(say(made.checked('t1', BAD, 61_000))).toEqual(['t1 unhealthy']);
    expect(say(made.checked('t1', OK, 61_000))).toEqual([]);
  });

  it('changes after failures and successes in a row (G2)', () => {
    const { made, join } = group();
    join('t1');
    const following = (...results: CheckResult[]) =>
      results.flatMap((result) => say(made.checked('t1', result, 0)));
    expect(following(BAD, OK, BAD)).toEqual([]);
    expect(following(BAD)).toEqual(['t1 unhealthy']);
    expect(following(OK, OK, BAD, OK, OK)).toEqual([]);
    expect(following(OK)).toEqual(['t1 healthy']);
    expect(following(BAD)).toEqual([]);
  });

  const failed: CheckResult = { kind: 'failed', problem: 'nothing listens' };
  it.each<[CheckResult, string, string]>([
    [BAD, 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [500]'],
    [
      { kind: 'status', status: 301 },
      'Target.ResponseCodeMismatch',
      'Health checks failed with these codes: [301]',
    ],
    [{ kind: 'timeout' }, 'Target.Timeout', 'Request timed out'],
    [failed, 'Target.FailedHealthChecks', 'Health checks failed'],
  ])('says of %o: %s', (result, reason, description) => {
    const { made, join, check } = group();
    join('t1');
    check('t1', result, 2);
    const health = { state: 'unhealthy', reason, description };
    expect(made.health('t1')).toEqual(health);
    expect(made.targets()).toMatchObject([{ id: 't1', health, lastCheck: result }]);
  });

  it('tells a new reason of the same state', () => {
    const { made, join, check } = group();
    join('t1');
    check('t1', BAD, 2);
    expect(made.checked('t1', BAD, 0)).toEqual([]);
    expect(made.checked('t1', { kind: 'timeout' }, 0)).toMatchObject([
      { health: { state: 'unhealthy', reason: 'Target.Timeout' } },
    ]);
  });

  it('of nobody in the group is not known', () => {
    const { made } = group();
    expect(made.health('t9')).toBeUndefined();
    expect([...made.checked('t9', OK, 0), ...made.deregister('t9', 0)]).toEqual([]);
    expect(made.release('t9', 0)).toEqual([]);
  });
});

describe('a target that leaves', () => {
  it('is unused at once if it has nothing to finish (G3)', () => {
    const { made, join } = group();
    join('t1');
    expect(made.deregister('t1', 5)).toEqual([
      {
        id: 't1',
        health: {
          state: 'draining',
          reason: 'Target.DeregistrationInProgress',
          description: 'Target deregistration is in progress',
        },
      },
      {
        id: 't1',
        health: {
          state: 'unused',
          reason: 'Target.NotRegistered',
          description: 'Target is not registered to the target group',
        },
      },
    ]);
    expect(made.targets()).toEqual([]);
  });

  it('finishes what it has and gets nothing more (G3)', () => {
    const { made, join, picks, pick } = group();
    join('t1');
    picks(2);
    expect(say(made.deregister('t1', 0))).toEqual(['t1 draining']);
    expect([pick(), pick(0, 't1')]).toEqual([undefined, undefined]);
    expect([made.checked('t1', BAD, 1), made.deregister('t1', 1)]).toEqual([[], []]);
    expect(made.release('t1', 1)).toEqual([]);
    expect(say(made.release('t1', 2))).toEqual(['t1 unused']);
  });

  it('has only the deregistration delay for it', () => {
    const { made, join, pick } = group();
    join('t1');
    pick();
    made.deregister('t1', 1000);
    expect(made.tick(10_999)).toEqual([]);
    expect(say(made.tick(11_000))).toEqual(['t1 unused']);
    expect([made.release('t1', 11_001), made.tick(12_000)]).toEqual([[], []]);
  });

  it('has none with a delay of 0', () => {
    const { made, join, pick } = group({}, 100, 0);
    join('t1');
    pick();
    expect(say(made.deregister('t1', 0))).toEqual(['t1 draining', 't1 unused']);
  });

  it('may be registered again before it has gone', () => {
    const { made, join, pick } = group();
    join('t1');
    pick();
    made.deregister('t1', 0);
    expect(say(made.register('t1', 'a', 1))).toEqual(['t1 initial']);
    expect(say(made.checked('t1', OK, 2))).toEqual(['t1 healthy']);
    expect(made.counts()).toMatchObject({ healthy: 1, draining: 0, slotsInUse: 1 });
    expect(made.register('t1', 'a', 3)).toEqual([]);
  });
});

describe('round robin', () => {
  it('gives each its turn while others come, go, fail and recover', () => {
    const { made, join, check, picks } = group();
    for (const id of ['t1', 't2', 't3']) join(id);
    const turns = [picks(5)];
    join('t4');
    turns.push(picks(5));
    check('t2', BAD, 2);
    turns.push(picks(5));
    made.deregister('t1', 0);
    turns.push(picks(3));
    check('t2', OK, 3);
    turns.push(picks(6));
    expect(turns.map((ids) => ids.join(' '))).toEqual([
      't1 t2 t3 t1 t2',
      't3 t4 t1 t2 t3',
      't4 t1 t3 t4 t1',
      't3 t4 t3',
      't4 t2 t3 t4 t2 t3',
    ]);
  });

  it('passes over who has no free slot, unless it may go beyond', () => {
    const { made, join, within, pick } = group({}, 2);
    for (const id of ['t1', 't2', 't3']) join(id);
    expect([within(), within(), within(), within(), within()]).toEqual([
      't1',
      't2',
      't3',
      't1',
      't2',
    ]);
    made.release('t2', 0);
    expect([within(), within(), within()]).toEqual(['t3', 't2', undefined]);
    expect(made.counts()).toMatchObject({ slots: 6, slotsInUse: 6 });
    expect([pick(), pick()]).toEqual(['t3', 't1']);
    made.release('t3', 0);
    expect(within()).toBeUndefined();
    made.release('t3', 0);
    expect(within()).toBe('t3');
  });
});

describe('least outstanding requests', () => {
  it('goes to who has the fewest, and in turn among equals', () => {
    const { made, join, picks, within } = group({ algorithm: 'least-outstanding-requests' }, 3);
    for (const id of ['t1', 't2', 't3']) join(id);
    expect(picks(6)).toEqual(['t1', 't2', 't3', 't1', 't2', 't3']);
    made.release('t2', 0);
    made.release('t2', 0);
    expect(picks(4)).toEqual(['t2', 't2', 't3', 't1']);
    expect([within(), within()]).toEqual(['t2', undefined]);
  });
});

it('follows settings that change while it is in use', () => {
  let concurrency = 1;
  let algorithm: TargetGroupSettings['algorithm'] = 'round-robin';
  const made = targetGroup({
    health: HEALTH,
    drainMs: 0,
    get concurrency() {
      return concurrency;
    },
    get settings() {
      return { ...SETTINGS, algorithm };
    },
  });
  for (const id of ['t1', 't2']) {
    made.register(id, 'a', 0);
    made.checked(id, OK, 0);
  }
  const within = () => made.pick({ beyond: false, sticky: undefined }, 0);
  expect([within(), within(), within()]).toEqual(['t1', 't2', undefined]);
  concurrency = 3;
  expect([within(), within()]).toEqual(['t1', 't2']);
  made.release('t2', 0);
  algorithm = 'least-outstanding-requests';
  expect([within(), made.counts().slots]).toEqual(['t2', 6]);
  concurrency = 1;
  expect(within()).toBeUndefined();
  for (const id of ['t1', 't1', 't2', 't2']) made.release(id, 0);
  expect([within(), within(), within()]).toEqual(['t1', 't2', undefined]);
});

describe('slow start', () => {
  const SLOW = { slowStartMs: 100_000 };
  const shareOf = (ids: readonly (string | undefined)[], id: string) =>
    ids.filter((other) => other === id).length;

  it.each<[now: number, of1000: number]>([
    [0, 0],
    [1000, 5],
    [25_000, 111],
    [50_000, 200],
    [75_000, 273],
    [99_000, 331],
    [100_000, 333],
  ])('%i ms after it became healthy a third target gets %i of 1000', (now, of1000) => {
    const { join, picks } = group(SLOW);
    join('t1');
    join('t2');
    // The slow start of the second is long over.
    join('t3', 200_000);
    expect(shareOf(picks(1000, 200_000 + now), 't3')).toBe(of1000);
  });

  it('mixes the turns evenly', () => {
    const { join, picks } = group(SLOW);
    join('t1');
    join('t2', 10);
    expect(picks(9, 50_010).join(' ')).toBe('t1 t2 t1 t1 t2 t1 t1 t2 t1');
  });

  it('is not for those registered while nobody served', () => {
    const { made, picks } = group(SLOW);
    for (const id of ['t1', 't2']) made.register(id, 'a', 0);
    made.checked('t1', OK, 10);
    made.checked('t2', OK, 20);
    expect(picks(4, 20)).toEqual(['t1', 't2', 't1', 't2']);
  });

  it('begins anew for a target that recovers, and ends when it fails', () => {
    const { join, check, picks } = group(SLOW);
    join('t1');
    join('t2', 10);
    check('t2', BAD, 2, 60_000);
    expect(picks(3, 60_000)).toEqual(['t1', 't1', 't1']);
    check('t2', OK, 3, 90_000);
    expect(shareOf(picks(300, 140_000), 't2')).toBe(100);
    expect(shareOf(picks(300, 190_000), 't2')).toBe(150);
  });

  it('counts for nothing without a target that has its full part', () => {
    const { made, join, picks } = group(SLOW);
    join('t1');
    join('t2', 10);
    made.deregister('t1', 20);
    join('t3', 30);
    expect(shareOf(picks(100, 50_010), 't3')).toBe(67);
  });

  it('shares among those that have just begun when all others are gone', () => {
    const { made, join, picks } = group(SLOW);
    join('t1');
    join('t2', 10);
    join('t3', 10);
    made.deregister('t1', 10);
    expect(picks(4, 10)).toEqual(['t2', 't3', 't2', 't3']);
  });

  it('passes over who has no free slot', () => {
    const { join, within } = group(SLOW, 2);
    join('t1');
    join('t2', 10);
    expect(Array.from({ length: 5 }, () => within(20))).toEqual([
      't1',
      't1',
      't2',
      't2',
      undefined,
    ]);
  });
});

describe('when no target is healthy', () => {
  it('requests go to all that are unhealthy, if they may go beyond (G1)', () => {
    const { made, join, check, picks, within, pick } = group();
    for (const id of ['t1', 't2']) {
      join(id);
      check(id, BAD, 2);
    }
    expect(made.counts()).toMatchObject({ failOpen: true, slots: 0, slotsInUse: 0 });
    expect(picks(2)).toEqual(['t1', 't2']);
    expect([pick(0, 't1'), within()]).toEqual(['t1', undefined]);
    made.register('t3', 'a', 0);
    expect(made.counts().failOpen).toBe(true);
    expect([...picks(3), pick(0, 't3')]).toEqual(['t1', 't2', 't1', 't2']);
    made.checked('t3', OK, 0);
    expect(made.counts().failOpen).toBe(false);
    expect([...picks(2), pick(0, 't1')]).toEqual(['t3', 't3', 't3']);
  });

  it('does not count those that leave', () => {
    const { made, join, check, picks } = group();
    join('t1');
    join('t2');
    picks(2);
    check('t1', BAD, 2);
    made.deregister('t2', 0);
    expect(made.counts()).toMatchObject({ failOpen: true, draining: 1 });
    expect(picks(2)).toEqual(['t1', 't1']);
  });
});

describe('stickiness', () => {
  it('goes to the target named while it is healthy, else to another', () => {
    const { made, join, check, pick, within } = group({}, 1);
    for (const id of ['t1', 't2', 't3']) join(id);
    expect([pick(0, 't2'), pick(0, 't2'), pick()]).toEqual(['t2', 't2', 't1']);
    expect(within(0, 't2')).toBe('t3');
    check('t2', BAD, 2);
    expect(pick(0, 't2')).toBe('t1');
    expect(pick(0, 'nobody')).toBe('t3');
    made.register('t4', 'a', 0);
    expect(pick(0, 't4')).toBe('t1');
  });
});

it('counts by zone', () => {
  const { made, join, check, pick } = group();
  join('t1', 0, 'a');
  join('t2', 0, 'b');
  join('t3', 0, 'b');
  check('t3', BAD, 2);
  made.register('t4', 'c', 0);
  join('t5', 0, 'd');
  pick(0, 't5');
  made.deregister('t5', 0);
  expect(made.zones()).toEqual([
    { zone: 'a', healthy: 1, unhealthy: 0 },
    { zone: 'b', healthy: 1, unhealthy: 1 },
    { zone: 'c', healthy: 0, unhealthy: 0 },
  ]);
});

describe('whatever happens in whatever order', () => {
  const action = fc.constantFrom(
    'register',
    'register',
    'deregister',
    'ok',
    'ok',
    'ok',
    'bad',
    'pick',
    'pick',
    'pick',
    'release',
    'release',
    'tick',
  );
  const settings = fc.record({
    protocol: fc.constant('http1' as const),
    algorithm: fc.constantFrom('round-robin' as const, 'least-outstanding-requests' as const),
    slowStartMs: fc.constantFrom(0, 30_000),
    stickiness: fc.constant(undefined),
  });
  const steps = fc.array(fc.tuple(action, fc.nat(4000)), { maxLength: 300, size: 'max' });

  it('holds G1 to G5', () => {
    fc.assert(
      fc.property(settings, steps, (chosen, actions) => {
        const model = modelOf(chosen);
        for (const [what, by] of actions) model.step(what, by);
      }),
    );
  });

  it('deals strict turns while nobody comes or goes (U1)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(50), (size, count) => {
        const { join, pick } = group();
        for (let index = 0; index < size; index += 1) join(`t${index}`);
        for (let turn = 0; turn < count; turn += 1) expect(pick()).toBe(`t${turn % size}`);
      }),
    );
  });

  it('deals parts within one request of what is due in slow start', () => {
    const part = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), fc.nat(200), (ages, count) => {
        const { join, picks } = group({ slowStartMs: 100_000 });
        join('full', 0);
        const now = 300_000;
        ages.forEach((age, index) => {
          join(`t${index}`, now - age);
        });
        const dealt = picks(count, now);
        const all = ages.reduce((sum, age) => sum + age, 100_000);
        ages.forEach((age, index) => {
          const due = (count * age) / all;
          const got = dealt.filter((id) => id === `t${index}`).length;
          expect(Math.abs(got - due)).toBeLessThanOrEqual(1 + ages.length);
        });
      }),
    );
  });
});

/** Applies actions to a group and holds it to what a much simpler book says. */
function modelOf(chosen: TargetGroupSettings) {
  const { made } = group(chosen, 2, 5000);
  const states = new Map<string, string>();
  const inFlight = new Map<string, number>();
  const gone = new Set<string>();
  const held: string[] = [];
  let now = 0;
  let count = 0;
  const apply = (changes: readonly TargetChange[]) => {
    for (const { id, health } of changes) {
      expect(gone.has(id), 'nothing is said after unused (G3)').toBe(false);
      states.set(id, health.state);
      if (health.state !== 'unused') continue;
      states.delete(id);
      gone.add(id);
    }
  };
  const pick = (by: number) => {
    const beyond = by % 2 === 0;
    const id = made.pick({ beyond, sticky: by % 3 === 0 ? `t${by % 9}` : undefined }, now);
    const known = new Set(states.values());
    const open = known.has('unhealthy') && !known.has('healthy');
    expect(made.counts().failOpen).toBe(open);
    if (id === undefined) {
      const healthy = [...states].filter(([, state]) => state === 'healthy');
      if (beyond) expect(open || healthy.length > 0).toBe(false);
      else for (const [other] of healthy) expect(inFlight.get(other)).toBeGreaterThanOrEqual(2);
      return;
    }
    expect(states.get(id), 'who may be picked (G1)').toBe(open && beyond ? 'unhealthy' : 'healthy');
    if (!beyond) expect(inFlight.get(id) ?? 0).toBeLessThan(2);
    inFlight.set(id, (inFlight.get(id) ?? 0) + 1);
    held.push(id);
  };
  const step = (what: string, by: number) => {
    now += by;
    const ids = [...states.keys()];
    const id = ids[by % Math.max(1, ids.length)] ?? 'nobody';
    if (what === 'register') {
      count += 1;
      apply(made.register(`t${count}`, `z${count % 3}`, now));
    } else if (what === 'deregister') apply(made.deregister(id, now));
    else if (what === 'ok') apply(made.checked(id, OK, now));
    else if (what === 'bad') apply(made.checked(id, BAD, now));
    else if (what === 'tick') apply(made.tick(now));
    else if (what === 'pick') pick(by);
    else {
      const [released] = held.splice(by % Math.max(1, held.length), 1);
      if (released === undefined) return;
      inFlight.set(released, (inFlight.get(released) ?? 0) - 1);
      apply(made.release(released, now));
    }
    agrees();
  };
  const agrees = () => {
    const targets = made.targets();
    expect(new Map(targets.map((one) => [one.id, one.health.state]))).toEqual(states);
    for (const one of targets) expect(one.inFlight, '(G4)').toBe(inFlight.get(one.id) ?? 0);
    const of = (state: string) => targets.filter(({ health }) => health.state === state);
    const healthy = of('healthy');
    expect(made.counts(), '(G5)').toMatchObject({
      initial: of('initial').length,
      healthy: healthy.length,
      unhealthy: of('unhealthy').length,
      draining: of('draining').length,
      slots: healthy.length * 2,
      slotsInUse: healthy.reduce((sum, one) => sum + one.inFlight, 0),
    });
    for (const one of of('draining')) expect(one.inFlight, '(G3)').toBeGreaterThan(0);
  };
  return { step };
}
