// Rolling deployments step by step: their stages, what ends them, what they go back to.

import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../../test/support/fargate-settings.ts';
import {
  type Program,
  VirtualService,
  type VirtualSettings,
  WORKS,
} from '../../../test/support/virtual-service.ts';
import type { FargateSettings } from '../../model/fargate.ts';

const DEPLOYMENT = fargateSettings().deployment;

const percent = (min: number, max: number): Partial<FargateSettings> => ({
  deployment: { ...DEPLOYMENT, minimumHealthyPercent: min, maximumPercent: max },
});

const broken = (fate: Program['fate']): Program => ({ startMs: 1000, fate, afterMs: 1000 });

/** A service of `desired` tasks of revision 1 in a steady state. */
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

/** Old and new tasks that run or are starting, whenever that changes: "2+0 2+2 1+2". */
function stages(service: VirtualService, ms: number): string {
  const seen: string[] = [];
  const look = () => {
    const [fresh, ...old] = service.scheduler.deployments();
    const live = (one = fresh) => (one === undefined ? 0 : one.running + one.pending);
    const stage = `${old.reduce((sum, one) => sum + live(one), 0)}+${live()}`;
    if (seen.at(-1) !== stage) seen.push(stage);
  };
  look();
  for (let passed = 0; passed < ms; passed += 100) {
    service.pass(100);
    look();
  }
  return seen.join(' ');
}

const rollouts = (service: VirtualService) =>
  service.scheduler
    .deployments()
    .map(({ revision, status, rollout }) => `${revision} ${status} ${rollout}`);

const without = (events: readonly string[]) =>
  events.filter((event) => !/targets in|draining connections/.test(event));

describe('a rolling deployment', () => {
  it('of 2 tasks with 100/200 starts both, then stops an old one for each healthy one', () => {
    const service = steady(2);
    service.deploy(2);
    expect(stages(service, 20_000)).toBe('2+2 0+2');
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('of 2 tasks that get healthy one after the other', () => {
    const service = steady(2);
    let count = 0;
    service.onCommand = (command) => {
      if (command.type !== 'start') return;
      count += 1;
      service.programs.set(2, { ...WORKS, startMs: count * 1000 });
    };
    service.deploy(2);
    expect(stages(service, 20_000)).toBe('2+2 1+2 0+2');
  });

  it('of 4 tasks with 50/100 stops two, starts two, and again', () => {
    const service = steady(4, percent(50, 100));
    service.deploy(2, percent(50, 100));
    expect(stages(service, 20_000)).toBe('2+2 0+4');
  });

  it('of 3 tasks with 100/150 replaces one at a time', () => {
    const service = steady(3, percent(100, 150));
    service.deploy(2, percent(100, 150));
    expect(stages(service, 30_000)).toBe('3+1 2+2 1+3 0+3');
  });

  it('of 1 task with 100/100 cannot go on, and says so once', () => {
    const service = steady(1, percent(100, 100));
    service.deploy(2, percent(100, 100));
    expect(stages(service, 600_000)).toBe('1+0');
    expect(service.events).toEqual([
      '(service api) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
    ]);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS', '1 ACTIVE COMPLETED']);
  });

  it('of 1 task with 0/100 stops it first', () => {
    const service = steady(1, percent(0, 100));
    service.deploy(2, percent(0, 100));
    expect(stages(service, 20_000)).toBe('0+1');
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('says what it does in the order of ECS', () => {
    const service = steady(1);
    const old = service.tasks()[0]?.id;
    service.deploy(2);
    service.pass(20_000);
    const [primary] = service.scheduler.deployments();
    expect(without(service.events)).toEqual([
      `(service api) has started 1 tasks: (task ${service.tasks()[0]?.id}).`,
      `(service api) has stopped 1 running tasks: (task ${old}).`,
      `(service api) (deployment ${primary?.id}) deployment completed.`,
      '(service api) has reached a steady state.',
    ]);
    expect(primary?.rolloutReason).toBe(`ECS deployment ${primary?.id} completed.`);
  });

  it('completes when the last old task has stopped, not when it drains', () => {
    const service = steady(1, {}, { drainMs: 30_000 });
    service.deploy(2);
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS', '1 ACTIVE COMPLETED']);
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('gives way to the next one: what has come least far stops first', () => {
    const service = steady(2);
    service.deploy(2, {}, { ...WORKS, startMs: 60_000 });
    service.pass(2000);
    service.deploy(3);
    const revisions = service.tasks().map(({ revision, status }) => `${revision} ${status}`);
    expect(revisions).toEqual([
      '1 RUNNING',
      '1 RUNNING',
      '2 STOPPING',
      '2 STOPPING',
      '3 ACTIVATING',
      '3 ACTIVATING',
    ]);
    expect(rollouts(service)).toEqual([
      '3 PRIMARY IN_PROGRESS',
      '2 ACTIVE IN_PROGRESS',
      '1 ACTIVE COMPLETED',
    ]);
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['3 PRIMARY COMPLETED']);
  });

  it('follows what is desired meanwhile', () => {
    const service = steady(2);
    service.deploy(2, {}, { ...WORKS, startMs: 5000 });
    service.scale(4);
    expect(service.scheduler.counts()).toMatchObject({ pending: 4, running: 2 });
    service.scale(1);
    expect(service.scheduler.counts()).toMatchObject({ pending: 1, running: 1 });
    service.pass(20_000);
    expect(service.scheduler.counts()).toMatchObject({ desired: 1, running: 1, healthy: 1 });
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('of nothing completes at once', () => {
    const service = new VirtualService();
    service.deploy(1);
    expect(rollouts(service)).toEqual(['1 PRIMARY COMPLETED']);
  });
});

describe('the circuit breaker', () => {
  it.each(['does not start', 'is never healthy', 'crashes'] as const)(
    'goes back when the program %s',
    (fate) => {
      const service = steady(2);
      const kept = service.tasks().map(({ id }) => id);
      const completed = service.scheduler.deployments()[0]?.id;
      service.deploy(2, {}, broken(fate));
      const failed = service.scheduler.deployments()[0]?.id;
      service.pass(120_000);
      expect(rollouts(service)).toEqual(['1 PRIMARY COMPLETED']);
      expect(service.tasks().map(({ id }) => id)).toEqual(kept);
      expect(service.events).toContain(
        `(service api) (deployment ${failed}) deployment failed: tasks failed to start.`,
      );
      expect(service.events).toContain(`(service api) rolling back to deployment ${completed}.`);
      expect(service.log.filter((line) => line.startsWith('rollout'))).toEqual([
        'rollout IN_PROGRESS',
        'rollout FAILED',
        'rollout IN_PROGRESS',
        'rollout COMPLETED',
      ]);
    },
  );

  it('counts three failures with one task, one at a time', () => {
    const service = steady(1);
    service.deploy(2, {}, broken('does not start'));
    const failures: number[] = [];
    service.onCommand = (command) => {
      if (command.type === 'rollout') failures.push(command.deployment.failed);
    };
    service.pass(60_000);
    expect(failures).toEqual([3, 0, 0]);
  });

  it('says why and goes on to nothing when there is nothing to go back to', () => {
    const service = new VirtualService();
    service.scale(3);
    service.deploy(1, {}, broken('does not start'));
    service.pass(600_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY FAILED']);
    expect(service.scheduler.deployments()[0]?.rolloutReason).toBe(
      'ECS deployment circuit breaker: tasks failed to start.',
    );
    expect(service.log.filter((line) => line.startsWith('start '))).toHaveLength(3);
    expect(service.tasks()).toEqual([]);
    service.deploy(2);
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('takes back what still waits for a token', () => {
    let tokens = 5;
    const launches = { take: () => tokens-- > 0 };
    const service = new VirtualService({ launches });
    service.scale(10);
    service.deploy(1, {}, broken('does not start'));
    expect(service.tasks('PROVISIONING')).toHaveLength(5);
    service.pass(60_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY FAILED']);
    expect(service.tasks()).toEqual([]);
    expect(service.log.filter((line) => line.startsWith('stop '))).toEqual([]);
  });

  it('stalls without rollback: nothing more starts, the old tasks stay', () => {
    const off = { ...DEPLOYMENT.circuitBreaker, rollback: false };
    const over = { deployment: { ...DEPLOYMENT, circuitBreaker: off } } as FargateSettings;
    const service = steady(2);
    service.deploy(2, over, broken('is never healthy'));
    service.pass(600_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY FAILED', '1 ACTIVE COMPLETED']);
    const starts = service.log.filter((line) => line.startsWith('start ')).length;
    const [kept] = service.tasks();
    service.crash(kept?.id ?? '');
    service.pass(60_000);
    expect(service.log.filter((line) => line.startsWith('start '))).toHaveLength(starts);
    expect(service.scheduler.counts()).toMatchObject({ desired: 2, running: 1 });
  });

  it('that is off never fails a deployment', () => {
    const service = steady(1);
    const over = { deployment: { ...DEPLOYMENT, circuitBreaker: undefined } };
    service.deploy(2, over, broken('is never healthy'));
    service.pass(600_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS', '1 ACTIVE COMPLETED']);
    expect(service.scheduler.deployments()[0]?.failed).toBeGreaterThan(50);
    expect(service.scheduler.counts().healthy).toBe(1);
  });

  it('does not count crashes if it is assumed not to', () => {
    const service = steady(1, {}, { crashFailsDeployment: false });
    service.deploy(2, {}, broken('crashes'));
    service.pass(600_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS', '1 ACTIVE COMPLETED']);
    expect(service.scheduler.deployments()[0]?.failed).toBe(0);
  });

  it('does not count failures to start once a task has run', () => {
    const service = steady(2, percent(50, 100));
    service.deploy(2, percent(50, 100), WORKS);
    service.pass(1000);
    service.programs.set(2, broken('does not start'));
    service.pass(60_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS']);
    expect(service.scheduler.deployments()[0]?.failed).toBe(0);
  });

  it('forgets failures when a task gets healthy, if it is told to', () => {
    for (const resetOnHealthyTask of [true, false]) {
      const service = steady(1);
      const circuitBreaker = {
        rollback: true,
        resetOnHealthyTask,
        threshold: { type: 'count', value: 5 } as const,
      };
      service.deploy(2, { deployment: { ...DEPLOYMENT, circuitBreaker } }, broken('crashes'));
      service.pass(4000);
      expect(service.scheduler.deployments()[0]?.failed).toBeGreaterThan(0);
      service.programs.set(2, WORKS);
      let failed = -1;
      service.onCommand = (command) => {
        if (command.type === 'rollout') failed = command.deployment.failed;
      };
      service.pass(60_000);
      expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
      expect(failed === 0).toBe(resetOnHealthyTask);
    }
  });

  it('stops at a rollback that fails too', () => {
    const service = steady(2);
    service.deploy(2, {}, broken('crashes'));
    service.pass(1500);
    // What it could go back to is gone, and does not work any more.
    service.programs.set(1, broken('crashes'));
    for (const { id, revision } of service.tasks()) if (revision === 1) service.crash(id);
    service.pass(600_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY FAILED']);
    expect(service.scheduler.counts()).toMatchObject({ running: 0, pending: 0 });
  });
});

describe('alarms of a deployment', () => {
  const watched = (rollback: boolean): Partial<FargateSettings> => ({
    deployment: { ...DEPLOYMENT, alarms: { names: ['errors', 'slow'], rollback } },
  });
  const alarm = (service: VirtualService, ...names: string[]) =>
    service.do((now) => service.scheduler.alarms(new Set(names), now));

  it('fail it and take it back', () => {
    const service = steady(2, watched(true));
    service.deploy(2, watched(true), { ...WORKS, startMs: 30_000 });
    const failed = service.scheduler.deployments()[0]?.id;
    service.pass(5000);
    alarm(service, 'slow');
    expect(service.events).toContain(
      `(service api) (deployment ${failed}) deployment failed: alarm detected.`,
    );
    service.pass(30_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY COMPLETED']);
  });

  it('fail it and leave it if that is wanted', () => {
    const service = steady(2);
    service.deploy(2, watched(false), { ...WORKS, startMs: 30_000 });
    alarm(service, 'errors');
    service.pass(60_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY FAILED', '1 ACTIVE COMPLETED']);
  });

  it('that were there when it began are ignored to its end', () => {
    const service = steady(2);
    alarm(service, 'errors');
    service.deploy(2, watched(true), { ...WORKS, startMs: 30_000 });
    alarm(service);
    alarm(service, 'errors');
    service.pass(60_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('of somebody else do not matter', () => {
    const service = steady(2);
    service.deploy(2, watched(true));
    alarm(service, 'other');
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });

  it('are watched for the bake time after all is done', () => {
    const service = steady(2, {}, { alarmBakeMs: 300_000 });
    service.deploy(2, watched(true));
    service.pass(200_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS']);
    alarm(service, 'errors');
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY COMPLETED']);
  });

  it('are watched for the bake time of their own revision, also when it is gone back to', () => {
    const service = steady(2, watched(true), { alarmBakeMs: 30_000 });
    service.alarmBakeMs = 600_000;
    service.deploy(2, watched(true));
    service.pass(300_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY IN_PROGRESS']);
    alarm(service, 'errors');
    alarm(service);
    const all = () => service.tasks().every(({ revision }) => revision === 1);
    while (!all()) service.pass(1000);
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY IN_PROGRESS']);
    service.pass(15_000);
    expect(rollouts(service)).toEqual(['1 PRIMARY COMPLETED']);
  });

  it('do not take a deployment back that has completed', () => {
    const service = steady(2, {}, { alarmBakeMs: 60_000 });
    service.deploy(2, watched(true));
    service.pass(120_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
    alarm(service, 'errors');
    service.pass(20_000);
    expect(rollouts(service)).toEqual(['2 PRIMARY COMPLETED']);
  });
});
