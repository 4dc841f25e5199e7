// Figures of requests that somebody or something has measured: they stand before those of the file.

import { sure } from '../cost/estimate/figures.ts';
import type { RequestProfile } from '../cost/estimate/set-up.ts';
import type { MeasuredProfiles } from '../cost/estimate/set-up-of.ts';
import { sayMeasured } from '../cost/measure/measurement.ts';
import { type App, programsOf } from '../model/app.ts';
import type { RequestFacts } from '../traffic/traffic.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';
import { readMeasurement } from './measure/saved.ts';

export interface MeasuredFigures {
  readonly profiles: MeasuredProfiles;
  /** As clauses. */
  readonly basis: readonly string[];
  readonly warnings: readonly string[];
}

export const NOTHING_MEASURED: MeasuredFigures = { profiles: {}, basis: [], warnings: [] };

/** What "fulcrum measure" has found. Throws as `readMeasurement` does. */
export async function measuredOf(machine: Machine, choice: AppChoice): Promise<MeasuredFigures> {
  const found = [...(await readMeasurement(machine, choice)).values()];
  return {
    profiles: Object.fromEntries(found.map(({ service, profile }) => [service, profile])),
    basis: found.map(({ service, measurement }) => `${service} ${sayMeasured(measurement)}`),
    warnings: found.flatMap(({ service, warnings }) =>
      warnings.map((warning) => `Measurement of ${service}: ${warning}`),
    ),
  };
}

/** What a log says of all requests is taken for every program where nothing was measured. */
export function withFacts(
  app: App,
  profiles: MeasuredProfiles,
  facts: RequestFacts | undefined,
  from: string,
): MeasuredProfiles {
  if (facts === undefined) return profiles;
  const { requestBytes, responseBytes, durationMs } = facts;
  const known: Partial<RequestProfile> = {
    ...(requestBytes !== undefined && { requestBytes: sure(requestBytes, from) }),
    ...(responseBytes !== undefined && { responseBytes: sure(responseBytes, from) }),
    ...(durationMs !== undefined && {
      lambdaMs: sure(durationMs, from),
      fargateMs: sure(durationMs, from),
    }),
  };
  return Object.fromEntries(
    programsOf(app).map(({ name }) => [name, { ...known, ...profiles[name] }] as const),
  );
}
