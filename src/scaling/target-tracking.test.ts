import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetTracking } from '../model/autoscaling.ts';
import { tasksIn, tasksOut, trackingAlarms } from './target-tracking.ts';

const policy: TargetTracking = {
  name: 'cpu-target',
  metric: { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: {} },
  statistic: 'Average',
  target: 60,
  periodMs: 60_000,
  scaleOutCooldownMs: 300_000,
  scaleInCooldownMs: 300_000,
  disableScaleIn: false,
};

describe('target tracking', () => {
  it('makes two alarms: 3 of 3 above the target, 15 of 15 below nine tenths of it', () => {
    const { high, low } = trackingAlarms(policy, 'service/app/api', {
      trackingHigh: { datapoints: 3, of: 3 },
      trackingLow: { datapoints: 15, of: 15 },
      trackingLowShare: 0.9,
    });
    expect(high).toMatchObject({
      name: 'TargetTracking-service/app/api-AlarmHigh-cpu-target',
      comparison: 'GreaterThanThreshold',
      threshold: 60,
      datapoints: 3,
      of: 3,
      periodMs: 60_000,
      missing: 'missing',
    });
    expect(low).toMatchObject({
      name: 'TargetTracking-service/app/api-AlarmLow-cpu-target',
      comparison: 'LessThanThreshold',
      threshold: 54,
      datapoints: 15,
      of: 15,
    });
  });

  it.each([
    [2, 90, 3],
    [1, 61, 2],
    [4, 75, 5],
    [10, 120, 20],
    [3, 60, 3],
    [0, 5000, 1],
    [0, 0, 0],
  ])('out: %d tasks at %d are %d', (running, metric, tasks) => {
    expect(tasksOut(policy, running, metric)).toBe(tasks);
  });

  it.each([
    [4, 40, 3],
    [4, 46, 4],
    [10, 6, 1],
    [2, 0, 0],
    [3, 90, 3],
  ])('in: %d tasks at %d are %d', (running, metric, tasks) => {
    expect(tasksIn(policy, running, metric)).toBe(tasks);
  });

  it('never leaves so few that the metric would be above its target', () => {
    const percent = fc.double({ min: 0, max: 54, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), percent, (running, metric) => {
        const tasks = tasksIn(policy, running, metric);
        if (tasks > 0) expect((running * metric) / tasks).toBeLessThanOrEqual(60 + 1e-6);
        expect(tasks).toBeLessThanOrEqual(running);
      }),
    );
  });
});
