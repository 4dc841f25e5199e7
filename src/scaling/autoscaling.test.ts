import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Minute,
  type Played,
  type PlayOptions,
  play,
} from '../../test/support/scaling-clock.ts';
import { loadApp } from '../config/load.ts';
import type { AutoscalingSettings, TargetTracking } from '../model/autoscaling.ts';
import { type AlarmView, autoscale, startAutoscaling } from './autoscaling.ts';

const NONE: AutoscalingSettings = {
  tracking: [],
  steps: [],
  schedules: [],
  suspended: { scaleIn: false, scaleOut: false, scheduled: false },
};

/** Names of CloudWatch for what the tests call by short ones. */
const NAMES: Readonly<Record<string, string>> = {
  cpu: 'CPUUtilization',
  memory: 'MemoryUtilization',
};

const metric = (name: string) => ({
  namespace: 'AWS/ECS',
  name: NAMES[name] ?? name,
  dimensions: {},
});

const target = (name: string, over: Partial<TargetTracking> = {}): TargetTracking => ({
  name: `${name}-target`,
  metric: metric(name),
  statistic: 'Average',
  target: 60,
  periodMs: 60_000,
  scaleOutCooldownMs: 300_000,
  scaleInCooldownMs: 300_000,
  disableScaleIn: false,
  ...over,
});

const counts = (played: readonly Played[]) => played.map(({ desired }) => desired);
const ten = { min: 1, max: 10 };

/** Processor above 60 % for 1 minute adds a task, below 60 % for 5 minutes removes one, memory above 70 % adds one. */
const SYSTEM_D = `
app: demo
services:
  api:
    command: ./api
    fargate:
      tasks: { min: 1, max: 10 }
      autoscaling:
        policies:
          - step: { name: cpu-high, metric: cpu, threshold: 60, by: 1, cooldown: 60s }
          - step: { name: cpu-low, metric: cpu, threshold: 60, comparison: lessThan, datapoints: 5, by: -1 }
          - step: { name: memory-high, metric: memory, threshold: 70, by: 1, cooldown: 60s }
`;

const { autoscaling: systemD = NONE } =
  loadApp({ name: 'fulcrum.yml', text: SYSTEM_D }, undefined).services[0]?.fargate ?? {};

describe('one API on both computes: 1 to 10 tasks', () => {
  it('adds a task a minute while the processor is above 60 percent', () => {
    const load: Minute = (running) => ({ cpu: Math.min(100, 260 / running), memory: 30 });
    expect(counts(play(systemD, load, { tasks: ten, minutes: 6 }))).toEqual([2, 3, 4, 5, 5, 5]);
  });

  it('removes one when it was below for 5 minutes, and the next after 5 more', () => {
    const quiet: Minute = () => ({ cpu: 20, memory: 30 });
    const played = play(systemD, quiet, { tasks: ten, minutes: 17, desired: 4 });
    expect(counts(played)).toEqual([4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1]);
    expect(played[4]?.decision.reason).toBe(
      'monitor alarm demo-api-cpu-low in state ALARM triggered policy cpu-low: CPUUtilization at 20 for a threshold of 60: -1, with 4 running',
    );
  });

  it('adds one for memory above 70 percent, though the processor asks for fewer, and swings as AWS would', () => {
    const load: Minute = (running) => ({ cpu: 20, memory: running < 6 ? 75 : 50 });
    const played = play(systemD, load, { tasks: ten, minutes: 8, desired: 4 });
    expect(counts(played)).toEqual([5, 6, 6, 6, 5, 6, 5, 6]);
  });

  it('stays at ten however busy it is, and at one however quiet', () => {
    const busy: Minute = () => ({ cpu: 100, memory: 100 });
    const played = play(systemD, busy, { tasks: ten, minutes: 15 });
    expect(counts(played)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10, 10, 10]);
    expect(played.at(-1)?.decision.reason).toContain('10 tasks are the most there may be');
    const quiet: Minute = () => ({ cpu: 1, memory: 1 });
    expect(counts(play(systemD, quiet, { tasks: ten, minutes: 30 })).every((n) => n === 1)).toBe(
      true,
    );
  });
});

describe('target tracking', () => {
  const settings = { ...NONE, tracking: [target('cpu')] };

  it('scales out after 3 minutes in proportion, and in after 15', () => {
    const load: Minute = (running, minute) => ({ cpu: (minute <= 10 ? 180 : 50) / running });
    const played = play(settings, load, { tasks: ten, minutes: 26 });
    expect(counts(played)).toEqual([
      ...[1, 1, 3, 3, 3, 3, 3, 3, 3, 3],
      ...[3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
      ...[3, 3, 3, 3, 1, 1],
    ]);
    expect(played[2]?.decision.reason).toBe(
      'monitor alarm TargetTracking-service/app/api-AlarmHigh-cpu-target in state ALARM triggered policy cpu-target: CPUUtilization at 180 for a target of 60, with 1 running',
    );
  });

  it('counts what was added while its cooldown lasts, and adds only more than that', () => {
    const load: Minute = (_, minute) => ({ cpu: minute < 5 ? 90 : 150 });
    const played = play(settings, load, { tasks: ten, minutes: 9, desired: 2 });
    // 2 × 90 ÷ 60 = 3. Then 3 × 90 ÷ 60 = 5 is 2 more, of which 1 is there: 4. Later with 150.
    expect(counts(played).slice(0, 4)).toEqual([2, 2, 3, 4]);
    const steady: Minute = () => ({ cpu: 61 });
    const held = play(settings, steady, { tasks: ten, minutes: 12, desired: 2 });
    expect(counts(held)).toEqual([2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
    expect(held[3]?.decision.reason).toContain('what was added counts for 4 min more');
  });

  it('starts from the tasks that run, not from those wanted', () => {
    const hot: Minute = () => ({ cpu: 120 });
    const played = play(settings, hot, { tasks: ten, minutes: 6, desired: 1, lateBy: 5 });
    expect(counts(played)).toEqual([1, 1, 2, 2, 2, 2]);
  });

  it('does nothing without data', () => {
    const load: Minute = (_, minute) => ({ cpu: minute <= 2 ? 90 : undefined });
    const played = play(settings, load, { tasks: ten, minutes: 30, desired: 3 });
    expect(counts(played).at(-1)).toBe(counts(played)[3]);
  });

  it('wakes from zero by the least amount, and goes back to it with real zeros', () => {
    const requests = target('requests', { target: 1000 });
    const load: Minute = (_, minute) => ({ requests: minute <= 4 ? 5000 : 0 });
    const played = play({ ...NONE, tracking: [requests] }, load, {
      tasks: { min: 0, max: 10 },
      minutes: 25,
    });
    expect(counts(played).slice(0, 4)).toEqual([0, 0, 1, 4]);
    expect(counts(played).at(-1)).toBe(0);
  });

  it('scales out if any asks for it, in only if all agree, and not if it may not', () => {
    const both = { ...NONE, tracking: [target('cpu'), target('memory')] };
    const options: PlayOptions = { tasks: ten, minutes: 20, desired: 4 };
    const one: Minute = () => ({ cpu: 10, memory: 58 });
    expect(counts(play(both, one, options)).at(-1)).toBe(4);
    const all: Minute = (running) => ({ cpu: 40 / running, memory: 120 / running });
    expect(counts(play(both, all, options)).at(-1)).toBe(2);
    const out: Minute = (_, minute) => ({ cpu: 10, memory: minute === 3 ? 61 : 70 });
    expect(counts(play(both, out, options))[2]).toBe(5);
    const only = { ...NONE, tracking: [target('cpu'), target('memory', { disableScaleIn: true })] };
    expect(counts(play(only, one, options)).at(-1)).toBe(1);
  });
});

describe('what holds it back', () => {
  const settings = { ...NONE, tracking: [target('cpu')] };
  const quiet: Minute = () => ({ cpu: 10 });
  const busy: Minute = () => ({ cpu: 90 });
  const options: PlayOptions = { tasks: ten, minutes: 16, desired: 4 };

  it('a deployment, for scaling in alone', () => {
    const deploying = () => true;
    const played = play(settings, quiet, { ...options, deploying });
    expect(counts(played).at(-1)).toBe(4);
    expect(played.at(-1)?.decision.reason).toContain('no task is removed during a deployment');
    expect(counts(play(settings, busy, { ...options, deploying }))[2]).toBe(6);
  });

  it('being suspended, each direction by itself', () => {
    const suspended = (over: object) => ({
      ...settings,
      suspended: { ...NONE.suspended, ...over },
    });
    expect(counts(play(suspended({ scaleIn: true }), quiet, options)).at(-1)).toBe(4);
    expect(counts(play(suspended({ scaleIn: true }), busy, options))[2]).toBe(6);
    expect(counts(play(suspended({ scaleOut: true }), busy, options)).at(-1)).toBe(4);
    expect(counts(play(suspended({ scaleOut: true }), quiet, options)).at(-1)).toBe(1);
  });

  it('the cooldown of a removal, until something scales out', () => {
    const load: Minute = (_, minute) => ({ cpu: minute === 6 ? 90 : 20, memory: 30 });
    const played = play(systemD, load, { tasks: ten, minutes: 11, desired: 4 });
    expect(counts(played)).toEqual([4, 4, 4, 4, 3, 4, 4, 4, 4, 4, 3]);
  });

  it('a policy that is about to add tasks, though its turn is not now', () => {
    const view = (name: string, due: boolean, value: number) => ({
      name,
      state: 'ALARM' as const,
      due,
      values: [value],
    });
    const quiet = { name: 'cpu-low', state: 'OK' as const, due: false, values: [] };
    const seen = { running: 4, desired: 4, deploying: false, tracking: [] };
    const decide = (memoryHigh: AlarmView) =>
      autoscale(
        systemD,
        { ...seen, steps: [quiet, view('cpu-low', true, 20), memoryHigh] },
        startAutoscaling(systemD, ten, 0),
        60_000,
      ).desired;
    expect(decide(quiet)).toBe(3);
    expect(decide(view('memory-high', false, 90))).toBe(4);
    expect(decide(view('memory-high', true, 90))).toBe(5);
  });

  it('too few tasks wanted are raised to the minimum by a policy that scales out only', () => {
    const tasks = { min: 5, max: 10 };
    expect(counts(play(settings, busy, { tasks, minutes: 3, desired: 2 }))).toEqual([2, 2, 5]);
    expect(counts(play(settings, quiet, { tasks, minutes: 16, desired: 2 })).at(-1)).toBe(2);
  });
});

describe('schedules', () => {
  const start = Date.UTC(2026, 10, 23, 7, 55);
  const at = (name: string, text: string, bounds: { min?: number; max?: number }) => ({
    name,
    schedule: { text, timezone: 'UTC' },
    startAt: undefined,
    endAt: undefined,
    min: bounds.min,
    max: bounds.max,
  });
  const idle: Minute = () => ({});

  it('set minimum and maximum, and the tasks with them, at once', () => {
    const settings = {
      ...NONE,
      schedules: [
        at('morning', 'cron(0 8 ? * MON-FRI *)', { min: 3 }),
        at('break', 'at(2026-11-23T08:05:00)', { min: 0, max: 2 }),
      ],
    };
    const played = play(settings, idle, { tasks: { min: 0, max: 10 }, minutes: 12, start });
    expect(counts(played)).toEqual([0, 0, 0, 0, 3, 3, 3, 3, 3, 2, 2, 2]);
    expect(played[4]?.decision.reason).toBe(
      'scheduled action morning set the minimum to 3 and the maximum to 10',
    );
  });

  it('do not wait for a cooldown, and policies go on within the new bounds', () => {
    const settings = {
      ...NONE,
      tracking: [target('cpu')],
      schedules: [at('lid', 'at(2026-11-23T07:59:00)', { max: 2 })],
    };
    const busy: Minute = () => ({ cpu: 90 });
    const played = play(settings, busy, { tasks: ten, minutes: 8, start, desired: 2 });
    expect(counts(played)).toEqual([2, 2, 3, 2, 2, 2, 2, 2]);
  });

  it('say when they would set the minimum above the maximum, and change nothing', () => {
    const settings = { ...NONE, schedules: [at('much', 'rate(1 minute)', { min: 20 })] };
    const played = play(settings, idle, { tasks: ten, minutes: 1, start });
    expect(played[0]).toMatchObject({ desired: 1 });
    expect(played[0]?.decision.notices).toEqual([
      'scheduled action much failed: the minimum would be above the maximum',
    ]);
  });

  it('begin, end, and may be suspended', () => {
    const every = { ...at('every', 'rate(2 minutes)', { min: 2 }), endAt: start - 1 };
    const ended = { ...NONE, schedules: [every] };
    expect(counts(play(ended, idle, { tasks: ten, minutes: 5, start })).at(-1)).toBe(1);
    const later = {
      ...NONE,
      schedules: [{ ...every, startAt: start + 180_000, endAt: undefined }],
    };
    expect(counts(play(later, idle, { tasks: ten, minutes: 4, start }))).toEqual([1, 1, 2, 2]);
    const suspended = { ...later, suspended: { ...NONE.suspended, scheduled: true } };
    expect(counts(play(suspended, idle, { tasks: ten, minutes: 4, start })).at(-1)).toBe(1);
  });
});

describe('always', () => {
  const percent = fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined });
  const minutes = fc.array(fc.record({ cpu: percent, memory: percent }), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  });
  const all = { ...systemD, tracking: [target('cpu'), target('memory')] };

  it('stays within minimum and maximum, changes with a reason only, and is the same again', () => {
    fc.assert(
      fc.property(minutes, fc.integer({ min: 1, max: 10 }), (seen, desired) => {
        const load: Minute = (_, minute) => seen[minute - 1] ?? {};
        const options = { tasks: ten, minutes: seen.length, desired };
        const played = play(all, load, options);
        let before = desired;
        for (const one of played) {
          expect(one.desired).toBeGreaterThanOrEqual(1);
          expect(one.desired).toBeLessThanOrEqual(10);
          if (one.desired !== before) expect(one.decision.reason).toBeDefined();
          before = one.desired;
        }
        expect(counts(play(all, load, options))).toEqual(counts(played));
      }),
    );
  });

  it('removes nothing during a deployment (P3)', () => {
    fc.assert(
      fc.property(minutes, (seen) => {
        const load: Minute = (_, minute) => seen[minute - 1] ?? {};
        const options = { tasks: ten, minutes: seen.length, desired: 5, deploying: () => true };
        let before = 5;
        for (const { desired } of play(all, load, options)) {
          expect(desired).toBeGreaterThanOrEqual(before);
          before = desired;
        }
      }),
    );
  });
});
