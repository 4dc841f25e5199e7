// The cheapest way to run an app that answers within a time asked for.
//
// Every mix, architecture, entry and Spot or not is looked at. Sizes do not depend on the entry, so
// they are chosen first, for one service after the other: of the sizes that are fast enough by the
// model of `latency.ts` the cheapest. In a hybrid the memory of Lambda is that which is best for
// Lambda alone, or what it is today.

import type { Millis } from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import type { ServiceSetUp, SetUp } from '../estimate/set-up.ts';
import { applyChanges, type Subject, withMemory, withTask } from './apply-change.ts';
import type { Entry, TaskSize } from './change-values.ts';
import type { Mix } from './comparison.ts';
import { givesUp } from './gives-up.ts';
import { latencyOf } from './latency-of.ts';
import { priceMix, usdNumber } from './mix-cost.ts';
import { type Pricing, pricingOf } from './pricing.ts';
import { ARCHITECTURES, SWEEP_ENTRIES, SWEEP_MEMORY, SWEEP_TASKS } from './sweep.ts';

export interface LatencyTarget {
  readonly targetMs: Millis;
  /** Part of the requests that have to be within it, 0 to 1. Default 0.99. */
  readonly percentile?: number | undefined;
  /** Memory that the program needs. Default: of each service the least that it has today. */
  readonly leastMemoryMiB?: number | undefined;
}

export interface Way {
  readonly mix: Mix;
  readonly entry: Entry;
  readonly architecture: Architecture;
  /** Of the tasks, the part on Spot. */
  readonly spotShare: number;
  readonly services: readonly {
    readonly name: string;
    readonly memoryMiB: number | null;
    readonly task: TaskSize | null;
    readonly minTasks: number | null;
  }[];
  readonly monthlyUsd: number;
  /** Of the slowest service. Infinity: overloaded at its busiest. */
  readonly latencyMs: Millis;
  readonly tasks: { readonly mean: number; readonly peak: number };
  readonly givesUp: readonly string[];
}

export interface Cheapest {
  /** Null: nothing is fast enough, and `why` says how near it comes. */
  readonly best: Way | null;
  /** The cheapest of every mix that is fast enough, the cheapest first. */
  readonly ways: readonly Way[];
  /** As it is today, by mix; a way that cannot be priced is left out. */
  readonly today: readonly Way[];
  readonly why: string | null;
  /** What the model takes to be so, in sentences. */
  readonly model: readonly string[];
  /** Items without a price in the region: ways that need them were left out. */
  readonly unknown: readonly string[];
}

const MIXES: readonly Mix[] = ['lambda', 'fargate', 'hybrid'];

const LATENCY_MODEL: readonly string[] = [
  'Processor time takes max(1, 1769 MB ÷ memory) times as long on Lambda and max(1, 1 ÷ vCPU) times in a task; waiting for others stays as it is.',
  'Durations vary as a lognormal distribution with a coefficient of variation of 0.5: of 100, one takes over 2.7 times the mean.',
  'On Lambda nothing queues; the part of cold starts waits for INIT first.',
  'Tasks share their processors (M/M/k) and requests wait for free slots (M/M/c), both at the busiest moment of the month.',
  'What the network and the entry add, some milliseconds, is left out.',
];

/** Throws RangeError for a target that is not over 0, or a percentile that is not between 0 and 1. */
export function cheapest(
  subject: Subject,
  target: LatencyTarget,
  pricing: Pricing = pricingOf(subject.freeTier),
): Cheapest {
  const { targetMs, percentile = 0.99 } = target;
  if (!(targetMs > 0)) throw new RangeError(`targetMs must be over 0, was: ${targetMs}`);
  if (!(percentile > 0 && percentile < 1)) {
    throw new RangeError(`percentile must be between 0 and 1, was: ${percentile}`);
  }
  const search: Search = {
    subject,
    pricing,
    target: { ...target, percentile },
    unknown: new Set(),
  };
  const today = MIXES.flatMap((mix) => wayOf(search, subject, mix) ?? []);
  const found = MIXES.flatMap((mix) => waysOf(search, mix));
  const fast = found.filter(({ latencyMs }) => latencyMs <= targetMs).sort(byCost);
  const ways = MIXES.flatMap((mix) => fast.find((way) => way.mix === mix) ?? []).sort(byCost);
  return {
    best: ways[0] ?? null,
    ways,
    today,
    why: ways.length > 0 ? null : whyNone(found, target, percentile),
    model: LATENCY_MODEL,
    unknown: [...search.unknown],
  };
}

interface Search {
  readonly subject: Subject;
  readonly pricing: Pricing;
  readonly target: LatencyTarget & { readonly percentile: number };
  readonly unknown: Set<string>;
}

/** Of equals the simpler mix, which comes first: sorting keeps the order. */
function byCost(a: Way, b: Way): number {
  return a.monthlyUsd - b.monthlyUsd;
}

/** Each architecture, Spot or not and entry, with the sizes that are best for them. */
function waysOf(search: Search, mix: Mix): Way[] {
  const { setUp } = search.subject;
  const isMixOnSpot = mix !== 'lambda' && setUp.services.some(({ fargate }) => fargate);
  return ARCHITECTURES.flatMap((architecture) =>
    (isMixOnSpot ? [0, 1] : [0]).flatMap((spot) => {
      const varied = changed(search.subject, architecture, spot);
      const sized = sizesFor(search, varied, mix);
      return entriesOf(setUp).flatMap((entry) => {
        const way = wayOf(search, { ...sized, setUp: { ...sized.setUp, entry } }, mix);
        return way ?? [];
      });
    }),
  );
}

function changed(subject: Subject, architecture: Architecture, spot: number): Subject {
  const whole = { service: undefined, text: 'cheapest' };
  const hasTasks = subject.setUp.services.some(({ fargate }) => fargate !== undefined);
  return applyChanges(subject, [
    { ...whole, key: 'architecture', value: architecture },
    ...(hasTasks ? [{ ...whole, key: 'spot', value: spot } as const] : []),
  ]).subject;
}

/** What is left out of the bill today stays so: nothing can be chosen for it. */
function entriesOf({ entry }: SetUp): readonly Entry[] {
  if (entry.lambda === 'none' || entry.fargate === 'none') return [entry];
  const isKnown = SWEEP_ENTRIES.some(
    ({ lambda, fargate }) => lambda === entry.lambda && fargate === entry.fargate,
  );
  return isKnown ? SWEEP_ENTRIES : [entry, ...SWEEP_ENTRIES];
}

function sizesFor(search: Search, subject: Subject, mix: Mix): Subject {
  let sized = subject;
  for (const [index, service] of subject.setUp.services.entries()) {
    const candidates = candidatesOf(search, sized, service, index, mix);
    let best: { readonly subject: Subject; readonly usd: number; readonly ms: number } | undefined;
    for (const candidate of candidates) {
      const services = sized.setUp.services.map((one, at) => (at === index ? candidate : one));
      const tried = { ...sized, setUp: { ...sized.setUp, services } };
      const priced = tryOut(search, tried, mix);
      if (priced === undefined) continue;
      const one = { subject: tried, usd: priced.usd, ms: priced.latencies[index] ?? 0 };
      if (best === undefined || isBetter(one, best, search.target.targetMs)) best = one;
    }
    sized = best?.subject ?? sized;
  }
  return sized;
}

interface Tried {
  readonly usd: number;
  readonly ms: number;
}

/** Fast enough comes first, then the cost; of those too slow the faster one is better. */
function isBetter(one: Tried, other: Tried, targetMs: Millis): boolean {
  const [fast, otherFast] = [one.ms <= targetMs, other.ms <= targetMs];
  if (fast !== otherFast) return fast;
  if (!fast && one.ms !== other.ms) return one.ms < other.ms;
  return one.usd < other.usd;
}

function candidatesOf(
  { subject: { setUp }, target }: Search,
  sized: Subject,
  service: ServiceSetUp,
  index: number,
  mix: Mix,
): readonly ServiceSetUp[] {
  const today = setUp.services[index] ?? service;
  const { lambda, fargate } = service;
  const least =
    target.leastMemoryMiB ??
    Math.min(today.lambda?.memoryMiB ?? Infinity, today.fargate?.memoryMiB ?? Infinity);
  const onLambda = lambda !== undefined && (mix !== 'fargate' || fargate === undefined);
  const onFargate = fargate !== undefined && (mix !== 'lambda' || lambda === undefined);
  const memory = [...new Set([...SWEEP_MEMORY, today.lambda?.memoryMiB ?? 0])];
  const functions = !onLambda
    ? [service]
    : memory.filter((size) => size >= least).map((size) => withMemory(service, size).changed);
  if (!onFargate) return functions;
  const tasks = SWEEP_TASKS.filter((size) => size.memoryMiB >= least);
  const few = onLambda ? fewest(functions, today, target.targetMs) : functions;
  return few.flatMap((one) =>
    tasks.flatMap((size) => withMoreTasks(withTask(one, size).changed, sized, mix)),
  );
}

/** Of a hybrid: what it has today, what costs the least a request, and what is fastest. */
function fewest(
  functions: readonly ServiceSetUp[],
  { lambda }: ServiceSetUp,
  targetMs: Millis,
): readonly ServiceSetUp[] {
  const each = ({ lambda: one, requests }: ServiceSetUp) =>
    (one?.memoryMiB ?? 0) * requests.lambdaMs.expected;
  const fast = functions.filter(({ requests }) => requests.lambdaMs.expected <= targetMs);
  const cheap = [...(fast.length > 0 ? fast : functions)].sort((a, b) => each(a) - each(b))[0];
  const same = functions.find((one) => one.lambda?.memoryMiB === lambda?.memoryMiB);
  const quick = [...functions].sort(
    (a, b) => a.requests.lambdaMs.expected - b.requests.lambdaMs.expected || each(a) - each(b),
  )[0];
  return [...new Set([same, cheap, quick])].filter((one) => one !== undefined);
}

/** Tasks that are planned to be full have no room for a queue: also with some more. */
function withMoreTasks(service: ServiceSetUp, { workload }: Subject, mix: Mix): ServiceSetUp[] {
  const { fargate, requests, share } = service;
  if (fargate === undefined || mix === 'hybrid' || requests.concurrency === undefined) {
    return [service];
  }
  const perSecond = (workload.requestsPerMonth * share) / (730 * 3600);
  const each = (requests.concurrency.expected * 1000) / requests.fargateMs.expected;
  const peak = Math.max(...workload.shape.steps) * Math.max(1, workload.peak);
  const full = Math.max(1, Math.ceil((perSecond * peak) / each));
  const counts = [full + 1, Math.ceil(full * 1.25), Math.ceil(full * 1.5)];
  const more = [...new Set(counts)].filter((count) => count > fargate.minTasks);
  return [service, ...more.map((minTasks) => ({ ...service, fargate: { ...fargate, minTasks } }))];
}

interface TriedOut {
  readonly usd: number;
  readonly latencies: readonly Millis[];
  readonly tasks: { readonly mean: number; readonly peak: number };
}

/** Undefined: it cannot run so, or a price is not known. */
function tryOut(
  { pricing, target, unknown }: Search,
  { setUp, workload }: Subject,
  mix: Mix,
): TriedOut | undefined {
  const book = pricing.bookOf(setUp.region);
  const priced = { setUp, workload, book, allowances: pricing.allowances };
  const { estimate, bill } = priceMix(priced, mix, 'expected');
  for (const item of bill.unknown) unknown.add(item);
  if (estimate.notApplicable !== undefined || bill.unknown.length > 0) return undefined;
  const latencies = latencyOf(setUp, workload, estimate, target.percentile);
  return { usd: usdNumber(bill.total.all), latencies, tasks: estimate.tasks };
}

function wayOf(search: Search, subject: Subject, mix: Mix): Way | undefined {
  const tried = tryOut(search, subject, mix);
  if (tried === undefined) return undefined;
  // A hybrid for which no task is worth its price is Lambda alone.
  if (mix === 'hybrid' && tried.tasks.peak === 0 && subject !== search.subject) return undefined;
  const { setUp } = subject;
  const first = setUp.services.find(({ lambda, fargate }) => lambda ?? fargate);
  const architecture = (first?.lambda ?? first?.fargate)?.architecture ?? 'x86_64';
  return {
    mix,
    entry: setUp.entry,
    architecture,
    spotShare: Math.max(0, ...setUp.services.map(({ fargate }) => fargate?.spotShare ?? 0)),
    services: setUp.services.map(({ name, lambda, fargate }) => ({
      name,
      memoryMiB: mix === 'fargate' && fargate !== undefined ? null : (lambda?.memoryMiB ?? null),
      ...(fargate === undefined || (mix === 'lambda' && lambda !== undefined)
        ? { task: null, minTasks: null }
        : {
            task: { cpuUnits: fargate.cpuUnits, memoryMiB: fargate.memoryMiB },
            minTasks: fargate.minTasks,
          }),
    })),
    monthlyUsd: tried.usd,
    latencyMs: Math.max(0, ...tried.latencies),
    tasks: tried.tasks,
    givesUp: givesUp(search.subject.setUp, setUp, mix, tried.tasks.peak),
  };
}

function whyNone(ways: readonly Way[], { targetMs }: LatencyTarget, percentile: number): string {
  const near = [...ways].sort((a, b) => a.latencyMs - b.latencyMs)[0];
  if (near === undefined) return 'no way to run it has a price for everything';
  const part = `${Number((percentile * 100).toPrecision(6))} %`;
  if (near.latencyMs === Infinity) return `every way is overloaded at its busiest moment`;
  return `the fastest way looked at keeps ${part} of the requests within ${Math.ceil(near.latencyMs)} ms, not ${targetMs} ms: what is left is waiting for others, the spread of durations, and cold starts`;
}
