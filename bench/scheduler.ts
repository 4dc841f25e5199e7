// What a tick of the service scheduler costs when there are many tasks: while nothing happens, and
// while all of them are replaced. Time is virtual; only the calls are measured.

import type { SchedulerCommand } from '../src/fleet/ecs/scheduler.ts';
import { VirtualService } from '../test/support/virtual-service.ts';
import { type Row, report, spreadOf } from './support.ts';

const TASKS = 1000;
const TICKS = 1000;
const DEPLOYMENTS = 5;
const GOAL_MS = 5;

const SECOND_MS = 1000;

/** More virtual time than any of this may take. */
const PATIENCE_S = 3600;

class TimedService extends VirtualService {
  ticks: number[] = [];
  calls: number[] = [];
  #ticking = false;

  override do(call: (now: number) => readonly SchedulerCommand[]): void {
    // What a tick leads to is told in calls of their own.
    const into = this.#ticking ? this.ticks : this.calls;
    this.#ticking = false;
    super.do((now) => {
      const began = performance.now();
      const commands = call(now);
      into.push(performance.now() - began);
      return commands;
    });
  }

  /** A second passes, with one tick at its end. */
  second(): void {
    this.pass(SECOND_MS - 1);
    this.now += 1;
    this.#ticking = true;
    this.do((now) => this.scheduler.tick(now));
  }

  until(done: () => boolean): void {
    for (let seconds = 0; !done(); seconds += 1) {
      if (seconds === PATIENCE_S) throw new Error(this.events.slice(-5).join('\n'));
      this.second();
    }
  }

  forget(): void {
    this.ticks = [];
    this.calls = [];
  }
}

export async function schedulerBench(tasks = TASKS): Promise<void> {
  const service = new TimedService();
  const healthyOf = (revision: number) =>
    service
      .tasks('RUNNING')
      .filter((task) => task.revision === revision && task.target?.state === 'healthy').length;
  service.scale(tasks);
  service.deploy(1);
  service.until(() => healthyOf(1) === tasks);
  service.until(() => service.scheduler.deployments()[0]?.rollout === 'COMPLETED');
  service.forget();
  for (let tick = 0; tick < TICKS; tick += 1) service.second();
  const steady = row('tick, nothing happens', service.ticks);
  service.forget();
  for (let revision = 2; revision < 2 + DEPLOYMENTS; revision += 1) {
    service.deploy(revision);
    service.until(() => healthyOf(revision) === tasks && service.tasks().length === tasks);
  }
  report(`Service scheduler, ${tasks} tasks`, [
    steady,
    row('tick while all of them are replaced', service.ticks),
    row('any other call meanwhile', service.calls),
  ]);
}

function row(what: string, times: readonly number[]): Row {
  const { middle, high } = spreadOf(times);
  const p99 = [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
  return {
    what,
    value: `p50 ${middle.toFixed(3)} ms   p99 ${p99.toFixed(3)} ms   longest ${high.toFixed(2)} ms of ${times.length}`,
    goal: { text: `p99 ≤ ${GOAL_MS} ms`, met: p99 <= GOAL_MS },
  };
}
