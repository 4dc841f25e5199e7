// One task of a service, started as `fulcrum dev` starts one and found healthy, without the rest of
// the app around it.

import { Fault, sayExit } from '../../base/fault.ts';
import { type Millis, MS_PER_SECOND } from '../../base/units.ts';
import { TaskMetadata } from '../../engine/fargate/task-metadata.ts';
import {
  endFault,
  startFault,
  startTask,
  type TaskProcess,
  type TaskProgram,
} from '../../engine/fargate/task-process.ts';
import { sayProbe } from '../../engine/probe.ts';
import type { EnginePorts, ServiceLog } from '../../engine/program.ts';
import { type CheckResult, passes } from '../../fleet/balancer/target-health.ts';
import type { EcsTask } from '../../fleet/ecs/scheduler.ts';
import { ALB_HEALTH_USER_AGENT } from '../../model/aws-limits.ts';

/**
 * Over such periods the ECS agent keeps a task to its processor, and was never told otherwise by
 * default: a quarter of one is 25 ms of computing, then 75 ms of standing still.
 * [amazon-ecs-agent pull request 1632, read 2026-11-21] Fargate does not say what it does.
 */
const TASK_CPU_PERIOD_MS = 100;

const CHECK_EVERY_MS = 50;

const STOP_WITHIN_MS = 2 * MS_PER_SECOND;

export interface CountedLog extends ServiceLog {
  bytes(): number;
}

export interface MeasuredTask {
  readonly process: TaskProcess;
  /** Resolves with why, when it ends by itself. */
  readonly failed: Promise<Fault>;
  stop(): Promise<void>;
}

/** The log of a copy that nobody shows, with its bytes counted. */
export function countedLog(group: string, stream: string): CountedLog {
  const last: string[] = [];
  let bytes = 0;
  return {
    group,
    stream,
    write(line) {
      bytes += Buffer.byteLength(line) + 1;
      last.push(line);
      if (last.length > 8) last.shift();
    },
    platform: () => {},
    lastLines: () => [...last],
    bytes: () => bytes,
  };
}

/**
 * Its processor is not limited yet. Throws APP_CANNOT_START, APP_EXITED_EARLY, APP_OUT_OF_MEMORY,
 * APP_NOT_LISTENING, APP_UNHEALTHY; then nothing is left running.
 */
export async function startMeasuredTask(
  ports: EnginePorts,
  program: TaskProgram,
  log: CountedLog,
  /** `patienceMs`: it may take this long to be healthy, or as long as its check says if that is more. */
  { patienceMs, signal }: { readonly patienceMs: Millis; readonly signal: AbortSignal },
): Promise<MeasuredTask> {
  const id = ports.rng.hex(32);
  const metadata = new TaskMetadata();
  await metadata.listen();
  try {
    const task = describe(program, id, ports.clock.now());
    const metadataUri = metadata.add(id, () => ({ task, program, log, storageBytes: 0 }));
    const limits = { cpuPeriodMs: TASK_CPU_PERIOD_MS, counted: true };
    const process = await startTask(ports, { program, id, log, metadataUri, limits });
    process.child.limitCpu(undefined);
    let healthy = false;
    const failed = process.ended.then((end): Fault => {
      if (!healthy || end.outOfMemory) return endFault(process, end, healthy);
      const facts = { exit: sayExit(end.exit), lastLines: log.lastLines() };
      return new Fault('MEASURE_PROGRAM_ENDED', { service: program.service.name, ...facts });
    });
    const stop = async (): Promise<void> => {
      process.upstream.close();
      process.stop(STOP_WITHIN_MS);
      await process.ended;
      metadata.close();
    };
    const settled = new AbortController();
    try {
      const either = AbortSignal.any([signal, settled.signal]);
      const fault = await Promise.race([failed, untilHealthy(ports, process, patienceMs, either)]);
      signal.throwIfAborted();
      if (fault !== undefined) throw fault;
      healthy = true;
      return { process, failed, stop };
    } catch (error) {
      await stop();
      throw error;
    } finally {
      settled.abort();
    }
  } catch (error) {
    metadata.close();
    throw error;
  }
}

async function untilHealthy(
  { clock }: EnginePorts,
  process: TaskProcess,
  patienceMs: Millis,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  const { health } = process.program.service;
  const { graceMs } = process.program.settings;
  const patience = Math.max(patienceMs, graceMs + health.intervalMs * health.unhealthyAfter);
  const until = clock.now() + patience;
  let last: CheckResult = { kind: 'failed', problem: 'nothing listens' };
  while (clock.now() < until) {
    if (signal.aborted) return undefined;
    last = await check(process, clock, health.timeoutMs);
    if (passes(health, last)) return undefined;
    await clock.sleep(CHECK_EVERY_MS, signal);
  }
  return startFault(process, health, last);
}

function check(
  { ask, port, program }: TaskProcess,
  clock: EnginePorts['clock'],
  timeoutMs: Millis,
): Promise<CheckResult> {
  const { path } = program.service.health;
  return new Promise((resolve) => {
    const question = { port, path, userAgent: ALB_HEALTH_USER_AGENT, timeoutMs };
    ask(clock, question, (answer) => {
      if (answer.kind === 'answered') resolve({ kind: 'status', status: answer.status });
      else if (answer.kind === 'silent') resolve({ kind: 'timeout' });
      else resolve({ kind: 'failed', problem: sayProbe(answer, timeoutMs) });
    });
  });
}

/** What it is told of itself when it asks. */
function describe({ inputs, revision }: TaskProgram, id: string, now: Millis): EcsTask {
  return {
    id,
    deployment: `ecs-svc/${id.slice(0, 19)}`,
    revision,
    zone: inputs.app.zones[0] ?? '',
    spot: false,
    status: 'RUNNING',
    container: 'UNKNOWN',
    target: undefined,
    createdAt: now,
    startedAt: now,
    wasHealthy: true,
    stop: undefined,
    end: undefined,
  };
}
