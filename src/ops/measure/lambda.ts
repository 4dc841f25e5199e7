// How long a service takes on Lambda: started several times, then asked one request at a time with
// the share of a processor that its memory brings.

import { Fault, sayExit } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import { stretched } from '../../cost/measure/computed.ts';
import type { LambdaMeasurement } from '../../cost/measure/measurement.ts';
import { distributionOf, meanOf, meanSpread } from '../../cost/measure/statistics.ts';
import { adapterOf } from '../../engine/lambda/adapter.ts';
import { type EnvironmentProcess, startProgram } from '../../engine/lambda/environment-process.ts';
import { platformLog } from '../../engine/lambda/platform-log.ts';
import type { EngineInputs, EnginePorts } from '../../engine/program.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import { LAMBDA_MIB_PER_VCPU } from '../../model/aws-limits.ts';
import { cpuOf, meanUntil } from './capacity.ts';
import { closedLoad, type LoadParts, type Observed } from './load.ts';
import { type CountedLog, countedLog } from './task.ts';

/** Environments that are started, if there is time. */
const STARTS = 5;

export interface LambdaParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly timeMs: Millis;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
  /** What loads an environment, given how it is reached. */
  readonly loadOn: (place: LoadPlace) => LoadParts;
}

export interface LoadPlace
  extends Pick<LoadParts, 'upstream' | 'usage' | 'loggedBytes' | 'signal'> {
  /** "127.0.0.1:3000" */
  readonly address: string;
}

export interface LambdaFound {
  readonly lambda: LambdaMeasurement;
  readonly observed: readonly Observed[];
  readonly memory: { readonly residentBytes: number; readonly peakBytes: number };
  /** Processor time of the program since its last start. */
  readonly programMs: number;
}

/** Throws what `startProgram` throws, MEASURE_PROGRAM_ENDED, APP_OUT_OF_MEMORY; then nothing is left running. */
export async function measureLambda(parts: LambdaParts): Promise<LambdaFound> {
  const { ports, settings, timeMs, tell, signal } = parts;
  const until = ports.clock.now() + timeMs;
  const inits: number[] = [];
  for (;;) {
    const log = countedLog('', '');
    const process = await start(parts, log);
    inits.push(process.initMs);
    tell(`start ${inits.length} on Lambda: INIT ${process.initMs.toFixed(0)} ms`);
    const mayMore = inits.length < STARTS && ports.clock.now() < until - timeMs / 2;
    if (mayMore || (inits.length < 2 && ports.clock.now() < until)) {
      await process.stop();
      signal.throwIfAborted();
      continue;
    }
    try {
      const left = Math.max(1000, until - ports.clock.now());
      const { observed, ...used } = await drive(parts, process, log, left);
      return { observed: [observed], ...used, lambda: found(settings, process, inits, observed) };
    } finally {
      await process.stop();
    }
  }
}

function found(
  { memoryMiB }: LambdaSettings,
  { child }: EnvironmentProcess,
  inits: readonly number[],
  observed: Observed,
): LambdaMeasurement {
  const cpuMs = cpuOf(observed);
  const share = memoryMiB / LAMBDA_MIB_PER_VCPU;
  const durations = child.limitsCpu
    ? observed.sorted
    : observed.sorted.map((ms) => stretched(ms, cpuMs, share));
  return {
    memoryMiB,
    method: child.limitsCpu ? 'limited' : 'computed',
    ms: distributionOf(durations),
    durationMs: meanSpread(durations),
    initMs: {
      smallest: Math.min(...inits),
      likely: meanOf(inits),
      largest: Math.max(...inits),
    },
    starts: inits.length,
  };
}

async function drive(
  { loadOn, signal, service, settings }: LambdaParts,
  process: EnvironmentProcess,
  log: CountedLog,
  timeMs: Millis,
) {
  const { child, upstream, port } = process;
  const broken = new AbortController();
  const failed = child.exited.then((exit): Fault => {
    broken.abort();
    if (child.outOfMemory()) {
      const { memoryMiB } = settings;
      return new Fault('APP_OUT_OF_MEMORY', {
        service: service.name,
        compute: 'lambda',
        memoryMiB,
      });
    }
    const facts = { exit: sayExit(exit), lastLines: log.lastLines() };
    return new Fault('MEASURE_PROGRAM_ENDED', { service: service.name, ...facts });
  });
  const load = loadOn({
    upstream,
    address: `127.0.0.1:${port}`,
    usage: () => child.usageNow(),
    loggedBytes: () => log.bytes(),
    signal: AbortSignal.any([signal, broken.signal]),
  });
  // INIT may be over before the program is ready; the first request waits for it then.
  await process.untilReady?.(load.signal);
  await closedLoad(load, 1, { minMs: 0, maxMs: timeMs * 0.2, enough: (ms) => ms.length >= 50 });
  const observed = await closedLoad(load, 1, meanUntil(timeMs * 0.8));
  signal.throwIfAborted();
  if (broken.signal.aborted) throw await failed;
  const { memoryBytes, peakMemoryBytes, cpuMs } = await child.usageNow();
  const memory = { residentBytes: memoryBytes, peakBytes: peakMemoryBytes };
  return { observed, memory, programMs: cpuMs };
}

async function start(
  { ports, inputs, service, settings, signal }: LambdaParts,
  log: CountedLog,
): Promise<EnvironmentProcess> {
  const { clock, rng } = ports;
  const id = rng.hex(32);
  const style = inputs.app.local.assume.reportStyle;
  const temporary = ports.files.temporary(`measure-${id}`);
  const process = await startProgram(ports, {
    id,
    provisioned: false,
    log,
    temporary,
    signal,
    inputs,
    service,
    settings,
    functionName: `${inputs.app.name}-${service.name}`,
    platform: platformLog({ clock, log, format: settings.logFormat, style }),
    adapter: adapterOf(inputs, service),
    counted: true,
  });
  return {
    ...process,
    stop: async () => {
      const exit = await process.stop();
      ports.files.dropTemporary(`measure-${id}`);
      return exit;
    },
  };
}
