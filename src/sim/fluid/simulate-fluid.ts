// Runs a policy over demand as a fluid: requests are amounts, a second at a time. What each request
// goes through is the other fidelity; this one is for years of traffic.
//
// F1. What is decided at the end of a second rests on what came until then, and acts from then on.
// F2. Tasks are offered what comes, up to what the policy says; the rest goes to Lambda. What they are
//     offered beyond what they carry goes there too or, when the policy has no overflow, waits.
// F3. A second in which nothing is known is no time: nothing comes, is billed or decided.
// F4. The same demand, however it is cut into chunks, and the same seed give the same result, bit for
//     bit. Chance: one stream for the time that starts take, one for environments, one for the policy.
//
// The tasks that a policy wants after a second without requests are there at the beginning: a fleet
// that never changes has run before. Their start is paid, but for `minTasks` of them.

import { seededRng } from '../../base/rng.ts';
import type { Foresight, PlacementPolicy, PlacementSeen } from '../../scaling/placement.ts';
import type { Demand } from '../demand.ts';
import { meanMs, type SimProfile, termsOf } from '../profile.ts';
import type { PolicyResult, SeriesPoint, SimProgress } from '../result.ts';
import { Backlog } from './backlog.ts';
import { type Came, Environments } from './environments.ts';
import { resultOf } from './fluid-result.ts';
import { addSums, noSums, pointOf, pricesOf } from './series.ts';
import { TaskWaits } from './task-waits.ts';
import { Tasks } from './tasks.ts';

export interface FluidChoice {
  readonly demand: Demand;
  readonly profile: SimProfile;
  readonly policy: PlacementPolicy;
  readonly seed: number;
  /** Of policies that need it. */
  readonly foresight?: Foresight | undefined;
  readonly progress?: SimProgress | undefined;
  /** Equal parts of the time that the series has. Default 500. */
  readonly points?: number | undefined;
}

const DEFAULT_POINTS = 500;
/** Ticks between two questions whether to go on. */
const TELL_EVERY = 2 ** 16;
/** Ticks that are added up before they join a longer sum, so that it stays exact. */
const BLOCK = 4096;

export function simulateFluid(choice: FluidChoice): PolicyResult {
  const { demand, progress } = choice;
  const run = new FluidRun(choice);
  let step = 0;
  for (const { counts, length } of demand.chunks()) {
    for (let index = 0; index < length; index += 1) {
      run.step(counts[index] ?? Number.NaN, step);
      step += 1;
      if (!run.isToTell()) continue;
      if (progress?.(step / demand.steps) === true) return run.end(step);
    }
  }
  return run.end(step);
}

class FluidRun {
  readonly #choice: FluidChoice;
  readonly #policy: PlacementPolicy;
  readonly #terms: ReturnType<typeof termsOf>;
  readonly #memory: unknown;
  readonly #tasks: Tasks;
  readonly #environments: Environments;
  readonly #came: Came = { requests: 0, all: 0, counted: false };
  readonly #backlog: Backlog;
  readonly #waits: TaskWaits;
  readonly #prices: ReturnType<typeof pricesOf>;
  readonly #lambdaSeconds: number;
  /** Requests are sent to tasks at all: they meet the target there, or nowhere. */
  readonly #fits: boolean;
  readonly #tickSeconds: number;
  readonly #ticksPerStep: number;
  readonly #seen: PlacementSeen;
  readonly #points: number;
  readonly #series: SeriesPoint[] = [];
  readonly #total = noSums();
  #part = noSums();
  #block = noSums();
  #blockTicks = 0;
  #ticks = 0;
  #partSteps = 0;
  #partFrom = 0;
  #partTicks = 0;
  #toLambda = 0;
  #refusedByLambda = 0;
  #toldAt = 0;

  constructor(choice: FluidChoice) {
    const { demand, profile, policy, seed } = choice;
    this.#choice = choice;
    this.#policy = policy;
    this.#terms = termsOf(profile);
    this.#memory = this.#start();
    this.#tasks = new Tasks(profile.fargate, seededRng(seed, 'fluid/task-starts'));
    const lambdaMs = meanMs(profile.lambda.duration);
    this.#lambdaSeconds = lambdaMs / 1000;
    const chance = seededRng(seed, 'fluid/environments');
    this.#environments = new Environments(profile.lambda, this.#lambdaSeconds, chance);
    this.#ticksPerStep = Math.max(1, Math.ceil(demand.stepSeconds));
    this.#tickSeconds = demand.stepSeconds / this.#ticksPerStep;
    this.#backlog = new Backlog(this.#tickSeconds);
    this.#waits = new TaskWaits(profile);
    const initMs = meanMs(profile.lambda.init);
    this.#prices = pricesOf(profile, this.#terms.lambdaUsdPerRequest, initMs);
    this.#fits =
      meanMs(profile.fargate.duration) <= profile.targetMs || lambdaMs > profile.targetMs;
    this.#points = Math.max(1, Math.min(choice.points ?? DEFAULT_POINTS, demand.steps));
    const quiet = { span: this.#tickSeconds, requests: 0, concurrency: 0, ready: 0, starting: 0 };
    this.#seen = { ...quiet, utilization: Number.NaN };
    // Asked of a memory of its own: the quiet second is none of the trace.
    this.#tasks.begin(policy.decide(this.#start(), this.#seen, this.#terms, 0), 0);
  }

  #start(): unknown {
    const { policy, seed, foresight } = this.#choice;
    return policy.start(0, this.#terms, seededRng(seed, `policy/${policy.name}`), foresight);
  }

  /** The next step of the demand, number `index`. */
  step(count: number, index: number): void {
    if (Math.floor((index * this.#points) / this.#choice.demand.steps) > this.#partSteps) {
      this.#endPart(index);
    }
    if (Number.isNaN(count)) return;
    const ticks = this.#ticksPerStep;
    const requests = count / ticks;
    for (let tick = 0; tick < ticks; tick += 1) this.#tick(requests);
  }

  isToTell(): boolean {
    if (this.#ticks - this.#toldAt < TELL_EVERY) return false;
    this.#toldAt = this.#ticks;
    return true;
  }

  /** What there is after so many steps. */
  end(steps: number): PolicyResult {
    this.#endPart(steps);
    this.#tasks.end(this.#ticks * this.#tickSeconds);
    this.#backlog.end();
    return resultOf({
      name: this.#policy.name,
      overflow: this.#policy.overflow,
      profile: this.#choice.profile,
      prices: this.#prices,
      sums: this.#total,
      tasks: this.#tasks,
      waits: this.#waits,
      backlog: this.#backlog,
      refusedByLambda: this.#refusedByLambda,
      tickSeconds: this.#tickSeconds,
      series: this.#series,
    });
  }

  #tick(requests: number): void {
    const span = this.#tickSeconds;
    const now = this.#ticks * span;
    const tasks = this.#tasks;
    const sums = this.#block;
    tasks.advance(now);
    const { ready } = tasks;
    const capacity = ready * this.#terms.taskRate * span;
    const served = this.#serve(requests, capacity);
    const toLambda = this.#toLambda;
    if (toLambda > 0) this.#overflow(toLambda, requests, now);
    sums.demand += requests;
    sums.capacity += capacity;
    sums.fargate += served;
    sums.taskSeconds += tasks.billed * span;
    this.#ticks += 1;
    const seen = this.#seen;
    seen.requests = requests;
    seen.concurrency =
      (toLambda * this.#lambdaSeconds + served * this.#terms.taskSeconds) / span +
      this.#backlog.waiting;
    seen.ready = ready;
    seen.starting = tasks.starting;
    seen.utilization = ready === 0 ? Number.NaN : served / capacity;
    const after = this.#ticks * span;
    const wanted = this.#policy.decide(this.#memory, seen, this.#terms, after);
    if (wanted !== ready + tasks.starting) tasks.want(wanted, after);
    this.#blockTicks += 1;
    if (this.#blockTicks === BLOCK) this.#endBlock();
  }

  /** By tasks: of `requests` that come, and of those that wait. Sets what goes to Lambda. */
  #serve(requests: number, capacity: number): number {
    const span = this.#tickSeconds;
    const { ready } = this.#tasks;
    const { overflow } = this.#policy;
    const offered = this.#policy.offered?.(this.#memory, this.#terms);
    let toTasks = requests;
    if (offered !== undefined && offered * span < toTasks) toTasks = offered * span;
    if (overflow) {
      if (!this.#fits) toTasks = 0;
      else if (toTasks > capacity) toTasks = capacity;
      this.#toLambda = requests - toTasks;
      if (toTasks > 0) this.#waits.add(toTasks, toTasks, ready, span);
      return toTasks;
    }
    this.#toLambda = requests - toTasks;
    const late = this.#backlog.serve(capacity, this.#ticks);
    const waiting = this.#backlog.waiting > 0;
    const atOnce = waiting ? 0 : Math.min(toTasks, capacity - late);
    if (atOnce > 0) this.#waits.add(atOnce, atOnce + late, ready, span);
    if (waiting || atOnce < toTasks) this.#backlog.add(toTasks - atOnce, this.#ticks);
    return late + atOnce;
  }

  #overflow(requests: number, all: number, now: number): void {
    const environments = this.#environments;
    const came = this.#came;
    came.requests = requests;
    came.all = all;
    came.counted = this.#ticksPerStep === 1 && Number.isInteger(all);
    environments.serve(came, now, this.#tickSeconds);
    this.#block.lambda += requests - environments.refused;
    this.#block.cold += environments.cold;
    this.#refusedByLambda += environments.refused;
  }

  #endBlock(): void {
    addSums(this.#part, this.#block);
    this.#block = noSums();
    this.#partTicks += this.#blockTicks;
    this.#blockTicks = 0;
  }

  /** The part of the series that ends before the step `to`. */
  #endPart(to: number): void {
    this.#endBlock();
    const { stepSeconds, steps } = this.#choice.demand;
    const seconds = this.#partTicks * this.#tickSeconds;
    if (seconds > 0) {
      const at = ((this.#partFrom + to) / 2) * stepSeconds;
      this.#series.push(pointOf(this.#part, { at, seconds }, this.#prices));
      addSums(this.#total, this.#part);
    }
    this.#part = noSums();
    this.#partTicks = 0;
    this.#partFrom = to;
    this.#partSteps = Math.floor((to * this.#points) / steps);
  }
}
