// Finds what a task carries: how many requests in flight, and how many a second, are answered within
// the target.

import type { Millis } from '../../base/units.ts';
import { carriedBy, MAX_LOAD, stretched } from '../../cost/measure/computed.ts';
import type { Spread, Step, Target, TaskMeasurement } from '../../cost/measure/measurement.ts';
import { bestOf, firstOver, nextLoad, type Tried } from '../../cost/measure/search.ts';
import {
  distributionOf,
  meanError,
  meanOf,
  percentileOf,
  verdictOf,
} from '../../cost/measure/statistics.ts';
import { closedLoad, type LoadParts, type Observed, openLoad, type Until } from './load.ts';

/** Requests that are in flight at most: as many connections. */
const MAX_CONNECTIONS = 1024;

/** With so much of a core taken by sending, it is the sender that is measured. */
const SENDER_LIMIT = 0.85;

/** More failures than without load, as a part of all, and it is over the limit. */
const MORE_FAILURES = 0.01;

/** A step lasts this long at least, and that long at most. */
const STEP_MS = { min: 400, max: 4000 } as const;

/** An answer to a mean is near enough when it is known to this part of it. */
const MEAN_TOLERANCE = 0.03;

const FEW = 30;

/** Requests of a rate that are waited for. */
const FEWEST = 10;

export interface CapacityParts {
  readonly load: LoadParts;
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly target: Target;
  /** The processor is held to `vcpu`. */
  readonly limited: boolean;
  readonly timeMs: Millis;
  readonly tell: (line: string) => void;
}

export interface Capacity {
  readonly task: TaskMeasurement;
  readonly observed: readonly Observed[];
}

export async function measureCapacity(parts: CapacityParts): Promise<Capacity> {
  const { load, timeMs, limited } = parts;
  const { clock } = load;
  const until = clock.now() + timeMs;
  const alone = await closedLoad(load, 1, meanUntil(timeMs * (limited ? 0.15 : 0.5)));
  load.signal.throwIfAborted();
  if (!limited) return computedCapacity(parts, alone, until);
  const finder = new Finder(parts, alone);
  const closedUntil = clock.now() + 0.55 * (until - clock.now());
  await finder.findInFlight(closedUntil);
  await finder.findPerSecond(until);
  return finder.result();
}

/** Until the mean is known well enough. */
export function meanUntil(maxMs: Millis): Until {
  return {
    minMs: Math.min(STEP_MS.min, maxMs),
    maxMs,
    enough: (sorted) =>
      sorted.length >= FEW && meanError(sorted) <= MEAN_TOLERANCE * meanOf(sorted),
  };
}

async function computedCapacity(
  { load, vcpu, memoryMiB, target }: CapacityParts,
  alone: Observed,
  until: Millis,
): Promise<Capacity> {
  const several = await closedLoad(load, 4, meanUntil(Math.max(500, until - load.clock.now())));
  load.signal.throwIfAborted();
  const observed = [alone, several];
  const costs = observed.filter(({ total }) => total > 0).map(cpuOf);
  const waitMs = Math.max(0, meanOf(alone.sorted) - cpuOf(alone));
  const carried = [Math.max(...costs), cpuOf(alone), Math.min(...costs)].map((cpuMs) =>
    carriedBy(vcpu, { cpuMs, waitMs }, target),
  );
  const spread = (of: 'perSecond' | 'inFlight'): Spread | null => {
    const [smallest, likely, largest] = carried.map((one) => one?.[of]);
    if (likely === undefined) return null;
    return { smallest: smallest ?? likely, likely, largest: largest ?? likely };
  };
  const slower = (wall: readonly number[]) =>
    distributionOf(wall.map((ms) => stretched(ms, cpuOf(alone), vcpu)));
  return {
    observed,
    task: {
      vcpu,
      memoryMiB,
      method: 'computed',
      target,
      aloneMs: slower(alone.sorted),
      loadedMs: null,
      perSecond: spread('perSecond'),
      inFlight: spread('inFlight'),
      limitedBy: 'target',
      steps: observed.map((one) => stepOf(one, percentileOf(one.sorted, 95) <= target.ms)),
    },
  };
}

export const cpuOf = ({ cpuMs, total }: Observed): number => cpuMs / Math.max(1, total);

function stepOf(observed: Observed, within: boolean): Step {
  const { kind, load, perSecond, sorted, failed, ownMs, elapsedMs } = observed;
  return {
    kind,
    load,
    perSecond,
    ms: distributionOf(sorted),
    cpuMs: cpuOf(observed),
    failed,
    senderBusy: ownMs / Math.max(1, elapsedMs),
    within,
  };
}

interface Judged extends Tried {
  /** By more than chance. */
  readonly surely: boolean;
  readonly observed: Observed;
}

class Finder {
  readonly #parts: CapacityParts;
  readonly #alone: Observed;
  readonly #failing: number;
  readonly #observed: Observed[];
  readonly #steps: Step[] = [];
  readonly #closed: Judged[] = [];
  readonly #open: Judged[] = [];
  #limitedBy: TaskMeasurement['limitedBy'] = 'target';

  constructor(parts: CapacityParts, alone: Observed) {
    this.#parts = parts;
    this.#alone = alone;
    this.#failing = alone.failed / Math.max(1, alone.total);
    this.#observed = [alone];
    this.#judge(alone, this.#closed);
  }

  async findInFlight(until: Millis): Promise<void> {
    const settings = { first: 1, bound: MAX_CONNECTIONS, tolerance: 0.1, whole: true };
    await this.#search(this.#closed, settings, until, (load, during) =>
      closedLoad(this.#parts.load, load, during),
    );
    if (firstOver(this.#closed) === undefined && this.#limitedBy === 'target') {
      this.#limitedBy = 'bound';
    }
  }

  async findPerSecond(until: Millis): Promise<void> {
    const best = bestOf(this.#closed);
    if (best === undefined) return;
    const most = Math.max(...this.#steps.map(({ perSecond }) => perSecond));
    const bound = Math.min(most, this.#processorBound()) * MAX_LOAD;
    if (bound <= 0) return;
    const settings = { first: bound / 2, bound, tolerance: 0.1, whole: false };
    await this.#search(this.#open, settings, until, (load, during) =>
      openLoad(this.#parts.load, load, during),
    );
  }

  /** A short step may get through more than there is in the long run: a period comes whole. */
  #processorBound(): number {
    const cpuMs = this.#observed.reduce((sum, one) => sum + one.cpuMs, 0);
    const total = this.#observed.reduce((sum, one) => sum + one.total, 0);
    return cpuMs === 0 ? Infinity : (1000 * this.#parts.vcpu * total) / cpuMs;
  }

  async #search(
    tried: Judged[],
    settings: Parameters<typeof nextLoad>[1],
    until: Millis,
    run: (load: number, during: Until) => Promise<Observed>,
  ): Promise<void> {
    const { load, tell, target } = this.#parts;
    for (;;) {
      const next = nextLoad(tried, settings);
      if (next === undefined) return;
      const left = until - load.clock.now();
      if (left < STEP_MS.min) {
        if (this.#limitedBy === 'target') this.#limitedBy = 'time';
        return;
      }
      const observed = await run(next, this.#during(left, settings.whole ? 0 : FEWEST / next));
      load.signal.throwIfAborted();
      const { sorted, failed, elapsedMs } = observed;
      if (sorted.length + failed === 0 && elapsedMs < 2 * target.ms) {
        // Too short to see anything of it.
        this.#limitedBy = 'time';
        return;
      }
      const { perSecond, ms, within } = this.#judge(observed, tried);
      const what = observed.kind === 'closed' ? 'in flight' : 'a second';
      const shown = observed.kind === 'closed' ? next : Math.round(next);
      const slow = (target.percentile === 99 ? ms.p99 : ms.p95).toFixed(0);
      tell(
        `${shown} ${what}: ${Math.round(perSecond)} a second, p${target.percentile} ${slow} ms${within ? '' : ', too slow'}`,
      );
    }
  }

  /** `seconds`: as long as it takes at least to see anything. */
  #during(leftMs: Millis, seconds: number): Until {
    const { target } = this.#parts;
    const least = Math.max(STEP_MS.min, seconds * 1000);
    const maxMs = Math.min(STEP_MS.max, Math.max(least, leftMs / 3));
    return {
      minMs: Math.min(maxMs, STEP_MS.min * 2),
      maxMs,
      enough: (sorted) => verdictOf(sorted, target.percentile, target.ms) !== 'unclear',
    };
  }

  #judge(observed: Observed, tried: Judged[]): Step {
    const { target } = this.#parts;
    const { sorted, failed, total, load } = observed;
    const slow = percentileOf(sorted, target.percentile);
    const fails = failed / Math.max(1, total) > this.#failing + MORE_FAILURES;
    const within = sorted.length > 0 && slow <= target.ms && !fails;
    const verdict = verdictOf(sorted, target.percentile, target.ms);
    tried.push({ load, within, surely: within && verdict === 'within', observed });
    const step = stepOf(observed, within);
    this.#steps.push(step);
    if (observed !== this.#alone) this.#observed.push(observed);
    const late = observed.kind === 'open' && observed.lateMs > target.ms / 10;
    if (within) return step;
    // What it cannot send in time says nothing about the task.
    if (step.senderBusy > SENDER_LIMIT || late) this.#limitedBy = 'sender';
    else if (fails) this.#limitedBy = 'failures';
    return step;
  }

  /** Where none could be sent as they come: what was answered with so many in flight. */
  #flatOut(): Spread | null {
    const within = this.#steps.filter((step) => step.kind === 'closed' && step.within);
    const most = Math.max(0, ...within.map(({ perSecond }) => perSecond)) * MAX_LOAD;
    return most === 0 || this.#open.length > 0
      ? null
      : { smallest: most, likely: most, largest: most };
  }

  result(): Capacity {
    const { vcpu, memoryMiB, target } = this.#parts;
    const best = bestOf(this.#open);
    const loaded = this.#open.find(({ load }) => load === best)?.observed;
    return {
      observed: this.#observed,
      task: {
        vcpu,
        memoryMiB,
        method: 'limited',
        target,
        aloneMs: distributionOf(this.#alone.sorted),
        loadedMs: loaded === undefined ? null : distributionOf(loaded.sorted),
        perSecond: spreadOfTried(this.#open) ?? this.#flatOut(),
        inFlight: spreadOfTried(this.#closed),
        limitedBy: this.#limitedBy,
        steps: this.#steps,
      },
    };
  }
}

/** What is surely within, what is within, and just below what is not. */
function spreadOfTried(tried: readonly Judged[]): Spread | null {
  const likely = bestOf(tried);
  if (likely === undefined) return null;
  const sure = tried.filter(({ load, surely }) => surely && load <= likely);
  const smallest = sure.length === 0 ? likely : Math.max(...sure.map(({ load }) => load));
  return { smallest, likely, largest: Math.max(likely, firstOver(tried) ?? likely) };
}
