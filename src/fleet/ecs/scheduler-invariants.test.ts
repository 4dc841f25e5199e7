// The numbered invariants of `service-scheduler.ts`, on any course of calls.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fargateSettings } from '../../../test/support/fargate-settings.ts';
import { ServiceOnlooker } from '../../../test/support/service-onlooker.ts';
import { type Program, VirtualService, WORKS } from '../../../test/support/virtual-service.ts';
import type { FargateSettings } from '../../model/fargate.ts';

const ZONES = ['a', 'b', 'c'] as const;

const calls = {
  scale: fc.record({ kind: fc.constant('scale' as const), desired: fc.nat(12) }),
  deploy: fc.record({
    kind: fc.constant('deploy' as const),
    min: fc.constantFrom(0, 50, 75, 100),
    max: fc.constantFrom(100, 125, 150, 200),
    breaker: fc.constantFrom('off', 'stays', 'goes back'),
    spotShare: fc.constantFrom(0, 0.5, 1),
    graceMs: fc.constantFrom(0, 5000),
    alarms: fc.boolean(),
    program: fc.record({
      startMs: fc.nat(4000),
      afterMs: fc.nat(4000),
      fate: fc.constantFrom<Program['fate']>(
        'works',
        'works',
        'works',
        'does not start',
        'crashes',
        'is never healthy',
        'flaps',
        'hangs in activating',
      ),
    }),
  }),
  pass: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }),
  task: fc.record({
    kind: fc.constantFrom('crash', 'sick', 'well', 'stop', 'interrupt'),
    pick: fc.nat(),
  }),
  zone: fc.record({
    kind: fc.constantFrom('lose', 'restore'),
    zone: fc.constantFrom(...ZONES),
  }),
  alarm: fc.record({ kind: fc.constant('alarm' as const), on: fc.boolean() }),
  spots: fc.record({ kind: fc.constant('all spots' as const) }),
};

const call = fc.oneof(
  { weight: 6, arbitrary: calls.pass },
  { weight: 3, arbitrary: calls.task },
  { weight: 2, arbitrary: calls.scale },
  { weight: 2, arbitrary: calls.deploy },
  { weight: 1, arbitrary: calls.zone },
  { weight: 1, arbitrary: calls.alarm },
  { weight: 1, arbitrary: calls.spots },
);

type Call = typeof call extends fc.Arbitrary<infer one> ? one : never;
type Deploy = Extract<Call, { kind: 'deploy' }>;

function settingsOf(one: Omit<Deploy, 'kind' | 'program'>): FargateSettings {
  const { circuitBreaker } = fargateSettings().deployment;
  return fargateSettings({
    spotShare: one.spotShare,
    graceMs: one.graceMs,
    deployment: {
      minimumHealthyPercent: one.min,
      maximumPercent: one.max,
      circuitBreaker:
        one.breaker === 'off' || circuitBreaker === undefined
          ? undefined
          : { ...circuitBreaker, rollback: one.breaker === 'goes back' },
      alarms: one.alarms ? { names: ['errors'], rollback: true } : undefined,
    },
  });
}

class Play {
  readonly service = new VirtualService({ alarmBakeMs: 3000 });
  readonly onlooker = new ServiceOnlooker(this.service);
  #revision = 0;

  all(course: readonly Call[]): this {
    for (const one of course) this.#play(one);
    return this;
  }

  /** All faults are over and a program that works is deployed. */
  repair(): void {
    for (const zone of ZONES) this.#play({ kind: 'restore', zone });
    this.#play({ kind: 'alarm', on: false });
    this.#play({
      kind: 'deploy',
      min: 100,
      max: 200,
      breaker: 'goes back',
      spotShare: 0.5,
      graceMs: 0,
      alarms: true,
      program: WORKS,
    });
    this.service.pass(120_000);
  }

  #play(one: Call): void {
    const { service, onlooker } = this;
    const { scheduler } = service;
    switch (one.kind) {
      case 'pass':
        service.pass(one.ms);
        break;
      case 'scale':
        service.scale(one.desired);
        break;
      case 'deploy':
        this.#deploy(one);
        break;
      case 'lose':
        onlooker.lostZones.add(one.zone);
        service.do((now) => scheduler.loseZone(one.zone, now));
        break;
      case 'restore':
        onlooker.lostZones.delete(one.zone);
        service.do((now) => scheduler.restoreZone(one.zone, now));
        break;
      case 'alarm':
        service.do((now) => scheduler.alarms(new Set(one.on ? ['errors'] : []), now));
        break;
      case 'all spots':
        service.do((now) => scheduler.interruptSpot(undefined, now));
        break;
      default:
        this.#fault(one);
    }
  }

  #deploy(one: Deploy): void {
    this.#revision += 1;
    const settings = settingsOf(one);
    this.onlooker.deployed(this.#revision, settings.deployment);
    this.service.deploy(this.#revision, settings, one.program);
  }

  #fault({ kind, pick }: Extract<Call, { pick: number }>): void {
    const { service } = this;
    const running = service.tasks('RUNNING');
    const id = running[pick % Math.max(1, running.length)]?.id ?? 'nobody';
    if (kind === 'crash') service.crash(id);
    else if (kind === 'sick') service.sick(id);
    else if (kind === 'well') service.well(id);
    else if (kind === 'stop') service.do((now) => service.scheduler.stopTask(id, 'by hand', now));
    else service.do((now) => service.scheduler.interruptSpot(id, now));
  }
}

const course = fc.array(call, { maxLength: 40, size: 'max' });

describe('any course of calls', () => {
  it('keeps the invariants, and ends well once the faults are over', () => {
    fc.assert(
      fc.property(course, (one) => {
        const play = new Play().all(one);
        play.repair();
        play.onlooker.atTheEnd();
        const { desired, ...counts } = play.service.scheduler.counts();
        expect(counts).toEqual({ pending: 0, running: desired, healthy: desired, leaving: 0 });
        expect(play.service.scheduler.deployments()).toMatchObject([{ rollout: 'COMPLETED' }]);
        const zones = ZONES.map(
          (zone) => play.service.tasks().filter((task) => task.zone === zone).length,
        );
        expect(Math.max(...zones) - Math.min(...zones)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200, endOnFailure: true },
    );
  });

  it('S6: gives the same commands for the same calls and chance', () => {
    fc.assert(
      fc.property(course, (one) => {
        const first = new Play().all(one).service;
        const second = new Play().all(one).service;
        expect(second.log).toEqual(first.log);
        expect(second.events).toEqual(first.events);
      }),
      { numRuns: 50 },
    );
  });
});
