// What the scheduler of a service decides, step by step with a virtual clock.

import { describe, expect, it } from 'vitest';
import { GROUP, VirtualService } from '../../../test/support/virtual-service.ts';

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
