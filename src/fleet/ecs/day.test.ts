// A day of virtual time in which everything goes wrong again and again. The invariants of
// `service-scheduler.ts` hold throughout, every target is healthy or says why, and whenever the faults stop the service is whole again.

import { expect, it } from 'vitest';
import { fargateSettings } from '../../../test/support/fargate-settings.ts';
import { ServiceOnlooker } from '../../../test/support/service-onlooker.ts';
import { type Program, VirtualService } from '../../../test/support/virtual-service.ts';
import type { Rng } from '../../base/ports.ts';
import { seededRng } from '../../base/rng.ts';
import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND } from '../../base/units.ts';
import type { DeploymentSettings } from '../../model/fargate.ts';

const ZONES = ['a', 'b', 'c'] as const;

const BROKEN: readonly Program['fate'][] = [
  'does not start',
  'crashes',
  'is never healthy',
  'flaps',
  'hangs in activating',
];

const PERCENTS: readonly (readonly [min: number, max: number])[] = [
  [100, 200],
  [50, 100],
  [100, 150],
  [75, 125],
];

class Day {
  readonly service: VirtualService;
  readonly onlooker: ServiceOnlooker;
  /** How often each kind of fault happened. */
  readonly faults = new Map<string, number>();
  readonly #rng: Rng;
  #revision = 0;

  constructor(seed: number) {
    this.service = new VirtualService({
      seed,
      alarmBakeMs: MS_PER_MINUTE,
      drainMs: 20_000,
      check: { intervalMs: 10_000, healthyAfter: 2, unhealthyAfter: 2 },
    });
    this.onlooker = new ServiceOnlooker(this.service);
    this.#rng = seededRng(seed, 'day');
  }

  live(): void {
    this.service.scale(4);
    this.#deploy('works', [100, 200]);
    const end = this.service.now + 24 * MS_PER_HOUR;
    while (this.service.now < end) {
      const calmAt = this.service.now + 100 * MS_PER_MINUTE;
      while (this.service.now < calmAt) {
        this.service.pass(this.#between(5, 120) * MS_PER_SECOND);
        this.#fault();
      }
      this.#calm();
    }
    this.onlooker.atTheEnd();
  }

  #calm(): void {
    for (const zone of ZONES) this.#restore(zone);
    this.service.do((now) => this.service.scheduler.alarms(new Set(), now));
    this.#deploy('works', [100, 200]);
    this.service.pass(20 * MS_PER_MINUTE);
    const { desired, ...counts } = this.service.scheduler.counts();
    expect(counts).toEqual({ pending: 0, running: desired, healthy: desired, leaving: 0 });
    expect(this.service.scheduler.deployments()).toMatchObject([{ rollout: 'COMPLETED' }]);
    expect(this.service.events.at(-1)).toBe('(service api) has reached a steady state.');
    const zones = ZONES.map(
      (one) => this.service.tasks().filter(({ zone }) => zone === one).length,
    );
    expect(Math.max(...zones) - Math.min(...zones)).toBeLessThanOrEqual(1);
  }

  #fault(): void {
    const kinds: readonly (readonly [name: string, weight: number, run: () => void])[] = [
      ['crash', 6, () => this.service.crash(this.#someId())],
      ['sick', 4, () => this.service.sick(this.#someId())],
      ['well', 2, () => this.service.well(this.#someId())],
      ['stop', 1, () => this.#call('stopTask')],
      ['interrupt', 3, () => this.#call('interruptSpot')],
      ['interrupt all', 1, () => this.#call('interruptAll')],
      ['lose zone', 1, () => this.#lose(this.#pick(ZONES))],
      ['restore zone', 3, () => this.#restore(this.#pick(ZONES))],
      ['scale', 3, () => this.service.scale(this.#between(0, 16))],
      ['good', 2, () => this.#deploy('works', this.#pick(PERCENTS))],
      ['broken', 2, () => this.#deploy(this.#pick(BROKEN), this.#pick(PERCENTS))],
      ['alarm', 1, () => this.#call('alarm')],
      ['no alarm', 1, () => this.#call('noAlarm')],
    ];
    let left = this.#rng.next() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight, run] of kinds) {
      left -= weight;
      if (left >= 0) continue;
      this.faults.set(name, (this.faults.get(name) ?? 0) + 1);
      run();
      return;
    }
  }

  #call(what: 'stopTask' | 'interruptSpot' | 'interruptAll' | 'alarm' | 'noAlarm'): void {
    const { scheduler } = this.service;
    this.service.do((now) => {
      switch (what) {
        case 'stopTask':
          return scheduler.stopTask(this.#someId(), 'by hand', now);
        case 'interruptSpot':
          return scheduler.interruptSpot(this.#someId(), now);
        case 'interruptAll':
          return scheduler.interruptSpot(undefined, now);
        default:
          return scheduler.alarms(new Set(what === 'alarm' ? ['errors'] : []), now);
      }
    });
  }

  #lose(zone: string): void {
    this.onlooker.lostZones.add(zone);
    this.service.do((now) => this.service.scheduler.loseZone(zone, now));
  }

  #restore(zone: string): void {
    this.onlooker.lostZones.delete(zone);
    this.service.do((now) => this.service.scheduler.restoreZone(zone, now));
  }

  #deploy(fate: Program['fate'], [min, max]: readonly [number, number]): void {
    this.#revision += 1;
    const deployment: DeploymentSettings = {
      ...fargateSettings().deployment,
      minimumHealthyPercent: min,
      maximumPercent: max,
      alarms: { names: ['errors'], rollback: true },
    };
    this.onlooker.deployed(this.#revision, deployment);
    const startMs = this.#between(500, 40_000);
    const program = { fate, startMs, afterMs: this.#between(1000, 15_000) };
    this.service.deploy(this.#revision, { deployment, spotShare: 0.5 }, program);
  }

  #someId(): string {
    const running = this.service.tasks('RUNNING');
    return running[Math.floor(this.#rng.next() * running.length)]?.id ?? 'nobody';
  }

  #pick<of>(list: readonly of[]): of {
    return list[Math.floor(this.#rng.next() * list.length)] as of;
  }

  #between(min: number, max: number): number {
    return min + Math.floor(this.#rng.next() * (max - min + 1));
  }
}

it.each([1, 2, 3])('a day of faults, seed %i', (seed) => {
  const day = new Day(seed);
  day.live();
  expect(day.faults.size).toBe(13);
  expect(day.onlooker.starts).toBeGreaterThan(2000);
  const states = [...day.onlooker.states].sort();
  expect(states).toEqual(['draining', 'healthy', 'initial', 'unhealthy']);
});
