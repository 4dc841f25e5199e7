// Queues whose answers are known. Each is run with several seeds; what is asserted is that the known
// answer lies within four standard errors of the runs' mean, errors that the runs themselves show.

import { describe, expect, it } from 'vitest';
import { constantDemand } from '../../../test/support/demand.ts';
import { always, eventProfile, fixedTasks } from '../../../test/support/sim.ts';
import type { Rng } from '../../base/ports.ts';
import { seededRng } from '../../base/rng.ts';
import { arrivalsOf } from './arrivals.ts';
import { exponential } from './chance.ts';
import type { EventResult } from './event-result.ts';
import { simulateEvents } from './simulate-events.ts';

const RUNS = 16;
const ERRORS = 4;

interface Queue {
  /** Requests a second, each of 100 ms on the average. */
  readonly rate: number;
  readonly seconds: number;
  readonly tasks: number;
  readonly slots: number;
  readonly overflow: boolean;
  readonly sizes?: (rng: Rng) => number;
}

function runs({ rate, seconds, tasks, slots, overflow, sizes = exponential }: Queue) {
  const lambda = { init: always(0), coldExtra: always(0) };
  const profile = eventProfile(lambda, { concurrency: slots }, { targetMs: 1e9 });
  const policy = fixedTasks(tasks, overflow);
  return Array.from({ length: RUNS }, (_, run) => {
    const chance = seededRng(run, 'arrivals');
    const arrivals = arrivalsOf(constantDemand(rate, seconds), chance, 'poisson');
    return simulateEvents({ arrivals, profile, policy, seed: run, sizes, doorTimeoutSeconds: 1e9 });
  });
}

/** `sharp`: the part of the answer that the error must be below, or the test shows nothing. */
function agrees(
  results: readonly EventResult[],
  of: (result: EventResult) => number,
  answer: number,
  sharp = 0.02,
) {
  const values = results.map(of);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  const error = Math.sqrt(variance / values.length);
  expect(error).toBeLessThan(sharp * answer);
  expect(Math.abs(mean - answer)).toBeLessThan(ERRORS * error);
}

/** Part of the requests that find all `slots` in use, at `load` Erlang, when none waits. */
function erlangB(slots: number, load: number): number {
  let blocked = 1;
  for (let count = 1; count <= slots; count += 1)
    blocked = (load * blocked) / (count + load * blocked);
  return blocked;
}

/** Part of the requests that wait, when they do. */
function erlangC(slots: number, load: number): number {
  const blocked = erlangB(slots, load);
  return blocked / (1 - (load / slots) * (1 - blocked));
}

const waitedPart = ({ tasks, requests }: EventResult) => tasks.waited / requests;
const meanWait = ({ tasks, requests }: EventResult) => tasks.waitedSeconds / requests;
const overflowPart = ({ lambda, requests }: EventResult) => lambda.requests / requests;

/** A tenth of the requests is nine times as large as the others are on the average; mean 1. */
const heavy = (rng: Rng) => exponential(rng) * (rng.next() < 0.1 ? 5 : 5 / 9);

describe('a fleet in which requests wait (M/M/c)', () => {
  it.each([
    { tasks: 1, slots: 1, rate: 6 },
    { tasks: 1, slots: 5, rate: 40 },
    { tasks: 5, slots: 1, rate: 40 },
    { tasks: 4, slots: 5, rate: 170 },
  ])('makes as many wait as Erlang says, for as long: %o', ({ tasks, slots, rate }) => {
    const all = runs({ rate, seconds: Math.ceil(240_000 / rate), tasks, slots, overflow: false });
    const load = rate * 0.1;
    const waits = erlangC(tasks * slots, load);
    agrees(all, waitedPart, waits);
    agrees(all, meanWait, (waits * 0.1) / (tasks * slots - load), 0.05);
    // Little: in flight at tasks is the load, whatever waits.
    agrees(all, (result) => result.tasks.meanInFlight, load);
  });

  it('waits half as long when all requests are equal (M/D/1, Pollaczek and Khinchine)', () => {
    const all = runs({
      rate: 6,
      seconds: 40_000,
      tasks: 1,
      slots: 1,
      overflow: false,
      sizes: () => 1,
    });
    agrees(all, meanWait, (0.6 * 0.1) / (2 * (1 - 0.6)));
  });
});

describe('a fleet that Lambda helps (M/G/c/c)', () => {
  it.each([
    ['exponential', exponential],
    ['equal', () => 1],
    ['heavy', heavy],
  ] as const)('sends on what Erlang B says, whatever the sizes: %s', (_name, sizes) => {
    const all = runs({ rate: 80, seconds: 3000, tasks: 2, slots: 5, overflow: true, sizes });
    agrees(all, overflowPart, erlangB(10, 8));
    agrees(all, (result) => result.tasks.meanInFlight, 8 * (1 - erlangB(10, 8)));
  });
});

describe('Lambda alone (M/G/∞)', () => {
  it.each([
    ['exponential', exponential],
    ['heavy', heavy],
  ] as const)('has a number of busy environments that is Poisson: %s', (_name, sizes) => {
    const all = runs({ rate: 120, seconds: 2500, tasks: 0, slots: 1, overflow: true, sizes });
    agrees(all, (result) => result.environments.meanBusy, 12);
    let part = Math.exp(-12);
    for (let busy = 1; busy <= 20; busy += 1) {
      part *= 12 / busy;
      if (busy >= 6) {
        agrees(
          all,
          (result) => (result.environments.busySeconds[busy] ?? 0) / result.seconds,
          part,
          0.06,
        );
      }
    }
  });
});
