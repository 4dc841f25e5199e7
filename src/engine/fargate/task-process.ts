// One Fargate task: a process of the service's program with a folder for its temporary files, stopped
// as ECS stops a task.
//
// Invariants
//   K1. `ended` resolves once, after the last line was written and its folder was given up.
//   K2. A program that hangs does not see SIGTERM; SIGKILL ends it after the stop timeout.

import { constants } from 'node:os';
import { Fault, sayExit } from '../../base/fault.ts';
import type { Beside, Child, Exit, Limits } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { type CheckResult, sayCheck, sayQuestion } from '../../fleet/balancer/target-health.ts';
import type { HealthCheck, Service } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU, FARGATE_OPEN_FILES } from '../../model/aws-limits.ts';
import type { ContainerEnd } from '../../model/ecs.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import {
  commandOf,
  containerOf,
  type EngineInputs,
  type EnginePorts,
  folderOf,
  programEnvironment,
  type ServiceLog,
} from '../program.ts';
import { stopChild } from '../stop-child.ts';
import { type CheckedReach, reachOf } from './task-reach.ts';

/** As ECS keeps of the reason of a container. [ECS:document_history] */
const MAX_REASON = 1024;

/** What the tasks of one deployment run. It does not change. */
export interface TaskProgram {
  readonly revision: number;
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly inputs: EngineInputs;
}

export interface TaskSpec {
  readonly program: TaskProgram;
  readonly id: string;
  readonly log: ServiceLog;
  /** Where it can ask about itself. */
  readonly metadataUri: string;
  /** Beside those of its size. */
  readonly limits?: Pick<Limits, 'cpuPeriodMs' | 'counted'>;
}

export interface TaskProcess extends CheckedReach {
  readonly id: string;
  readonly program: TaskProgram;
  readonly child: Child;
  readonly port: number;
  readonly log: ServiceLog;
  /** Resolves when the program runs; false: it could not be started. */
  readonly started: Promise<boolean>;
  readonly ended: Promise<TaskEnd>;
  /** Runs a command as `docker exec` would, within the folder and the variables of the task. */
  run(command: string | readonly string[]): Beside & { lastLine(): string };
  /** Bytes of its temporary files. */
  storageBytes(): Promise<number>;
  /** SIGTERM, and SIGKILL after the stop timeout, or after `withinMs` if that is sooner. */
  stop(withinMs: Millis): void;
  kill(): void;
  /** Nothing of it moves any more; connections to it are still taken. */
  hang(): void;
}

export interface TaskEnd {
  readonly exit: Exit;
  readonly outOfMemory: boolean;
  readonly end: ContainerEnd;
}

export async function startTask(ports: EnginePorts, spec: TaskSpec): Promise<TaskProcess> {
  const { id, log, program, metadataUri } = spec;
  const { service, settings, inputs } = program;
  const port = await ports.net.freePort();
  const reach = await reachOf(ports, port, settings.targetGroup.protocol);
  const how = containerOf(inputs, service);
  const folder = how.container === undefined ? `task-${id}` : undefined;
  const env = programEnvironment(inputs, service, {
    ...(folder !== undefined && { TMPDIR: ports.files.temporary(folder) }),
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    ECS_CONTAINER_METADATA_URI_V4: metadataUri,
    HOSTNAME: `ip-127-0-0-1-${id.slice(0, 8)}`,
  });
  const child = ports.processes.spawn({
    command: service.command,
    cwd: folderOf(inputs, service),
    label: `${service.name}-fargate`,
    limits: {
      memoryMiB: settings.memoryMiB,
      cpu: settings.cpuUnits / CPU_UNITS_PER_VCPU,
      openFiles: FARGATE_OPEN_FILES,
      ...spec.limits,
    },
    onLine: (line) => log.write(line),
    port: { here: port, inside: service.port, variables: ['PORT'] },
    ...how,
    calls: [...(how.calls ?? []), new URL(metadataUri).host],
    env,
  });
  const ended = Promise.all([child.exited, child.started]).then(([exit, started]) => {
    if (folder !== undefined) ports.files.dropTemporary(folder);
    return endOf(child, exit, started, log);
  });
  let hung = false;
  return {
    id,
    program,
    child,
    port,
    log,
    ...reach,
    started: child.started,
    ended,
    run(command) {
      let last = '';
      const beside = child.run(command, (line) => {
        last = line;
      });
      return { exited: beside.exited, kill: () => beside.kill(), lastLine: () => last };
    },
    storageBytes: () =>
      folder === undefined ? child.writtenBytes() : ports.files.usedBytes(folder),
    stop: (withinMs) => {
      const patience = Math.min(settings.stopTimeoutMs, withinMs);
      if (hung) void killLater(ports, child, patience);
      else void stopChild(ports.clock, child, patience);
    },
    kill: () => child.signal('SIGKILL'),
    hang: () => {
      hung = true;
      child.freeze();
    },
  };
}

async function killLater(ports: EnginePorts, child: Child, withinMs: Millis): Promise<void> {
  const ended = new AbortController();
  void child.exited.then(() => ended.abort());
  await ports.clock.sleep(withinMs, ended.signal);
  child.signal('SIGKILL');
}

function endOf(child: Child, exit: Exit, started: boolean, log: ServiceLog): TaskEnd {
  const outOfMemory = child.outOfMemory();
  if (outOfMemory) {
    const reason = 'OutOfMemoryError: Container killed due to memory usage';
    return { exit, outOfMemory, end: { exitCode: 137, reason } };
  }
  const reason = started
    ? undefined
    : `CannotStartContainerError: ${log.lastLines().at(-1) ?? sayExit(exit)}`.slice(0, MAX_REASON);
  return { exit, outOfMemory, end: { exitCode: exitCodeOf(exit), reason } };
}

/** As a container runtime says it: 128 and the number of the signal. */
export function exitCodeOf(exit: Exit): number {
  if ('code' in exit) return exit.code;
  return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
}

/** Why a task ended by itself. */
export function endFault(
  { program, port, log }: TaskProcess,
  { exit, outOfMemory, end }: TaskEnd,
  wasHealthy: boolean,
): Fault {
  const { service, settings, inputs } = program;
  const { memoryMiB } = settings;
  const facts = { service: service.name, lastLines: log.lastLines() };
  if (outOfMemory) {
    return new Fault('APP_OUT_OF_MEMORY', { service: service.name, compute: 'fargate', memoryMiB });
  }
  const command = commandOf(inputs, service);
  if (end.reason !== undefined) return new Fault('APP_CANNOT_START', { ...facts, command });
  const exited = { ...facts, exit: sayExit(exit) };
  if (wasHealthy) return new Fault('APP_CRASHED', exited);
  return new Fault('APP_EXITED_EARLY', { ...exited, command, port });
}

/** Why a task never became healthy. */
export function startFault(
  { child, port, log, program }: TaskProcess,
  health: HealthCheck,
  last: CheckResult,
): Fault {
  const { service } = program;
  const { unhealthyAfter: failures, intervalMs } = health;
  const elsewhere = child.listeners().map((listener) => listener.port);
  if (last.kind !== 'failed' || elsewhere.includes(port)) {
    const reason = sayCheck(health, last);
    const asked = sayQuestion(health);
    return new Fault('APP_UNHEALTHY', { service: service.name, asked, reason, failures });
  }
  return new Fault('APP_NOT_LISTENING', {
    service: service.name,
    command: commandOf(program.inputs, service),
    port,
    waitedMs: intervalMs * failures,
    elsewhere,
    lastLines: log.lastLines(),
  });
}
