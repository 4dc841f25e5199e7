import { describe, expect, it } from 'vitest';
import type { App, Service } from '../../model/app.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import { ServiceLearning } from './service-learning.ts';

const MEASURES = { durationMs: undefined, lambdaMs: undefined, fargateMs: undefined };

function learning(): ServiceLearning {
  const app = { cost: { requests: MEASURES, programs: {} } } as unknown as App;
  const service = { latencyMs: 1000 } as Service;
  const settings = { concurrency: 4 } as FargateSettings;
  const prices = { taskUsdPerSecond: 3e-6, lambdaUsd: (ms: number) => ms * 1e-8 + 2e-7 };
  return new ServiceLearning({ app, name: 'api', service, settings, prices }, 0);
}

const onTask = (durationMs: number) =>
  ({ compute: 'fargate', durationMs, cold: false, billedMs: undefined }) as const;
const onLambda = (billedMs: number, cold = false) =>
  ({ compute: 'lambda', durationMs: billedMs + 5, cold, billedMs }) as const;

describe('what is learned of a service', () => {
  it('begins with what is assumed, then takes what Lambda shows, then what tasks show', () => {
    const learned = learning();
    expect(learned.taskMs).toBe(100);
    expect(learned.lambdaUsd).toBeCloseTo(1.2e-6, 12);
    learned.came(1, 0);
    learned.toLambda(1).served(onLambda(900, true), 1);
    expect(learned.taskMs).toBe(100);
    learned.toLambda(1).served(onLambda(40), 2);
    expect(learned.taskMs).toBe(40);
    expect(learned.lambdaUsd).toBeCloseTo(6e-7, 12);
    learned.toTask(1, 1, false, 3).served(onTask(70), 3);
    expect(learned.taskMs).toBe(70);
    expect(learned.lambdaUsd).toBeCloseTo(6e-7, 12);
  });

  it('ranks routes by what a second of a slot saves, once slots are scarce', () => {
    const learned = learning();
    for (let second = 1; second <= 60; second += 1) {
      for (const route of [10, 20]) {
        for (let count = 0; count < 20; count += 1) learned.came(route, second);
        learned.toTask(route, 1, false, second).served(onTask(100), second);
        learned.toLambda(route).served(onLambda(route === 10 ? 50 : 100), second);
      }
      learned.tick(1, second * 1000);
    }
    expect(learned.routes.map(({ rank }) => [rank.place, rank.reserve])).toEqual([
      [2, 2],
      [1, 0],
    ]);
    expect(learned.view(10, 0)).toMatchObject({ place: 2, reserve: 2, takes: 4 });
    learned.tick(3, 61_000);
    expect(learned.view(10, 0).reserve).toBe(0);
  });

  it('counts what goes to tasks against what its policy offers', () => {
    const learned = learning();
    learned.offer({ policy: 'libra', overflow: true, requests: 2 });
    expect(learned.view(1, 0).offered).toBe(2);
    learned.toTask(1, 1, false, 0);
    learned.toLambda(1);
    expect(learned.view(1, 0)).toMatchObject({ offered: 1, policy: 'libra' });
    expect(learned.toTasks).toBe(1);
  });

  it('counts what a task is too slow for, while there is none too', () => {
    const learned = learning();
    learned.toTask(1, 1, true, 0).served(onTask(1500), 1500);
    for (let count = 0; count < 8; count += 1) learned.toLambda(1).served(onLambda(300), 2000);
    learned.came(1, 3000);
    learned.came(2, 3000);
    expect(learned.tooSlow).toBe(1);
    learned.offer({ policy: 'level-counter', overflow: true, requests: 10 });
    expect(learned.tooSlow).toBe(0);
    learned.came(1, 61_000);
    expect(learned.tooSlow).toBe(1);
    learned.came(1, 62_000);
    expect(learned.tooSlow).toBe(1);
  });

  it('lets the next probe in when one has failed', () => {
    const learned = learning();
    const first = learned.toTask(1, 1, true, 0);
    expect(learned.view(1, 0).onTask.probing).toBe(1);
    first.failed();
    expect(learned.view(1, 0).onTask).toMatchObject({ probing: 0, probes: 1 });
  });
});
