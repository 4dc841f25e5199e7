// The traffic of a simulation: a trace, an access log, or a generator, so long and so much of it.

import { Fault } from '../base/fault.ts';
import { seededRng } from '../base/rng.ts';
import { MS_PER_SECOND, SECONDS_PER_DAY } from '../base/units.ts';
import type { Fidelity } from '../sim/result.ts';
import { parseSynthetic } from '../sim/synthetic-spec.ts';
import type { RecordedArrivals } from '../traffic/stored-arrivals.ts';
import type { RequestFacts } from '../traffic/traffic.ts';
import type { Machine } from './machine.ts';
import { daysOf, scalingOf } from './simulate-asked.ts';
import type { DemandOrder } from './simulate-order.ts';
import type { TraceAbout } from './simulate-result.ts';
import {
  readWords,
  refuseWithoutFile,
  type TrafficFileAsked,
  trafficFile,
  type Watch,
} from './traffic-file.ts';

export interface TrafficWanted extends TrafficFileAsked {
  readonly synthetic: string | undefined;
  readonly scale: string | undefined;
  readonly mean: string | undefined;
  readonly days: string | undefined;
}

/** What is read, and how it is played. */
export interface TrafficPlay {
  readonly seed: number;
  readonly fidelity: Fidelity;
}

export interface SimulatedTraffic {
  readonly demand: DemandOrder;
  readonly about: TraceAbout;
  /** What a log says of its requests. */
  readonly facts: RequestFacts | undefined;
  /** Each request of a log, to be played as it came; undefined: counts are. */
  readonly arrivals: RecordedArrivals | undefined;
  readonly warnings: readonly string[];
}

/** Throws SIMULATE_TRAFFIC_MISSING, SYNTHETIC_BAD, USAGE, and what reading a file throws. */
export async function trafficFor(
  machine: Machine,
  wanted: TrafficWanted,
  { seed, fidelity }: TrafficPlay,
  pathOf: (file: string) => string,
  watch: Pick<Watch, 'onProgress' | 'signal'>,
): Promise<SimulatedTraffic> {
  refuseDoubles(wanted);
  refuseNameless(wanted);
  refuseWithoutFile(wanted);
  const scaling = scalingOf(wanted.scale, wanted.mean);
  const days = daysOf(wanted.days);
  const about = {
    scale: scaling !== undefined && 'factor' in scaling ? scaling.factor : null,
    mean: scaling !== undefined && 'meanRate' in scaling ? scaling.meanRate : null,
  };
  if (wanted.synthetic !== undefined) {
    const spec = parseSynthetic(wanted.synthetic);
    const cycle = spec.generator.cycleSeconds(spec.value);
    // A whole cycle, and a day at least.
    const usual = Math.max(1, Math.ceil(cycle / SECONDS_PER_DAY));
    const source = { kind: 'synthetic', spec: wanted.synthetic, days: usual } as const;
    return {
      demand: { source, days, scaling, seed },
      about: { ...about, kind: 'synthetic', start: null },
      facts: undefined,
      arrivals: undefined,
      warnings: [],
    };
  }
  // Made larger or longer, requests are not those of the log any more.
  const asTheyCame = fidelity === 'event' && scaling === undefined && days === undefined;
  const rng = asTheyCame ? seededRng(seed, 'arrivals') : undefined;
  const found = await trafficFile(machine, wanted, pathOf, watch, { bySecond: true, rng });
  if (found === undefined) throw new Fault('SIMULATE_TRAFFIC_MISSING', {});
  const { read, name, arrivals } = found;
  const { startMs, intervalMs, counts, requests } = read.traffic;
  return {
    demand: {
      source: {
        kind: 'counts',
        name,
        stepSeconds: intervalMs / MS_PER_SECOND,
        counts: Float64Array.from(counts, (count) => count ?? Number.NaN),
      },
      days,
      scaling,
      seed,
    },
    about: {
      ...about,
      kind: wanted.trace === undefined ? 'access-log' : 'trace',
      start: startMs === undefined ? null : new Date(startMs).toISOString(),
    },
    facts: requests,
    arrivals,
    warnings: readWords(
      read,
      name,
      'What is missing is no time at all: nothing comes, nothing is billed',
    ),
  };
}

function refuseNameless({ trace, accessLog }: TrafficWanted): void {
  const option = trace?.trim() === '' ? '--trace' : accessLog?.trim() === '' ? '--access-log' : '';
  if (option === '') return;
  throw new Fault('USAGE', {
    problem: `${option} names no file.`,
    fix: `Name one, as ${option} requests.csv; - is what is piped in.`,
  });
}

function refuseDoubles({ trace, accessLog, synthetic }: TrafficWanted): void {
  const sources = [
    trace === undefined ? undefined : '--trace',
    accessLog === undefined ? undefined : '--access-log',
    synthetic === undefined ? undefined : '--synthetic',
  ].filter((one) => one !== undefined);
  if (sources.length < 2) return;
  throw new Fault('USAGE', {
    problem: `${sources.join(' and ')} each say what the traffic is.`,
    fix: 'Use one of them.',
  });
}
