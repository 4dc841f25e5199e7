// Made-up traffic as demand: counts of each second, drawn while they are read, the same each time.

import type { Rng } from '../base/ports.ts';
import { seededRng } from '../base/rng.ts';
import { SECONDS_PER_DAY } from '../base/units.ts';
import type { Demand, DemandChunk } from './demand.ts';
import { PoissonSampler } from './poisson.ts';
import { parseSynthetic, type SyntheticSpec } from './synthetic-spec.ts';

const CHUNK_STEPS = 8192;

export interface SyntheticOptions {
  /** How long; parts of a day are fine. */
  readonly days: number;
  readonly seed: number;
}

/** `spec` is as `parseSynthetic` reads it, and throws what that does. */
export function demandOfSynthetic(spec: string, options: SyntheticOptions): Demand {
  return demandOf(parseSynthetic(spec), options);
}

function demandOf(spec: SyntheticSpec, options: SyntheticOptions): Demand {
  const steps = Math.max(1, Math.round(options.days * SECONDS_PER_DAY));
  return {
    name: spec.text,
    stepSeconds: 1,
    steps,
    chunks: () => drawnChunks(spec, steps, options.seed),
    drawn: {
      meanRate: spec.meanRate,
      at: (meanRate) => demandOf({ ...spec, text: named(spec, meanRate), meanRate }, options),
    },
  };
}

/** The spec with another mean, so that it can be given again. */
function named({ text, kind }: SyntheticSpec, meanRate: number): string {
  const comma = text.indexOf(',');
  const options = comma < 0 ? '' : text.slice(comma);
  return `${kind}:${Number(meanRate.toPrecision(12))}${options}`;
}

function* drawnChunks(spec: SyntheticSpec, steps: number, seed: number): Generator<DemandChunk> {
  const stream = (name: string): Rng => seededRng(seed, `traffic/${spec.kind}/${name}`);
  const write = spec.generator.shape(spec.value, stream);
  const counts = new Float64Array(Math.min(CHUNK_STEPS, steps));
  const sampler = spec.noise ? new PoissonSampler(stream('noise')) : undefined;
  const { meanRate } = spec;
  for (let from = 0; from < steps; from += CHUNK_STEPS) {
    const length = Math.min(CHUNK_STEPS, steps - from);
    write(counts, from, length);
    for (let index = 0; index < length; index += 1) {
      const rate = (counts[index] ?? 0) * meanRate;
      counts[index] = sampler === undefined ? rate : sampler.draw(rate);
    }
    yield { counts, length };
  }
}
