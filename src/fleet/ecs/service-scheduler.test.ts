// What the scheduler of a service decides, step by step with a virtual clock.

import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../../test/support/fargate-settings.ts';
import {
  GROUP,
  VirtualService,
  type VirtualSettings,
  WORKS,
} from '../../../test/support/virtual-service.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import { NOT_REGISTERED } from '../balancer/target-health.ts';

describe('a service', () => {
  it('starts its tasks, registers them and reaches a steady state', () => {
    const service = new VirtualService();
    service.scale(2);
    service.deploy(1);
    expect(service.scheduler.counts()).toMatchObject({ desired: 2, pending: 2, running: 0 });
    service.pass(5000);
    expect(service.scheduler.counts()).toEqual({
      desired: 2,
      pending: 0,
      running: 2,
      healthy: 2,
      leaving: 0,
    });
    const [deployment] = service.scheduler.deployments();
    const [one, two] = service.tasks();
    expect(deployment).toMatchObject({ status: 'PRIMARY', rollout: 'COMPLETED', running: 2 });
    expect(deployment?.id).toMatch(/^ecs-svc\/\d{19}$/);
    expect(service.events).toEqual([
      `(service api) has started 2 tasks: (task ${one?.id}) (task ${two?.id}).`,
      `(service api) registered 1 targets in (target-group ${GROUP})`,
      `(service api) registered 1 targets in (target-group ${GROUP})`,
      `(service api) (deployment ${deployment?.id}) deployment completed.`,
      '(service api) has reached a steady state.',
    ]);
  });

  it('stops a task in order: deregister, unused, stop, ended', () => {
    const service = new VirtualService({ drainMs: 2000, stopMs: 500 });
    service.scale(1);
    service.deploy(1);
    service.pass(5000);
    const id = service.tasks()[0]?.id ?? '';
    service.log.length = 0;
    service.scale(0);
    service.pass(10_000);
    expect(service.log).toEqual(
      ['DEACTIVATING', 'deregister', 'STOPPING', 'stop', 'DEPROVISIONING', 'STOPPED'].map(
        (step) => `${step} ${id}`,
      ),
    );
    const deployment = service.scheduler.deployments()[0]?.id;
    expect(service.scheduler.get(id)).toMatchObject({
      status: 'STOPPED',
      stop: {
        code: 'ServiceSchedulerInitiated',
        reason: `Scaling activity initiated by (deployment ${deployment})`,
      },
      end: { exitCode: 143 },
    });
  });
});

/** A service in a steady state. */
function steady(
  desired: number,
  over: Partial<FargateSettings> = {},
  settings: VirtualSettings = {},
): VirtualService {
  const service = new VirtualService(settings);
  service.scale(desired);
  service.deploy(1, over);
  service.pass(60_000);
  expect(service.events.at(-1)).toBe('(service api) has reached a steady state.');
  service.events.length = 0;
  service.log.length = 0;
  return service;
}

const percent = (min: number, max: number): Partial<FargateSettings> => ({
  deployment: {
    ...fargateSettings().deployment,
    minimumHealthyPercent: min,
    maximumPercent: max,
  },
});

const CHECK: FargateSettings['healthCheck'] = {
  command: 'true',
  intervalMs: 30_000,
  timeoutMs: 5000,
  retries: 3,
  startPeriodMs: 0,
};

const idOf = (service: VirtualService, index: number): string =>
  service.tasks()[index]?.id ?? 'nobody';

describe('a task counts as healthy', () => {
  const begun = (over: Partial<FargateSettings>, settings: VirtualSettings) => {
    const service = new VirtualService(settings);
    service.scale(1);
    service.deploy(1, over, { ...WORKS, afterMs: 3000 });
    service.pass(1000);
    return service;
  };
  const isHealthy = (service: VirtualService) => service.scheduler.counts().healthy === 1;

  it('with a load balancer when its target is', () => {
    const service = begun({}, {});
    service.pass(2999);
    expect(isHealthy(service)).toBe(false);
    service.pass(1);
    expect(isHealthy(service)).toBe(true);
  });

  it('with a check of its own when that has passed', () => {
    const service = begun({ healthCheck: CHECK }, { targetGroup: undefined });
    service.pass(100_000);
    expect(isHealthy(service)).toBe(false);
    service.do((now) => service.scheduler.container(idOf(service, 0), 'HEALTHY', now));
    expect(isHealthy(service)).toBe(true);
  });

  it('with both when both say so', () => {
    const service = begun({ healthCheck: CHECK }, {});
    service.pass(10_000);
    expect(isHealthy(service)).toBe(false);
    service.do((now) => service.scheduler.container(idOf(service, 0), 'HEALTHY', now));
    expect(isHealthy(service)).toBe(true);
  });

  it('with neither 40 s after it runs', () => {
    const service = begun({}, { targetGroup: undefined });
    service.pass(39_000);
    expect(isHealthy(service)).toBe(false);
    service.pass(1000);
    expect(isHealthy(service)).toBe(true);
    expect(service.log.some((line) => line.startsWith('register'))).toBe(false);
  });
});

describe('an unhealthy task', () => {
  it('is replaced before it goes', () => {
    const service = steady(2);
    const [bad] = service.tasks();
    service.sick(bad?.id ?? '');
    const [, , fresh] = service.tasks();
    expect(service.scheduler.counts()).toMatchObject({ pending: 1, running: 2, leaving: 0 });
    service.pass(20_000);
    expect(service.scheduler.counts()).toMatchObject({ running: 2, healthy: 2, leaving: 0 });
    expect(service.scheduler.get(bad?.id ?? '')?.stop).toEqual({
      code: 'ServiceSchedulerInitiated',
      reason: `Task failed ELB health checks in (target-group ${GROUP})`,
    });
    expect(service.events.slice(0, 2)).toEqual([
      `(service api) (task ${bad?.id}) (port 8080) is unhealthy in (target-group ${GROUP}) due to (reason Health checks failed with these codes: [502]).`,
      `(service api) has started 1 tasks: (task ${fresh?.id}). Amazon ECS replaced 1 tasks due to an unhealthy status.`,
    ]);
  });

  it('of a failed check of its own says so', () => {
    const service = new VirtualService();
    service.scale(1);
    service.deploy(1, { healthCheck: CHECK });
    service.pass(5000);
    const id = idOf(service, 0);
    service.do((now) => service.scheduler.container(id, 'HEALTHY', now));
    service.do((now) => service.scheduler.container(id, 'UNHEALTHY', now));
    expect(service.events).toContain(`(service api) (task ${id}) failed container health checks.`);
    service.pass(5000);
    service.do((now) => service.scheduler.container(idOf(service, 1), 'HEALTHY', now));
    service.pass(5000);
    expect(service.scheduler.get(id)?.stop?.reason).toBe('Task failed container health checks');
  });

  it('may come back: then the one that is too many goes', () => {
    const service = steady(2);
    const bad = idOf(service, 0);
    service.sick(bad);
    const replacement = idOf(service, 2);
    service.well(bad);
    expect(service.scheduler.get(bad)?.status).toBe('RUNNING');
    expect(service.scheduler.get(replacement)?.status).toBe('STOPPING');
  });

  it('stays until its replacement is healthy, and either goes if that fails too', () => {
    const gone = new Set<string | undefined>();
    for (let seed = 1; seed <= 2; seed += 1) {
      const service = steady(1, {}, { seed });
      const old = idOf(service, 0);
      service.programs.set(1, { ...WORKS, fate: 'is never healthy' });
      service.sick(old);
      service.pass(1500);
      expect(service.tasks('RUNNING')).toHaveLength(2);
      service.pass(500);
      expect(service.tasks('RUNNING')).toHaveLength(1);
      gone.add(service.tasks('DEACTIVATING')[0]?.id);
    }
    expect(gone.size).toBe(2);
  });

  it('goes first, one at a time, where the maximum leaves no room', () => {
    const service = steady(3, percent(0, 100));
    for (const { id } of service.tasks()) service.sick(id);
    const bad = () => service.tasks('RUNNING').filter((task) => task.target?.state !== 'healthy');
    expect(bad()).toHaveLength(2);
    expect(service.scheduler.counts()).toMatchObject({ pending: 1, leaving: 1 });
    service.pass(1900);
    expect(bad().filter((task) => task.target?.state === 'unhealthy')).toHaveLength(2);
    service.pass(30_000);
    expect(service.scheduler.counts()).toMatchObject({ running: 3, healthy: 3, leaving: 0 });
  });

  it('is left alone in its grace period, unless it is too many', () => {
    const service = new VirtualService();
    service.scale(1);
    service.deploy(1, { graceMs: 60_000 }, { ...WORKS, fate: 'is never healthy' });
    service.pass(60_000);
    expect(service.scheduler.counts()).toMatchObject({ pending: 0, running: 1 });
    service.pass(2000);
    expect(service.scheduler.counts()).toMatchObject({ pending: 0, running: 2 });
    service.scale(0);
    expect(service.scheduler.counts()).toMatchObject({ running: 0, leaving: 2 });
  });
});

describe('a task that ends by itself', () => {
  it('is replaced at once when it has been healthy', () => {
    const service = steady(1);
    const id = idOf(service, 0);
    service.crash(id, {
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
    expect(service.scheduler.get(id)).toMatchObject({
      status: 'STOPPED',
      stop: { code: 'EssentialContainerExited', reason: 'Essential container in task exited' },
      end: { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
    });
    expect(service.log.slice(0, 4)).toEqual([
      `DEACTIVATING ${id}`,
      `deregister ${id}`,
      `DEPROVISIONING ${id}`,
      `STOPPED ${id}`,
    ]);
    expect(service.scheduler.counts()).toMatchObject({ pending: 1, running: 0 });
  });

  it('before it ran failed to start, with the reason', () => {
    const service = new VirtualService();
    service.scale(1);
    service.deploy(1, {}, { ...WORKS, fate: 'does not start' });
    const id = idOf(service, 0);
    service.pass(1000);
    expect(service.scheduler.get(id)?.stop).toEqual({
      code: 'TaskFailedToStart',
      reason: 'CannotStartContainerError: no such file',
    });
  });

  const starts = (fate: 'does not start' | 'crashes', ms: number) => {
    const service = new VirtualService();
    const circuitBreaker = undefined;
    service.scale(1);
    service.deploy(
      1,
      { deployment: { ...fargateSettings().deployment, circuitBreaker } },
      { startMs: 0, fate, afterMs: 0 },
    );
    service.pass(ms);
    return service;
  };

  it('before it ran is tried again ever more slowly, but always', () => {
    const service = starts('does not start', 24 * 3_600_000);
    const count = service.log.filter((line) => line.startsWith('start ')).length;
    expect(count).toBeGreaterThan(11 + 24 * 2);
    expect(count).toBeLessThan(15 + 24 * 2.3);
    expect(service.events.filter((event) => event.includes('unable to'))).toEqual([
      '(service api) is unable to consistently start tasks successfully.',
    ]);
    service.deploy(2);
    service.pass(5000);
    expect(service.scheduler.counts().healthy).toBe(1);
  });

  it('before it was healthy does not spin', () => {
    const service = starts('crashes', 3_600_000);
    const count = service.log.filter((line) => line.startsWith('start ')).length;
    expect(count).toBeGreaterThan(60);
    expect(count).toBeLessThan(70);
    expect(service.events.some((event) => event.includes('unable to'))).toBe(false);
  });
});

describe('starts', () => {
  it('wait for tokens of the account', () => {
    const service = new VirtualService();
    service.scale(250);
    service.deploy(1, {}, { ...WORKS, fate: 'hangs in activating' });
    const started = () => service.log.filter((line) => line.startsWith('start ')).length;
    expect(started()).toBe(100);
    expect(service.tasks('PROVISIONING')).toHaveLength(150);
    service.pass(1000);
    expect(started()).toBe(120);
    service.pass(6900);
    expect(started()).toBe(240);
    service.pass(100);
    expect(started()).toBe(250);
  });

  it('that wait for a token end without a trace when they are too many', () => {
    const service = new VirtualService();
    service.scale(250);
    service.deploy(1, {}, { ...WORKS, fate: 'hangs in activating' });
    service.scale(100);
    expect(service.scheduler.counts()).toMatchObject({ pending: 100, leaving: 0 });
    expect(service.log.some((line) => line.startsWith('stop '))).toBe(false);
    expect(service.events.at(-1)).toBe('(service api) stopped 150 pending tasks.');
  });

  it('keep the part of Spot nearest below its share', () => {
    for (const [desired, spots] of [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [7, 3],
    ] as const) {
      const service = steady(desired, { spotShare: 0.5 });
      expect(service.tasks().filter(({ spot }) => spot)).toHaveLength(spots);
    }
  });
});

describe('a Spot interruption', () => {
  it('deregisters and signals at once, and asks for Spot again', () => {
    const service = steady(2, { spotShare: 1 });
    const id = idOf(service, 0);
    service.do((now) => service.scheduler.interruptSpot(id, now));
    expect(service.log.slice(0, 4)).toEqual([
      `DEACTIVATING ${id}`,
      `deregister ${id}`,
      `STOPPING ${id}`,
      `stop ${id}`,
    ]);
    expect(service.scheduler.get(id)?.stop).toEqual({
      code: 'SpotInterruption',
      reason: 'Your Spot Task was interrupted.',
    });
    const [replacement] = service.scheduler.tasks().filter(({ status }) => status === 'ACTIVATING');
    expect(replacement?.spot).toBe(true);
    service.pass(10_000);
    expect(service.log.filter((line) => line === `stop ${id}`)).toHaveLength(1);
    expect(service.scheduler.counts()).toMatchObject({ healthy: 2, leaving: 0 });
  });

  it('of all leaves what is on demand', () => {
    const service = steady(4, { spotShare: 0.5 });
    service.do((now) => service.scheduler.interruptSpot(undefined, now));
    expect(service.scheduler.counts()).toMatchObject({ running: 2, leaving: 2, pending: 2 });
    expect(service.tasks('RUNNING').every(({ spot }) => !spot)).toBe(true);
  });
});

describe('zones', () => {
  const inZones = (service: VirtualService) =>
    ['a', 'b', 'c'].map(
      (zone) => service.tasks('RUNNING').filter((task) => task.zone === zone).length,
    );

  it('get the same number of tasks, and lose them evenly', () => {
    const service = steady(7);
    expect(inZones(service)).toEqual([3, 2, 2]);
    service.scale(4);
    expect(inZones(service).sort()).toEqual([1, 1, 2]);
    service.scale(3);
    expect(inZones(service)).toEqual([1, 1, 1]);
  });

  it('that are lost take their tasks with them; others start elsewhere', () => {
    const service = steady(6);
    const lost = service.tasks().filter(({ zone }) => zone === 'a');
    service.do((now) => service.scheduler.loseZone('a', now));
    expect(service.log.filter((line) => line.startsWith('kill '))).toEqual(
      lost.map(({ id }) => `kill ${id}`),
    );
    expect(service.scheduler.get(lost[0]?.id ?? '')?.stop).toEqual({
      code: 'InfrastructureHealth',
      reason: 'The Availability Zone a is lost.',
    });
    service.pass(10_000);
    expect(inZones(service)).toEqual([0, 3, 3]);
  });

  it('that come back get tasks before the others lose theirs', () => {
    const service = steady(6);
    service.do((now) => service.scheduler.loseZone('a', now));
    service.pass(10_000);
    service.events.length = 0;
    let fewest = 6;
    service.onCommand = () => {
      fewest = Math.min(fewest, service.scheduler.counts().healthy);
    };
    service.do((now) => service.scheduler.restoreZone('a', now));
    const fresh = service.tasks().filter(({ zone }) => zone === 'a');
    service.pass(20_000);
    expect(inZones(service)).toEqual([2, 2, 2]);
    expect(fewest).toBe(6);
    expect(service.events.slice(0, 2)).toEqual([
      '(service api) is not AZ balanced with 0 tasks in a, 3 tasks in b, 3 tasks in c. AZ Rebalancing in progress.',
      `(service api) has started 2 tasks in a to AZ Rebalance: (task ${fresh[0]?.id}) (task ${fresh[1]?.id}).`,
    ]);
    expect(service.events.slice(-2)).toEqual([
      '(service api) is AZ balanced with 2 tasks in a, 2 tasks in b, 2 tasks in c.',
      '(service api) has reached a steady state.',
    ]);
    expect(service.events.some((event) => event.includes('in b due to AZ rebalancing'))).toBe(true);
  });

  it('are balanced only when all tasks are healthy', () => {
    const service = steady(6);
    service.do((now) => service.scheduler.loseZone('a', now));
    service.do((now) => service.scheduler.restoreZone('a', now));
    service.pass(1500);
    expect(service.events.some((event) => event.includes('AZ'))).toBe(false);
    service.pass(20_000);
    expect(inZones(service)).toEqual([2, 2, 2]);
  });

  it('that come back get nothing where the maximum leaves no room', () => {
    const service = steady(4, percent(50, 100), { zones: ['a', 'b'] });
    service.do((now) => service.scheduler.loseZone('a', now));
    service.pass(10_000);
    service.do((now) => service.scheduler.restoreZone('a', now));
    service.pass(60_000);
    expect(inZones(service)).toEqual([0, 4, 0]);
  });

  it('that are all lost leave nothing, until one is back', () => {
    const service = steady(2, {}, { zones: ['a', 'b'] });
    service.do((now) => service.scheduler.loseZone('a', now));
    service.do((now) => service.scheduler.loseZone('b', now));
    service.pass(10_000);
    expect(service.scheduler.counts()).toMatchObject({ pending: 0, running: 0, leaving: 0 });
    expect(service.events).toContain(
      '(service api) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.',
    );
    service.do((now) => service.scheduler.restoreZone('b', now));
    service.pass(10_000);
    expect(inZones(service)).toEqual([0, 2, 0]);
  });

  it('are balanced later when something else is wanted', () => {
    const service = steady(6);
    service.do((now) => service.scheduler.loseZone('a', now));
    service.pass(10_000);
    service.do((now) => service.scheduler.restoreZone('a', now));
    service.scale(5);
    expect(service.events).toContain('(service api) stopped AZ Rebalancing.');
    service.pass(60_000);
    expect(inZones(service).sort()).toEqual([1, 2, 2]);
  });
});

it('a task that somebody stops is replaced', () => {
  const service = steady(1);
  const id = idOf(service, 0);
  service.do((now) => service.scheduler.stopTask(id, 'Task stopped by user', now));
  expect(service.scheduler.counts()).toMatchObject({ pending: 1, leaving: 1 });
  service.pass(10_000);
  expect(service.scheduler.get(id)?.stop).toEqual({
    code: 'UserInitiated',
    reason: 'Task stopped by user',
  });
  expect(service.scheduler.counts()).toMatchObject({ healthy: 1, leaving: 0 });
});

it('a target that went away by itself is not waited for', () => {
  const service = steady(1);
  const id = idOf(service, 0);
  service.do((now) => service.scheduler.target(id, NOT_REGISTERED, now));
  service.log.length = 0;
  service.scale(0);
  expect(service.log).toEqual([`STOPPING ${id}`, `stop ${id}`]);
});

it('what is told of tasks that are gone changes nothing', () => {
  const service = steady(1);
  const { scheduler } = service;
  const { now } = service;
  const end = { exitCode: 0, reason: undefined };
  expect(
    [
      scheduler.activating('nobody', now),
      scheduler.running('nobody', now),
      scheduler.container('nobody', 'UNHEALTHY', now),
      scheduler.target('nobody', NOT_REGISTERED, now),
      scheduler.ended('nobody', end, now),
      scheduler.stopTask('nobody', 'why', now),
      scheduler.interruptSpot('nobody', now),
      scheduler.loseZone('nowhere', now),
      scheduler.restoreZone('nowhere', now),
      scheduler.alarms(new Set(), now),
      scheduler.tick(now),
    ].flat(),
  ).toEqual([]);
});

it('keeps the last hundred tasks that stopped', () => {
  const service = steady(1);
  for (let count = 0; count < 120; count += 1) {
    service.crash(idOf(service, 0));
    service.pass(5000);
  }
  expect(service.scheduler.stopped()).toHaveLength(100);
});
