// One simulation: what happens next, and what follows from it.
//
// Three clocks run together: the next arrival, the next tick of the policy, and the earliest of
// everything else, which stands in the heap. Nothing is allocated for a request: where it goes, how
// long it takes and what is billed are known when it is sent there, and its end is one entry in the heap.
//
// At equal times ends come before ticks, and ticks before arrivals.
//
// Invariants
//   V1. Time never goes back, and no request ends before it begins.
//   V2. What came was served on Lambda or on Fargate, was refused, or was lost.
//   V3. Equal settings give equal results, to the last byte.
//   V4. Memory depends on what is in flight at a time and not on how long it lasts.

import type { Rng } from '../../base/ports.ts';
import { seededRng } from '../../base/rng.ts';
import type { PlacementSeen, PlacementTerms } from '../../scaling/placement.ts';
import { meanMs, termsOf } from '../profile.ts';
import { Admission } from './admission.ts';
import type { Arrivals } from './arrivals.ts';
import { Normal, spreadMs } from './chance.ts';
import { Environments } from './environments.ts';
import { EventHeap } from './event-heap.ts';
import type { EventSettings } from './event-result.ts';
import { Fleet } from './fleet.ts';
import { HAPPENING, KIND_BITS, KIND_MASK } from './happening.ts';
import { emptyStretch, Series } from './series.ts';
import { ComputeTally, Levels } from './tally.ts';
import { WaitingLine } from './waiting-line.ts';

const DEFAULT_POINTS = 400;
const DOOR_TIMEOUT_SECONDS = 60;
/** Progress is told once in so many events. */
const PROGRESS_EVERY = 1 << 16;
/** A duration that is a sum of parts may be this much over a whole millisecond. */
const HAIR = 1e-9;
/** Times of events are sums; what is told of their difference is exact to a tenth of a microsecond. */
const STEPS_PER_SECOND = 1e7;
const STEPS_PER_MS = 1e4;

export class EventRun {
  readonly settings: EventSettings;
  readonly terms: PlacementTerms;
  readonly lambda: ComputeTally;
  readonly fargate: ComputeTally;
  readonly levels = new Levels();
  readonly series: Series;
  readonly environments: Environments;
  readonly fleet: Fleet;
  events = 0;
  came = 0;
  throttled = 0;
  timedOut = 0;
  billedMs = 0;
  misplaced = 0;
  waited = 0;
  waitedSeconds = 0;
  /** Seconds; where the trace ended, or where it was stopped. */
  end = 0;

  readonly #arrivals: Arrivals;
  readonly #heap = new EventHeap();
  readonly #line = new WaitingLine();
  readonly #admission: Admission;
  readonly #sizes: Rng;
  readonly #size: Normal;
  readonly #init: Normal;
  readonly #lambdaMeanMs: number;
  readonly #fargateMeanMs: number;
  /** Of a request on Fargate to the same one on Lambda, where its file says how long it takes. */
  readonly #fargatePart: number;
  readonly #tick: number;
  readonly #timeout: number;
  readonly #memory: unknown;
  readonly #seen: PlacementSeen;
  readonly #stretch = emptyStretch();
  #lambdaMs = 0;
  #fargateMs = 0;
  /** As they were at the last tick. */
  #cameBefore = 0;
  #lambdaBefore = 0;
  #fargateBefore = 0;
  #billedBefore = 0;
  #inFlightBefore = 0;
  #onTasksBefore = 0;
  #readyBefore = 0;
  #stopped = false;

  constructor(settings: EventSettings) {
    const { profile, seed } = settings;
    this.settings = settings;
    this.terms = termsOf(profile);
    this.lambda = new ComputeTally(profile.targetMs);
    this.fargate = new ComputeTally(profile.targetMs);
    this.series = new Series(settings.points ?? DEFAULT_POINTS);
    this.environments = new Environments(profile, seededRng(seed, 'idle'));
    this.fleet = new Fleet(settings, this.#heap);
    this.#arrivals = settings.arrivals;
    this.#tick = settings.tick ?? 1;
    this.#admission = new Admission(settings, this.#tick);
    this.#sizes = seededRng(seed, 'sizes');
    this.#size = new Normal(this.#sizes);
    this.#init = new Normal(seededRng(seed, 'init'));
    this.#lambdaMeanMs = meanMs(profile.lambda.duration);
    this.#fargateMeanMs = meanMs(profile.fargate.duration);
    this.#fargatePart = this.#fargateMeanMs / this.#lambdaMeanMs;
    this.#timeout = settings.doorTimeoutSeconds ?? DOOR_TIMEOUT_SECONDS;
    this.#memory = this.#start();
    const nothing = { span: this.#tick, requests: 0, concurrency: 0, ready: 0, starting: 0 };
    this.#seen = { ...nothing, utilization: Number.NaN };
  }

  #start(): unknown {
    const { policy, seed, foresight } = this.settings;
    return policy.start(0, this.terms, seededRng(seed, `policy/${policy.name}`), foresight);
  }

  get refused(): number {
    return this.throttled + this.timedOut;
  }

  run(): void {
    const heap = this.#heap;
    const tick = this.#tick;
    // Asked of a memory of its own: the quiet second before the beginning is none of the trace.
    const wanted = this.settings.policy.decide(this.#start(), this.#seen, this.terms, 0);
    this.fleet.begin(wanted);
    this.#admission.begin(this.#memory, this.terms, wanted);
    let arrival = this.#arrivals.next();
    let ticks = 1;
    for (;;) {
      const next = heap.nextTime;
      const tickAt = ticks * tick;
      if (next <= tickAt && next <= arrival) {
        if (arrival === Number.POSITIVE_INFINITY && next > this.#arrivals.end) break;
        this.#happens();
      } else if (tickAt <= arrival) {
        if (arrival === Number.POSITIVE_INFINITY && tickAt > this.#arrivals.end) break;
        this.#ticks(tickAt);
        ticks += 1;
      } else {
        this.#arrives(arrival);
        arrival = this.#arrivals.next();
      }
      this.events += 1;
      if (this.events % PROGRESS_EVERY === 0 && this.#tellProgress()) break;
    }
    const lastTick = (ticks - 1) * tick;
    this.#close(this.#stopped ? this.levels.at : this.#arrivals.end, lastTick);
  }

  #tellProgress(): boolean {
    this.#stopped = this.settings.progress?.(this.#arrivals.part()) === true;
    return this.#stopped;
  }

  /** The books end here; what is in flight or waits still comes to its end. */
  #close(end: number, lastTick: number): void {
    this.end = Math.max(end, lastTick);
    this.#pass(this.end);
    this.#measure(this.end - lastTick);
    this.levels.close();
    this.environments.close(this.end);
    this.fleet.close(this.end);
    while (this.#heap.size > 0) {
      this.#happens();
      this.events += 1;
    }
    while (this.#line.size > 0) this.#timesOut();
  }

  #pass(now: number): void {
    const { tasks } = this.fleet;
    this.levels.pass(now, this.environments.busy, tasks.inFlight, this.#line.size, tasks.ready);
  }

  #arrives(now: number): void {
    this.#pass(now);
    this.came += 1;
    this.#draw();
    const { overflow } = this.settings.policy;
    if (overflow) {
      if (!this.#mayGoToTask(now) || !this.#toTask(now, now, this.#lambdaMs, this.#fargateMs)) {
        this.#toLambda(now);
      }
      return;
    }
    if (!this.#admission.offers()) {
      this.#toLambda(now);
      return;
    }
    this.#line.add(now, this.#lambdaMs, this.#fargateMs);
    this.#serveLine(now);
  }

  /** How long the request that came takes on each compute. */
  #draw(): void {
    const { lambda, fargate } = this.settings.profile;
    const given = this.#arrivals.durationMs;
    if (!Number.isNaN(given)) {
      this.#lambdaMs = given;
      this.#fargateMs = given * this.#fargatePart;
    } else if (this.settings.sizes === undefined) {
      const normal = this.#size.next();
      this.#lambdaMs = spreadMs(lambda.duration, normal);
      this.#fargateMs = spreadMs(fargate.duration, normal);
    } else {
      const size = this.settings.sizes(this.#sizes);
      this.#lambdaMs = this.#lambdaMeanMs * size;
      this.#fargateMs = this.#fargateMeanMs * size;
    }
  }

  #mayGoToTask(now: number): boolean {
    const { tasks } = this.fleet;
    if (tasks.ready === 0) return false;
    return this.#admission.admits(now, tasks, this.#lambdaMs, this.#fargateMs);
  }

  #toTask(now: number, cameAt: number, lambdaMs: number, fargateMs: number): boolean {
    const task = this.fleet.tasks.take();
    if (task < 0) return false;
    this.fleet.tasks.hold(task);
    this.#admission.took();
    // Lambda would have to begin at once, warm.
    const kind = this.lambda.isOver(lambdaMs) ? HAPPENING.endsLate : HAPPENING.ends;
    this.#heap.push(now + fargateMs / 1000, (task << KIND_BITS) | kind, cameAt);
    return true;
  }

  #toLambda(now: number): void {
    const { environments } = this;
    if (environments.atLimit) {
      this.throttled += 1;
      return;
    }
    let environment = environments.take(now);
    let latencyMs = this.#lambdaMs;
    let billedMs = this.#lambdaMs;
    if (environment < 0) {
      environment = environments.make(now);
      if (environment < 0) {
        this.throttled += 1;
        return;
      }
      const { init, coldExtra } = this.settings.profile.lambda;
      const initMs = spreadMs(init, this.#init.next());
      billedMs += initMs;
      latencyMs += initMs + spreadMs(coldExtra, this.#init.next());
    } else this.#admission.learnLambda(now, latencyMs);
    this.billedMs += Math.ceil(billedMs - HAIR);
    this.lambda.add(latencyMs);
    this.#heap.push(now + latencyMs / 1000, (environment << KIND_BITS) | HAPPENING.endsOnLambda, 0);
  }

  #happens(): void {
    const heap = this.#heap;
    heap.pop();
    const { time, code, value } = heap;
    this.#pass(time);
    const kind = code & KIND_MASK;
    const number = code >> KIND_BITS;
    if (kind === HAPPENING.endsOnLambda) this.environments.giveBack(number, time);
    else if (kind === HAPPENING.ends || kind === HAPPENING.endsLate) {
      this.#endsOnTask(number, time, value, kind === HAPPENING.ends);
    } else if (kind === HAPPENING.pace) {
      this.#admission.paced();
      this.#serveLine(time);
    } else if (this.fleet.happens(kind, number, time, value)) this.#serveLine(time);
  }

  #endsOnTask(task: number, now: number, cameAt: number, inTimeOnLambda: boolean): void {
    if (this.fleet.ends(task, now)) {
      const latencyMs = Math.round((now - cameAt) * STEPS_PER_SECOND) / STEPS_PER_MS;
      if (this.fargate.add(latencyMs) && inTimeOnLambda) this.misplaced += 1;
      this.#admission.learnTask(now, latencyMs);
    }
    if (this.#line.size > 0) this.#serveLine(now);
  }

  /** Those that wait go to tasks while there is room, and those that waited too long are sent away. */
  #serveLine(now: number): void {
    const line = this.#line;
    while (line.size > 0) {
      const { cameAt, lambdaMs, fargateMs } = line;
      if (now - cameAt > this.#timeout) {
        this.#timesOut();
        continue;
      }
      const paceAt = this.#admission.paceAt(now, this.fleet.tasks);
      if (paceAt > now) {
        if (this.#admission.waitForPace()) this.#heap.push(paceAt, HAPPENING.pace, 0);
        return;
      }
      if (!this.#toTask(now, cameAt, lambdaMs, fargateMs)) return;
      line.dropFirst();
      if (now > cameAt) {
        this.waited += 1;
        this.waitedSeconds += now - cameAt;
      }
    }
  }

  /** The first one that waits. */
  #timesOut(): void {
    this.timedOut += 1;
    if (!this.lambda.isOver(this.#line.lambdaMs)) this.misplaced += 1;
    this.#line.dropFirst();
  }

  #ticks(now: number): void {
    this.#pass(now);
    if (this.#line.size > 0) this.#serveLine(now);
    this.#measure(this.#tick);
    const { policy } = this.settings;
    const wanted = policy.decide(this.#memory, this.#seen, this.terms, now);
    const before = this.fleet.wanted;
    this.fleet.want(wanted, now);
    this.#admission.renew(this.#memory, this.terms);
    const { decisions } = this.settings;
    if (wanted === before || decisions === undefined) return;
    const reason = policy.why(this.#memory, this.terms);
    decisions({ at: now, from: before, to: wanted, reason });
  }

  /** What was since the last tick: for the policy, and for the series. */
  #measure(span: number): void {
    if (span <= 0) return;
    const { levels, fleet } = this;
    const { tasks } = fleet;
    const ready = levels.ready - this.#readyBefore;
    const onTasks = levels.onTasks - this.#onTasksBefore;
    const seen = this.#seen;
    seen.span = span;
    seen.requests = this.came - this.#cameBefore;
    seen.concurrency = (levels.inFlight - this.#inFlightBefore) / span;
    seen.ready = tasks.ready;
    seen.starting = tasks.placing + tasks.starting;
    seen.utilization =
      ready === 0 ? Number.NaN : Math.min(1, onTasks / (ready * fleet.usableSlots));
    const { usdPerGbSecond, usdPerRequest, memoryMiB } = this.settings.profile.lambda;
    const stretch = this.#stretch;
    stretch.seconds = span;
    stretch.demand = seen.requests;
    stretch.capacity = ready * fleet.carried;
    stretch.lambda = this.lambda.requests - this.#lambdaBefore;
    stretch.fargate = this.fargate.requests - this.#fargateBefore;
    stretch.lambdaUsd =
      ((this.billedMs - this.#billedBefore) / 1000) * (memoryMiB / 1024) * usdPerGbSecond +
      stretch.lambda * usdPerRequest;
    stretch.fargateUsd = tasks.billed * span * this.settings.profile.fargate.taskUsdPerSecond;
    this.series.add(stretch);
    this.#cameBefore = this.came;
    this.#lambdaBefore = this.lambda.requests;
    this.#fargateBefore = this.fargate.requests;
    this.#billedBefore = this.billedMs;
    this.#inFlightBefore = levels.inFlight;
    this.#onTasksBefore = levels.onTasks;
    this.#readyBefore = levels.ready;
  }
}
