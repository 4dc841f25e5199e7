// Measures what the services of an app take: processor, memory, time, bytes; and what a task of
// their size carries. Saves it for the team and for the bill.

import { Fault } from '../base/fault.ts';
import { type Millis, MS_PER_SECOND } from '../base/units.ts';
import type { Measurement, Target } from '../cost/measure/measurement.ts';
import type { RequestSpec } from '../cost/measure/requests.ts';
import type { App, Service } from '../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../model/aws-limits.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { build } from './dev.ts';
import { type AppChoice, inputsOf, readApp, sourcesOf } from './find-app.ts';
import { NO_IMAGES } from './images.ts';
import type { Machine } from './machine.ts';
import { readMeasured, saveMeasured, settingsHash } from './measure/saved.ts';
import { driveService } from './measure/service.ts';

export type {
  Distribution,
  Measurement,
  Spread,
  TaskMeasurement,
} from '../cost/measure/measurement.ts';

export interface MeasureOptions extends AppChoice {
  /** Names; empty: every service of the app. */
  readonly services: readonly string[];
  /** Empty: the health check. */
  readonly requests: readonly RequestSpec[];
  readonly target: Target;
  /** In place of `fargate.cpu`: 0.25 is a quarter of a processor. */
  readonly vcpu: number | undefined;
  /** For each service, without its build and start. */
  readonly timeMs: Millis;
  /** False: nothing is written. */
  readonly save: boolean;
  /** Version of Fulcrum. */
  readonly version: string;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Measured {
  readonly measurements: readonly Measurement[];
  /** Name of the file; undefined: it was not asked for. */
  readonly saved: string | undefined;
}

export const DEFAULT_TARGET: Target = { ms: 200, percentile: 95 };

export const DEFAULT_TIME_MS = 30 * MS_PER_SECOND;

/**
 * Throws CONFIG_NOT_FOUND, CONFIG_INVALID, STAGE_UNKNOWN, SERVICE_UNKNOWN, SOURCE_NOT_FOUND,
 * SECRETS_MISSING, BUILD_FAILED, ENGINE_RUNNING, MEASURED_FILE_DAMAGED, MEASURE_UNSUPPORTED,
 * MEASURE_ANSWERS_FAIL, MEASURE_TOO_FEW, and what a program that does not start or ends throws.
 * Then, and when `signal` aborts, nothing is left running and nothing was saved.
 */
export async function measure(machine: Machine, options: MeasureOptions): Promise<Measured> {
  const { app, place } = readApp(machine, options);
  const services = chosen(app, options);
  for (const service of services) refuseUnsupported(service, options);
  const running = await machine.findEngine(place.folder);
  if (running !== undefined) {
    throw new Fault('ENGINE_RUNNING', {
      folder: place.folder,
      pid: running.pid,
      url: running.url,
    });
  }
  await machine.leftovers(place.folder, true);
  // What is damaged is said before anybody waits.
  if (options.save) readMeasured(machine, options);
  const measurements: Measurement[] = [];
  for (const service of services) {
    measurements.push(await measureOne(machine, { ...app, ...alone(service) }, service, options));
  }
  const saved = options.save ? saveMeasured(machine, options, measurements) : undefined;
  return { measurements, saved };
}

/** The app as if it had nothing but this service. */
const alone = (service: Service) => ({ services: [service], functions: [], queues: [] });

function chosen(app: App, { services: names, requests }: MeasureOptions): readonly Service[] {
  const known = app.services.map(({ name }) => name);
  for (const name of names) {
    if (app.functions.some((one) => one.name === name)) {
      throw new Fault('MEASURE_UNSUPPORTED', {
        service: name,
        why: 'it is a function, and functions take events instead of requests',
        fix: 'Its REPORT lines have duration, INIT and memory: run "fulcrum dev", "fulcrum invoke" it and read "fulcrum logs".',
      });
    }
    if (!known.includes(name)) throw new Fault('SERVICE_UNKNOWN', { service: name, known });
  }
  const services = app.services.filter(({ name }) => names.length === 0 || names.includes(name));
  if (services.length > 1 && requests.length > 0) {
    throw new Fault('USAGE', {
      problem: '--request is for one service, and there are several.',
      fix: `Name one of them: ${known.join(', ')}.`,
    });
  }
  if (services.length > 0) return services;
  throw new Fault('MEASURE_UNSUPPORTED', {
    service: app.name,
    why: 'it has no service, and functions take events instead of requests',
    fix: 'The REPORT lines of functions have duration, INIT and memory: run "fulcrum dev", "fulcrum invoke" them and read "fulcrum logs".',
  });
}

function refuseUnsupported({ name, fargate, lambda }: Service, { vcpu }: MeasureOptions): void {
  const protocol = fargate?.targetGroup.protocol ?? 'http1';
  if (protocol !== 'http1') {
    throw new Fault('MEASURE_UNSUPPORTED', {
      service: name,
      why: `its target group speaks ${protocol}, and only HTTP/1.1 can be sent`,
      fix: 'Measure it with a load generator for that protocol, and put what it says under "cost:" by hand.',
    });
  }
  if (vcpu !== undefined && fargate === undefined) {
    throw new Fault('MEASURE_UNSUPPORTED', {
      service: name,
      why: 'it has no "fargate:" block, so it has no task whose size --vcpu could change',
      fix: 'Give it a "fargate:" block, or leave --vcpu out to measure it on Lambda.',
    });
  }
  if (fargate !== undefined || lambda !== undefined) return;
  throw new Fault('MEASURE_UNSUPPORTED', {
    service: name,
    why: 'it runs neither on Lambda nor on Fargate',
    fix: 'Give it a "lambda:" or a "fargate:" block.',
  });
}

async function measureOne(
  machine: Machine,
  app: App,
  service: Service,
  options: MeasureOptions,
): Promise<Measurement> {
  const { signal, tell } = options;
  const { place } = readApp(machine, options);
  const sources = sourcesOf(machine, app, place, false);
  const building = (name: string, line: string) => tell(`building ${name}: ${line}`);
  await build(machine, sources, { building });
  signal.throwIfAborted();
  const inputs = inputsOf(machine, sources, NO_IMAGES);
  const requests = options.requests.length > 0 ? options.requests : [healthRequest(service)];
  const run = machine.openRun(place.folder);
  try {
    const found = await driveService(machine, run.ports, {
      inputs,
      service,
      fargate: sized(service.fargate, options.vcpu),
      requests,
      target: options.target,
      timeMs: options.timeMs,
      tell: (line) => tell(`${service.name}: ${line}`),
      signal,
    });
    signal.throwIfAborted();
    const healthOnly = options.requests.length === 0;
    return {
      app: app.name,
      service: service.name,
      stage: app.stage ?? null,
      measuredAt: new Date(machine.clock.wall()).toISOString(),
      version: options.version,
      machine: {
        processor: machine.processor,
        cores: machine.cores,
        platform: machine.platform,
      },
      of: {
        settings: settingsHash(app, service),
        sources: await machine.fingerprint(sources.folders.get(service.key) ?? ''),
      },
      requests: requests.map(({ method, path, weight }) => ({
        request: `${method} ${path}`,
        weight,
      })),
      healthOnly,
      ...found,
      warnings: [
        ...(healthOnly ? [healthWarning(service)] : []),
        ...slotsWarning(service, found.task),
        ...found.warnings,
      ],
    };
  } finally {
    await run.close();
  }
}

/** What `auto` sends a task at once, if that is more than it carries. */
function slotsWarning({ fargate }: Service, task: Measurement['task']): readonly string[] {
  const slots = fargate?.concurrency;
  if (slots === undefined || task === null || task.limitedBy === 'sender') return [];
  const carries = task.inFlight?.likely ?? 0;
  const { ms, percentile } = task.target;
  if (slots <= carries || carries === 0) return [];
  return [
    `"fargate.concurrency" is ${slots}, and ${carries} in flight are within ${ms} ms at p${percentile}: lower it to ${carries}.`,
  ];
}

const healthWarning = ({ health }: Service): string =>
  `Only the health check was sent, GET ${health.path}: say with --request what people ask for.`;

function healthRequest({ health }: Service): RequestSpec {
  return { method: 'GET', path: health.path, weight: 1, headers: {}, body: undefined };
}

function sized(
  settings: FargateSettings | undefined,
  vcpu: number | undefined,
): FargateSettings | undefined {
  if (settings === undefined || vcpu === undefined) return settings;
  return { ...settings, cpuUnits: vcpu * CPU_UNITS_PER_VCPU };
}
