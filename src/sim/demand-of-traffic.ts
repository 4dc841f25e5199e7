// Traffic that was read from a file, as demand.

import { MS_PER_SECOND } from '../base/units.ts';
import type { TrafficRead } from '../traffic/traffic-read.ts';
import type { Demand, DemandChunk } from './demand.ts';

const CHUNK_STEPS = 8192;

/** What the source leaves out stays a gap. `name` is for people: the file. */
export function demandOfTraffic({ traffic }: Pick<TrafficRead, 'traffic'>, name: string): Demand {
  const counts = Float64Array.from(traffic.counts, (count) => count ?? Number.NaN);
  return {
    name,
    stepSeconds: traffic.intervalMs / MS_PER_SECOND,
    steps: counts.length,
    *chunks(): Generator<DemandChunk> {
      for (let from = 0; from < counts.length; from += CHUNK_STEPS) {
        const part = counts.subarray(from, from + CHUNK_STEPS);
        yield { counts: part, length: part.length };
      }
    },
  };
}
