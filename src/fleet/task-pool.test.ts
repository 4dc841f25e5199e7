import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restartWait } from './restart-wait.ts';
import { type TaskCommand, taskPool } from './task-pool.ts';

const pool = (over: Partial<Parameters<typeof taskPool>[0]> = {}) => {
  let id = 0;
  const made = taskPool({
    concurrency: 2,
    drainMs: 10_000,
    spotShare: 0,
    healthyAfter: 3,
    unhealthyAfter: 2,
    nextId: () => {
      id += 1;
      return `t${id}`;
    },
    ...over,
  });
  return {
    made,
    scale: (desired: number, now = 0) => made.scale(desired, 'test', now),
    ok: (task: string, now = 0) => made.checked(task, true, 'passed', now),
    bad: (task: string, now = 0) => made.checked(task, false, 'failed', now),
    say: (commands: readonly TaskCommand[]) =>
      commands.map((one) => `${one.type === 'changed' ? one.state : one.type} ${one.id}`),
  };
};

describe('the pool', () => {
  it('starts what is desired and serves once healthy, in turn (T1)', () => {
    const { made, scale, ok, say } = pool();
    expect(say(scale(2))).toEqual(['start t1', 'start t2']);
    expect(made.acquire(true)).toBeUndefined();
    ok('t1');
    ok('t2');
    expect([
      made.acquire(false),
      made.acquire(false),
      made.acquire(false),
      made.acquire(false),
    ]).toEqual(['t1', 't2', 't1', 't2']);
    expect(made.acquire(false)).toBeUndefined();
    expect(made.acquire(true)).toBe('t1');
    expect(made.counts()).toMatchObject({ slots: 4, slotsInUse: 5 });
  });

  it('lets a task that leaves finish its requests first (T2)', () => {
    const { made, scale, ok, say } = pool();
    scale(1);
    ok('t1');
    made.acquire(false);
    expect(say(scale(0))).toEqual(['draining t1']);
    expect(made.acquire(true)).toBeUndefined();
    expect(say(made.release('t1'))).toEqual(['stop t1']);
  });

  it('stops a task whose requests do not end in the drain time', () => {
    const { made, scale, ok, say } = pool();
    scale(1);
    ok('t1');
    made.acquire(false);
    scale(0, 1000);
    expect(say(made.tick(10_999))).toEqual([]);
    expect(say(made.tick(11_000))).toEqual(['stop t1']);
  });

  it('takes first who is not healthy yet, then the least busy', () => {
    const { made, scale, ok, say } = pool();
    scale(3);
    ok('t1');
    ok('t2');
    made.acquire(false);
    expect(say(scale(2))).toEqual(['stop t3']);
    expect(say(scale(1))).toEqual(['stop t2']);
  });

  it('replaces a healthy task that ended, at once', () => {
    const { made, scale, ok, say } = pool();
    scale(1);
    ok('t1');
    expect(say(made.ended('t1', 5))).toEqual(['start t2']);
  });

  it('waits longer and longer for one that never gets healthy (T3)', () => {
    const { made, scale, say } = pool();
    scale(2);
    made.ended('t1', 0);
    expect(say(made.tick(999))).toEqual([]);
    expect(say(made.ended('t2', 999))).toEqual([]);
    expect(say(made.tick(2998))).toEqual([]);
    expect(say(made.tick(2999))).toEqual(['start t3']);
    expect([1, 2, 3, 7, 8, 20].map(restartWait)).toEqual([
      1000, 2000, 4000, 60_000, 60_000, 60_000,
    ]);
  });

  it('keeps an unhealthy task beside its replacement, and takes back who recovers first', () => {
    const { made, scale, ok, bad, say } = pool();
    scale(1);
    ok('t1');
    expect(say(bad('t1'))).toEqual([]);
    expect(say(bad('t1'))).toEqual(['unhealthy t1', 'start t2']);
    expect(made.acquire(true)).toBeUndefined();
    expect([...say(ok('t1')), ...say(ok('t1'))]).toEqual([]);
    expect(say(ok('t1'))).toEqual(['healthy t1', 'stop t2']);
    bad('t1');
    expect(say(bad('t1'))).toEqual(['unhealthy t1', 'start t3']);
    expect(say(ok('t3'))).toEqual(['healthy t3', 'stop t1']);
  });

  it('keeps the share of Spot below what was asked', () => {
    const { scale } = pool({ spotShare: 0.5 });
    expect(scale(5).map((one) => (one.type === 'start' ? one.spot : undefined))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});

it('holds T1 to T4 whatever happens in whatever order', () => {
  const action = fc.constantFrom(
    'scale',
    'ok',
    'ok',
    'bad',
    'end',
    'acquire',
    'acquire',
    'release',
    'tick',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(action, fc.nat(2000)), { maxLength: 300 }), (steps) => {
      const { made } = pool();
      const live = new Set<string>();
      const stopping = new Set<string>();
      const held: string[] = [];
      let now = 0;
      let desired = 0;
      const apply = (commands: readonly TaskCommand[]) => {
        for (const command of commands) {
          if (command.type === 'start') live.add(command.id);
          if (command.type === 'stop') {
            expect(stopping.has(command.id), 'stopped once (T4)').toBe(false);
            stopping.add(command.id);
          }
        }
      };
      const pick = (items: Iterable<string>, by: number) =>
        [...items][by % Math.max(1, [...items].length)];
      for (const [what, by] of steps) {
        now += by;
        const id = pick(live, by);
        if (what === 'scale') {
          desired = by % 5;
          apply(made.scale(desired, 'test', now));
        } else if (what === 'tick') apply(made.tick(now));
        else if (what === 'acquire') {
          const task = made.acquire(by % 2 === 0);
          if (task === undefined) continue;
          expect(made.get(task)?.state, 'only healthy tasks get requests (T1)').toBe('healthy');
          held.push(task);
        } else if (what === 'release') {
          const task = held.shift();
          if (task !== undefined) apply(made.release(task));
        } else if (id === undefined) continue;
        else if (what === 'ok') apply(made.checked(id, true, 'passed', now));
        else if (what === 'bad') apply(made.checked(id, false, 'failed', now));
        else if (what === 'end') {
          live.delete(id);
          stopping.delete(id);
          apply(made.ended(id, now));
        }
        const counts = made.counts();
        expect(counts.starting + counts.healthy + counts.unhealthy + counts.leaving).toBe(
          live.size,
        );
        const inUse = made
          .tasks()
          .filter(({ state }) => state === 'healthy')
          .reduce((sum, task) => sum + task.inFlight, 0);
        expect(counts.slotsInUse).toBe(inUse);
        expect(counts.starting + counts.healthy).toBeLessThanOrEqual(
          Math.max(desired, counts.desired),
        );
      }
    }),
  );
});
