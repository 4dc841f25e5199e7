import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type EnvironmentCommand,
  type EnvironmentPool,
  environmentPool,
} from './environment-pool.ts';

const pool = (over: Partial<{ provisioned: number; free: number; freeStarts: number }> = {}) => {
  let id = 0;
  const room = { free: over.free ?? 100, freeStarts: over.freeStarts ?? 100 };
  const made = environmentPool<number>({
    provisioned: over.provisioned ?? 0,
    idleMs: 60_000,
    freezeAfterMs: 5,
    room,
    nextId: () => {
      id += 1;
      return `e${id}`;
    },
  });
  return { ...bind(made), room };
};

/** Methods of a class, usable apart from it. */
function bind(made: EnvironmentPool<number>) {
  return {
    open: () => made.open(),
    arrive: (request: number) => made.arrive(request),
    started: (id: string, now = 0) => made.started(id, now),
    ended: (id: string) => made.ended(id),
    finished: (id: string, now = 0) => made.finished(id, now),
    abandon: (request: number) => made.abandon(request),
    sweep: (now: number) => made.sweep(now),
    yieldOne: () => made.yieldOne(),
    kick: () => made.kick(),
    retire: () => made.retire('old'),
    counts: () => made.counts(),
    environments: () => [...made.environments()],
  };
}

const start = (id: string, kind = 'on-demand') => ({ type: 'start', id, kind });

describe('the pool', () => {
  it('starts an environment for a request and uses the last one next (E2)', () => {
    const p = pool();
    expect(p.arrive(1)).toEqual([start('e1')]);
    expect(p.arrive(2)).toEqual([start('e2')]);
    expect(p.started('e1')).toEqual([
      { type: 'assign', id: 'e1', request: 1, frozen: false, cold: true },
    ]);
    expect(p.started('e2')).toEqual([
      { type: 'assign', id: 'e2', request: 2, frozen: false, cold: true },
    ]);
    p.finished('e1', 10);
    p.finished('e2', 20);
    expect(p.arrive(3)).toEqual([
      { type: 'assign', id: 'e2', request: 3, frozen: false, cold: false },
    ]);
  });

  it('freezes what has nothing to do, and thaws it for a request', () => {
    const p = pool();
    p.arrive(1);
    p.started('e1');
    p.finished('e1', 100);
    expect(p.sweep(104)).toEqual([]);
    expect(p.sweep(105)).toEqual([{ type: 'freeze', id: 'e1' }]);
    expect(p.sweep(106)).toEqual([]);
    expect(p.arrive(2)).toEqual([
      { type: 'assign', id: 'e1', request: 2, frozen: true, cold: false },
    ]);
  });

  it('ends what has been idle for long, but not what is provisioned (E5)', () => {
    const p = pool({ provisioned: 1 });
    expect(p.open()).toEqual([start('e1', 'provisioned')]);
    p.started('e1');
    p.arrive(1);
    expect(p.arrive(2)).toEqual([start('e2')]);
    p.started('e2');
    p.finished('e1', 0);
    p.finished('e2', 0);
    p.sweep(10);
    expect(p.sweep(60_000)).toEqual([{ type: 'end', id: 'e2', why: 'idle for 1 min' }]);
    expect(p.ended('e1')).toEqual([start('e3', 'provisioned')]);
  });

  it('gives a request that waits to whoever is free first', () => {
    const p = pool();
    p.arrive(1);
    p.started('e1');
    expect(p.arrive(2)).toEqual([start('e2')]);
    expect(p.finished('e1')).toEqual([
      { type: 'assign', id: 'e1', request: 2, frozen: false, cold: false },
    ]);
    expect(p.started('e2')).toEqual([]);
    expect(p.counts()).toMatchObject({ busy: 1, idle: 1, waiting: 0 });
  });

  it('fails one request for each environment that does not start', () => {
    const p = pool();
    p.arrive(1);
    p.arrive(2);
    expect(p.ended('e1')).toEqual([{ type: 'fail', request: 1 }]);
    expect(p.started('e2')[0]).toMatchObject({ request: 2 });
  });

  it('lets requests wait when the machine is full, and asks another service for room', () => {
    const p = pool({ free: 1 });
    p.arrive(1);
    expect(p.arrive(2)).toEqual([]);
    p.started('e1');
    expect(p.yieldOne()).toEqual([]);
    p.abandon(2);
    p.finished('e1');
    expect(p.yieldOne()).toMatchObject([{ type: 'end', id: 'e1' }]);
    expect(p.room.free).toBe(1);
  });
});

describe('retiring', () => {
  it('ends what is idle at once, and what is busy after its request (E6)', () => {
    const p = pool();
    p.arrive(1);
    p.arrive(2);
    p.started('e1');
    p.started('e2');
    p.finished('e1');
    expect(p.retire()).toEqual([{ type: 'end', id: 'e1', why: 'old' }]);
    expect(p.arrive(3)).toEqual([start('e3')]);
    expect(p.finished('e2')).toEqual([{ type: 'end', id: 'e2', why: 'old' }]);
    expect(p.started('e3')).toMatchObject([{ type: 'assign', id: 'e3', request: 3 }]);
    expect(p.finished('e3')).toEqual([]);
    expect(p.counts()).toMatchObject({ idle: 1, busy: 0, starting: 0 });
  });

  it('lets one that starts serve whoever waits for it, and replaces what is provisioned', () => {
    const p = pool({ provisioned: 1 });
    expect(p.open()).toEqual([start('e1', 'provisioned')]);
    p.arrive(1);
    expect(p.retire()).toEqual([]);
    expect(p.started('e1')).toMatchObject([{ type: 'assign', id: 'e1', request: 1 }]);
    expect(p.finished('e1')).toEqual([
      { type: 'end', id: 'e1', why: 'old' },
      start('e2', 'provisioned'),
    ]);
  });
});

it('holds E1 to E6 whatever happens in whatever order', () => {
  const action = fc.constantFrom(
    'arrive',
    'arrive',
    'arrive',
    'ready',
    'ready',
    'finish',
    'finish',
    'crash',
    'abandon',
    'sweep',
    'wait',
    'kick',
    'retire',
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(action, fc.nat(1000)), { maxLength: 300, size: 'max' }),
      fc.nat(3),
      fc.integer({ min: 1, max: 6 }),
      (steps, provisioned, free) => {
        const p = pool({ provisioned, free: free + provisioned, freeStarts: 3 });
        const starting = new Set<string>();
        const busy = new Map<string, number>();
        const waiting = new Set<number>();
        const settled = new Map<number, string>();
        const retired = new Set<string>();
        let now = 0;
        let next = 0;
        const settle = (request: number, how: string) => {
          expect(settled.has(request), `request ${request} settled twice (E4)`).toBe(false);
          settled.set(request, how);
          waiting.delete(request);
        };
        const apply = (commands: readonly EnvironmentCommand<number>[]) => {
          for (const command of commands) {
            if (command.type === 'start') starting.add(command.id);
            if (command.type === 'assign') {
              expect(busy.has(command.id), 'one request at a time (E1)').toBe(false);
              expect(retired.has(command.id), 'what is retired gets nothing (E6)').toBe(false);
              busy.set(command.id, command.request);
              settle(command.request, 'assigned');
            }
            if (command.type === 'fail') settle(command.request, 'failed');
          }
        };
        const pick = <item>(items: Iterable<item>, by: number) =>
          [...items][by % Math.max(1, [...items].length)];
        apply(p.open());
        for (const [what, by] of steps) {
          now += by;
          if (what === 'arrive') {
            next += 1;
            waiting.add(next);
            apply(p.arrive(next));
          } else if (what === 'ready') {
            const id = pick(starting, by);
            if (id === undefined) continue;
            starting.delete(id);
            apply(p.started(id, now));
          } else if (what === 'finish') {
            const id = pick(busy.keys(), by);
            if (id === undefined) continue;
            busy.delete(id);
            apply(p.finished(id, now));
          } else if (what === 'crash') {
            const id = pick([...starting, ...busy.keys()], by);
            if (id === undefined) continue;
            starting.delete(id);
            busy.delete(id);
            apply(p.ended(id));
          } else if (what === 'abandon') {
            const request = pick(waiting, by);
            if (request === undefined) continue;
            p.abandon(request);
            settle(request, 'abandoned');
          } else if (what === 'sweep') apply(p.sweep(now));
          else if (what === 'retire') {
            // What is starting serves whoever waits for it, and then ends.
            for (const one of p.environments()) if (one.state !== 'starting') retired.add(one.id);
            apply(p.retire());
            expect(p.counts().idle).toBe(0);
          } else if (what === 'kick') apply([...p.open(), ...p.kick()]);
          const counts = p.counts();
          expect(counts).toMatchObject({
            starting: starting.size,
            busy: busy.size,
            waiting: waiting.size,
          });
          if (counts.waiting > 0)
            expect(counts.idle, 'nobody waits beside an idle one (E3)').toBe(0);
          expect(p.room.free + counts.starting + counts.busy + counts.idle).toBe(
            free + provisioned,
          );
          expect(p.room.free).toBeGreaterThanOrEqual(0);
          const idle = p.environments().filter(({ state }) => state === 'idle');
          const thawed = idle.filter((one) => one.state === 'idle' && !one.frozen).length;
          expect(counts).toMatchObject({ idle: idle.length, thawed });
        }
      },
    ),
  );
});
