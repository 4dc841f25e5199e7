// Where measurements are kept: one file beside fulcrum.yml, which a team keeps with it.

import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { Fault } from '../../base/fault.ts';
import type { RequestProfile } from '../../cost/estimate/set-up.ts';
import {
  isSamePlace,
  type MeasuredFile,
  type Measurement,
  profileOf,
} from '../../cost/measure/measurement.ts';
import type { App, Service } from '../../model/app.ts';
import { type AppChoice, placeOf, readApp } from '../find-app.ts';
import type { Machine } from '../machine.ts';

export const MEASURED_FILE = 'fulcrum.measured.json';

/** What is known of one service by measuring it. */
export interface MeasuredService {
  readonly service: string;
  /** Without what was not measured. `from` of each figure: "measured on 2026-11-21". */
  readonly profile: Partial<RequestProfile>;
  /** "its sources have changed since"; undefined: it is as it was. */
  readonly stale: string | undefined;
  /** In sentences, about what makes it less sure; staleness is one of them. */
  readonly warnings: readonly string[];
  readonly measurement: Measurement;
}

/**
 * By the name of the service; those never measured are missing. A stage that was not measured takes
 * what was measured without one, and says so. Throws CONFIG_NOT_FOUND, CONFIG_INVALID,
 * STAGE_UNKNOWN, MEASURED_FILE_DAMAGED.
 */
export async function readMeasurement(
  machine: Machine,
  choice: AppChoice,
): Promise<ReadonlyMap<string, MeasuredService>> {
  const { app, place } = readApp(machine, choice);
  const { measurements } = readMeasured(machine, choice);
  const found = new Map<string, MeasuredService>();
  for (const service of app.services) {
    const measurement = choose(measurements, app, service.name);
    if (measurement === undefined) continue;
    const folder = resolve(place.folder, service.source);
    const stale = await stalenessOf(machine, app, service, folder, measurement);
    const warnings = [...measurement.warnings];
    if (stale !== undefined) warnings.unshift(`It was measured before: ${stale}.`);
    if (measurement.stage !== (app.stage ?? null)) {
      warnings.unshift(`It was measured without a stage, not as "${app.stage}".`);
    }
    const profile = profileOf(measurement);
    found.set(service.name, { service: service.name, profile, stale, warnings, measurement });
  }
  return found;
}

function choose(
  measurements: readonly Measurement[],
  app: App,
  service: string,
): Measurement | undefined {
  const place = { app: app.name, service, stage: app.stage ?? null };
  return (
    measurements.find((one) => isSamePlace(one, place)) ??
    measurements.find((one) => isSamePlace(one, { ...place, stage: null }))
  );
}

async function stalenessOf(
  machine: Machine,
  app: App,
  service: Service,
  folder: string,
  { of, task, lambda }: Measurement,
): Promise<string | undefined> {
  const now = settingsHash(app, service);
  if (task !== null && task.vcpu * 1024 !== service.fargate?.cpuUnits) {
    return 'it is for a task of another size';
  }
  if (lambda !== null && lambda.memoryMiB !== service.lambda?.memoryMiB) {
    return 'it is for another memory on Lambda';
  }
  if (now !== of.settings) return 'its settings have changed since';
  if (!machine.isFolder(folder)) return 'its folder is gone';
  if ((await machine.fingerprint(folder)) !== of.sources) return 'its sources have changed since';
  return undefined;
}

/** Of what decides how the program runs; not of where requests go or of how many copies there are. */
export function settingsHash({ name }: App, service: Service): string {
  const { command, build, environment, secrets, container, lambda, fargate } = service;
  const settings = {
    name,
    command,
    build,
    environment,
    secrets: Object.keys(secrets),
    container,
    lambda: lambda && { memoryMiB: lambda.memoryMiB },
    fargate: fargate && { cpuUnits: fargate.cpuUnits, memoryMiB: fargate.memoryMiB },
  };
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
}

const spread = z.object({ smallest: z.number(), likely: z.number(), largest: z.number() });

const distribution = z.object({
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  count: z.number(),
});

const method = z.enum(['limited', 'computed']);

const step = z.object({
  kind: z.enum(['closed', 'open']),
  load: z.number(),
  perSecond: z.number(),
  ms: distribution,
  cpuMs: z.number(),
  failed: z.number(),
  senderBusy: z.number(),
  within: z.boolean(),
});

const task = z.object({
  vcpu: z.number(),
  memoryMiB: z.number(),
  method,
  target: z.object({ ms: z.number(), percentile: z.number() }),
  aloneMs: distribution,
  loadedMs: distribution.nullable(),
  perSecond: spread.nullable(),
  inFlight: spread.nullable(),
  limitedBy: z.enum(['target', 'failures', 'sender', 'bound', 'time']),
  steps: z.array(step),
});

const lambda = z.object({
  memoryMiB: z.number(),
  method,
  ms: distribution,
  durationMs: spread,
  initMs: spread,
  starts: z.number(),
});

const measurement = z.object({
  app: z.string(),
  service: z.string(),
  stage: z.string().nullable(),
  measuredAt: z.iso.datetime(),
  version: z.string(),
  machine: z.object({ processor: z.string(), cores: z.number(), platform: z.string() }),
  of: z.object({ settings: z.string(), sources: z.string() }),
  requests: z.array(z.object({ request: z.string(), weight: z.number() })),
  healthOnly: z.boolean(),
  cpuMs: spread,
  requestBytes: spread,
  responseBytes: spread,
  logBytes: spread,
  memory: z.object({ residentMiB: z.number(), peakMiB: z.number() }),
  answers: z.record(z.string(), z.number()),
  task: task.nullable(),
  lambda: lambda.nullable(),
  warnings: z.array(z.string()),
});

const measuredFile = z.object({ schemaVersion: z.literal(1), measurements: z.array(measurement) });

/** Empty where there is no file. Throws MEASURED_FILE_DAMAGED. */
export function readMeasured(machine: Machine, choice: AppChoice): MeasuredFile {
  const { folder } = placeOf(machine, choice);
  const path = join(folder, MEASURED_FILE);
  const text = machine.readText(path);
  if (text === undefined) return { schemaVersion: 1, measurements: [] };
  const file = relative(choice.cwd, path) || path;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Fault('MEASURED_FILE_DAMAGED', { file, problem });
  }
  const parsed = measuredFile.safeParse(read);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const problem = `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'it does not fit'}`;
  throw new Fault('MEASURED_FILE_DAMAGED', { file, problem });
}

/** Puts them in place of those of the same places. Returns the file, as messages name it. */
export function saveMeasured(
  machine: Machine,
  choice: AppChoice,
  fresh: readonly Measurement[],
): string {
  const { folder } = placeOf(machine, choice);
  const path = join(folder, MEASURED_FILE);
  const kept = readMeasured(machine, choice).measurements.filter(
    (one) => !fresh.some((other) => isSamePlace(one, other)),
  );
  const name = ({ app, service, stage }: Measurement) => `${app} ${service} ${stage ?? ''}`;
  const measurements = [...kept, ...fresh].sort((one, other) =>
    name(one) < name(other) ? -1 : name(one) > name(other) ? 1 : 0,
  );
  const file: MeasuredFile = { schemaVersion: 1, measurements };
  machine.writeText(path, `${JSON.stringify(file, null, 2)}\n`);
  return relative(choice.cwd, path) || path;
}
