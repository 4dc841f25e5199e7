// Drives one service: warms a task up, finds what it carries, then starts it as on Lambda.

import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import { BYTES_PER_MIB } from '../../base/units.ts';
import type {
  Measurement,
  Spread,
  Target,
  TaskMeasurement,
} from '../../cost/measure/measurement.ts';
import { orderOf, type RequestSpec, sayRequest } from '../../cost/measure/requests.ts';
import { spreadOf } from '../../cost/measure/statistics.ts';
import type { EngineInputs, EnginePorts } from '../../engine/program.ts';
import type { Service } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import type { Machine } from '../machine.ts';
import { type CapacityParts, measureCapacity } from './capacity.ts';
import { type LoadPlace, measureLambda } from './lambda.ts';
import { closedLoad, type LoadParts, type Observed } from './load.ts';
import { prepare } from './prepare.ts';
import { countedLog, type MeasuredTask, startMeasuredTask } from './task.ts';
import { warningsOf } from './warnings.ts';

export interface DriveOrder {
  readonly inputs: EngineInputs;
  readonly service: Service;
  /** In its place, as asked for; undefined: it runs on Lambda alone. */
  readonly fargate: FargateSettings | undefined;
  readonly requests: readonly RequestSpec[];
  readonly target: Target;
  readonly timeMs: Millis;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

export type Driven = Pick<
  Measurement,
  | 'cpuMs'
  | 'requestBytes'
  | 'responseBytes'
  | 'logBytes'
  | 'memory'
  | 'answers'
  | 'task'
  | 'lambda'
  | 'warnings'
>;

/** Parts of the time: for warming up, for Lambda. The rest is for the task. */
const WARM_UP = 0.12;
const ON_LAMBDA = 0.2;

/** In flight while a task warms up. */
const WARM_IN_FLIGHT = 4;

/** Two batches in a row whose requests take as much of the processor, to this part: it is warm. */
const WARM_TOLERANCE = 0.1;

/** Answers that figures are made of at least. */
const FEWEST = 3;

/** A step of fewer requests says too little about the processor time of one. */
const ENOUGH_FOR_CPU = 100;

/** A request is given up after as many targets, or this long if that is more. */
const PATIENCE = { targets: 20, ms: 30_000 } as const;

interface Part {
  readonly observed: readonly Observed[];
  readonly memory: { readonly residentBytes: number; readonly peakBytes: number };
  /** Processor time of the program since its start. */
  readonly programMs: number;
}

/** Throws as `measure` does, but for what is about the app. */
export async function driveService(
  machine: Machine,
  ports: EnginePorts,
  order: DriveOrder,
): Promise<Driven> {
  const { fargate, service, timeMs } = order;
  const before = { at: machine.clock.now(), ...machine.processorTime() };
  const lambdaMs = service.lambda === undefined ? 0 : fargate === undefined ? 1 : ON_LAMBDA;
  const task =
    fargate === undefined
      ? undefined
      : await driveTask(machine, ports, { ...order, fargate }, timeMs * (1 - lambdaMs));
  const onLambda =
    service.lambda === undefined
      ? undefined
      : await measureLambda({
          ...order,
          ports,
          settings: service.lambda,
          timeMs: timeMs * lambdaMs,
          loadOn: (place) => loadOn(machine, order, place),
        });
  const parts: readonly Part[] = [task, onLambda].filter((part) => part !== undefined);
  const observed = parts.flatMap((part) => part.observed);
  refuseNonsense(order, observed, []);
  const after = { at: machine.clock.now(), ...machine.processorTime() };
  const programMs = parts.reduce((sum, part) => sum + part.programMs, 0);
  const found = { task: task?.task ?? null, lambda: onLambda?.lambda ?? null };
  return {
    ...found,
    ...figures(observed),
    // In an environment that has served little, a request takes more of it than in a task.
    cpuMs: figures(task?.observed ?? observed).cpuMs,
    memory: {
      residentMiB: mib(parts[0]?.memory.residentBytes ?? 0),
      peakMiB: mib(Math.max(...parts.map(({ memory }) => memory.peakBytes))),
    },
    answers: answersOf(observed),
    warnings: warningsOf({ ...found, observed, before, after, programMs, cores: machine.cores }),
  };
}

async function driveTask(
  machine: Machine,
  ports: EnginePorts,
  order: DriveOrder & { readonly fargate: FargateSettings },
  timeMs: Millis,
): Promise<Part & { readonly task: TaskMeasurement }> {
  const { inputs, service, fargate, target, signal, tell } = order;
  const log = countedLog('', '');
  tell('starting');
  const program = { revision: 1, service, settings: fargate, inputs };
  const task = await startMeasuredTask(ports, program, log, {
    patienceMs: order.timeMs,
    signal,
  });
  const broken = new AbortController();
  const failed = task.failed.then((fault) => {
    broken.abort();
    return fault;
  });
  try {
    const { child, upstream, port } = task.process;
    const load = loadOn(machine, order, {
      upstream,
      address: `127.0.0.1:${port}`,
      usage: () => child.usageNow(),
      loggedBytes: () => log.bytes(),
      signal: AbortSignal.any([signal, broken.signal]),
    });
    const vcpu = fargate.cpuUnits / CPU_UNITS_PER_VCPU;
    const capacity: CapacityParts = {
      load,
      vcpu,
      memoryMiB: fargate.memoryMiB,
      target,
      limited: child.limitsCpu,
      timeMs: timeMs * (1 - WARM_UP),
      tell,
    };
    return await found(order, task, capacity, timeMs * WARM_UP);
  } catch (error) {
    // What the load met is the end of the program; that says more.
    if (broken.signal.aborted && !signal.aborted) throw await failed;
    throw error;
  } finally {
    await task.stop();
  }
}

async function found(
  order: DriveOrder,
  { process }: MeasuredTask,
  capacity: CapacityParts,
  warmUpMs: Millis,
): Promise<Part & { readonly task: TaskMeasurement }> {
  const { load, vcpu, limited, tell } = capacity;
  tell('warming up');
  const warm = await warmUp(load, warmUpMs);
  load.signal.throwIfAborted();
  refuseNonsense(order, warm, process.log.lastLines());
  if (limited) process.child.limitCpu(vcpu);
  tell(
    limited
      ? `measuring as a task of ${vcpu} vCPU`
      : 'measuring; the processor cannot be limited here, so what a task carries is computed',
  );
  const { task, observed } = await measureCapacity(capacity);
  const { memoryBytes, peakMemoryBytes, cpuMs } = await process.child.usageNow();
  return {
    task,
    observed,
    programMs: cpuMs,
    memory: { residentBytes: memoryBytes, peakBytes: peakMemoryBytes },
  };
}

/** At full speed, until requests take as much of the processor as those before. */
async function warmUp(load: LoadParts, timeMs: Millis): Promise<readonly Observed[]> {
  const until = load.clock.now() + timeMs;
  const batches: Observed[] = [];
  while (load.clock.now() < until && !load.signal.aborted) {
    const maxMs = Math.max(200, timeMs / 8);
    const batch = await closedLoad(load, WARM_IN_FLIGHT, { minMs: 0, maxMs, enough: () => false });
    batches.push(batch);
    if (batch.failed > batch.total / 2) break;
    const [one, other] = batches.slice(-2).map(({ cpuMs, total }) => cpuMs / Math.max(1, total));
    if (batches.length < 3 || one === undefined || other === undefined) continue;
    if (Math.abs(one - other) <= WARM_TOLERANCE * Math.max(one, other)) break;
  }
  return batches;
}

function loadOn(
  { clock, rng, processorTime }: Machine,
  { requests, target }: DriveOrder,
  { address, ...place }: LoadPlace,
): LoadParts {
  return {
    ...place,
    clock,
    rng,
    requests: requests.map((request) => prepare(request, address)),
    order: orderOf(requests.map(({ weight }) => weight)),
    timeoutMs: Math.max(PATIENCE.ms, PATIENCE.targets * target.ms),
    ownMs: () => processorTime().ownMs,
  };
}

/** Throws MEASURE_ANSWERS_FAIL, MEASURE_TOO_FEW. */
function refuseNonsense(
  { service, requests, timeMs }: DriveOrder,
  observed: readonly Observed[],
  lastLines: readonly string[],
): void {
  const total = observed.reduce((sum, one) => sum + one.total, 0);
  const failed = observed.reduce((sum, one) => sum + one.failed, 0);
  if (failed > total / 2) {
    throw new Fault('MEASURE_ANSWERS_FAIL', {
      service: service.name,
      requests: requests.map(sayRequest).join(', '),
      failed,
      total,
      answers: sayAnswers(answersOf(observed)),
      lastLines,
    });
  }
  const answered = total - failed;
  if (answered >= FEWEST) return;
  throw new Fault('MEASURE_TOO_FEW', { service: service.name, answered, timeMs });
}

function sayAnswers(answers: Readonly<Record<string, number>>): string {
  return Object.entries(answers)
    .map(([status, count]) => {
      const what = status === 'none' ? 'no answer' : `status ${status}`;
      return `${what} ${count === 1 ? 'once' : `${count} times`}`;
    })
    .join(', ');
}

function answersOf(observed: readonly Observed[]): Readonly<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (const one of observed) {
    for (const [status, count] of Object.entries(one.answers)) {
      answers[status] = (answers[status] ?? 0) + count;
    }
  }
  return answers;
}

function figures(
  all: readonly Observed[],
): Pick<Measurement, 'cpuMs' | 'requestBytes' | 'responseBytes' | 'logBytes'> {
  const many = all.filter(({ total }) => total >= ENOUGH_FOR_CPU);
  const observed = (many.length > 0 ? many : all).filter(({ total }) => total > 0);
  const each = (of: (one: Observed) => number): Spread =>
    spreadOf(observed.map((one) => ({ value: of(one) / one.total, weight: one.total })));
  return {
    cpuMs: each(({ cpuMs }) => cpuMs),
    requestBytes: each(({ requestBytes }) => requestBytes),
    responseBytes: each(({ responseBytes }) => responseBytes),
    logBytes: each(({ logBytes }) => logBytes),
  };
}

const mib = (bytes: number): number => Math.round((10 * bytes) / BYTES_PER_MIB) / 10;
