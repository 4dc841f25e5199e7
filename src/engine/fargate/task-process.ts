// One Fargate task: a process of the service's program, checked as a load balancer checks a target,
// stopped as ECS stops a task.

import { Fault, sayExit } from '../../base/fault.ts';
import type { Child, Clock, Exit } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { HealthCheck, Service } from '../../model/app.ts';
import {
  ALB_CONNECT_TIMEOUT_MS,
  ALB_HEALTH_USER_AGENT,
  ALB_RESPONSE_HEAD_BYTES,
  CPU_UNITS_PER_VCPU,
  FARGATE_OPEN_FILES,
} from '../../model/aws-limits.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import { type Upstream, upstream } from '../http1/upstream.ts';
import { probe, sayProbe } from '../probe.ts';
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

/**
 * A new task is asked this often until its first success. A load balancer asks at its interval, so
 * on AWS a task joins up to that much later.
 */
const FIRST_CHECK_EVERY_MS = 20;

export interface TaskProcess {
  readonly id: string;
  readonly child: Child;
  readonly port: number;
  readonly upstream: Upstream;
  readonly log: ServiceLog;
  /** Deregisters: no further check. */
  stopChecking(): void;
  /** SIGTERM, and SIGKILL after the stop timeout. */
  stop(): Promise<Exit>;
  kill(): void;
}

export interface TaskSpec {
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: FargateSettings;
  readonly id: string;
  readonly log: ServiceLog;
  readonly checked: (ok: boolean, why: string) => void;
  /** It never passed a check in the time that its failures may take; it is ended. */
  readonly gaveUp: (fault: Fault) => void;
}

export async function startTask(ports: EnginePorts, spec: TaskSpec): Promise<TaskProcess> {
  const port = await ports.net.freePort();
  const { service, settings } = spec;
  const child = ports.processes.spawn({
    command: service.command,
    cwd: folderOf(spec.inputs, service),
    label: `${service.name}-fargate`,
    limits: {
      memoryMiB: settings.memoryMiB,
      cpu: settings.cpuUnits / CPU_UNITS_PER_VCPU,
      openFiles: FARGATE_OPEN_FILES,
    },
    onLine: (line) => spec.log.write(line),
    port: { here: port, inside: service.port, variables: ['PORT'] },
    ...containerOf(spec.inputs, service),
    env: programEnvironment(spec.inputs, service, {
      AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
      HOSTNAME: `ip-127-0-0-1-${spec.id.slice(0, 8)}`,
    }),
  });
  const checking = new AbortController();
  void child.exited.then(() => checking.abort());
  void check(ports, spec, child, port, checking.signal);
  const connections = upstream({
    port,
    clock: ports.clock,
    connectTimeoutMs: ALB_CONNECT_TIMEOUT_MS,
    maxHeadBytes: ALB_RESPONSE_HEAD_BYTES,
  });
  return {
    id: spec.id,
    child,
    port,
    upstream: connections,
    log: spec.log,
    stopChecking: () => checking.abort(),
    kill: () => child.signal('SIGKILL'),
    stop: () => {
      checking.abort();
      return stopChild(ports.clock, child, settings.stopTimeoutMs);
    },
  };
}

async function check(
  ports: EnginePorts,
  spec: TaskSpec,
  child: Child,
  port: number,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = ports;
  const { health } = spec.service;
  const first = await firstSuccess(clock, health, port, signal);
  if (signal.aborted) return;
  if (first !== undefined) {
    spec.gaveUp(startFault(spec, child, port, first));
    return;
  }
  spec.checked(true, 'its first health check passed');
  while (!signal.aborted) {
    await clock.sleep(health.intervalMs, signal);
    if (signal.aborted) return;
    const result = await probe(clock, port, health.path, ALB_HEALTH_USER_AGENT, health.timeoutMs);
    if (signal.aborted) return;
    const ok = result.kind === 'answered' && matches(health, result.status);
    const why = `GET ${health.path}: ${sayProbe(result, health.timeoutMs)}`;
    spec.checked(ok, why);
  }
}

/** Undefined after the first success (or when aborted), else what the last check found. */
async function firstSuccess(
  clock: Clock,
  health: HealthCheck,
  port: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  const deadline = clock.now() + startWithin(health);
  let last = 'nothing listens';
  while (!signal.aborted && clock.now() < deadline) {
    const result = await probe(clock, port, health.path, ALB_HEALTH_USER_AGENT, health.timeoutMs);
    if (result.kind === 'answered' && matches(health, result.status)) return undefined;
    last = sayProbe(result, health.timeoutMs);
    await clock.sleep(FIRST_CHECK_EVERY_MS, signal);
  }
  return signal.aborted ? undefined : last;
}

/** A target that fails this long is unhealthy, and ECS replaces it. */
function startWithin(health: HealthCheck): Millis {
  return health.intervalMs * health.unhealthyAfter;
}

function startFault(spec: TaskSpec, child: Child, port: number, last: string): Fault {
  const { service, log } = spec;
  if (last !== 'nothing listens') {
    const { path, unhealthyAfter } = service.health;
    return new Fault('APP_UNHEALTHY', {
      service: service.name,
      path,
      reason: last,
      failures: unhealthyAfter,
    });
  }
  return new Fault('APP_NOT_LISTENING', {
    service: service.name,
    command: commandOf(spec.inputs, service),
    port,
    waitedMs: startWithin(service.health),
    elsewhere: child.listeners().map((listener) => listener.port),
    lastLines: log.lastLines(),
  });
}

export function matches(health: HealthCheck, status: number): boolean {
  return health.matcher.some(({ from, to }) => status >= from && status <= to);
}

/** Why a task ended by itself. */
export function endFault(
  spec: TaskSpec,
  child: Child,
  port: number,
  exit: Exit,
  wasHealthy: boolean,
): Fault {
  const { service, settings, log } = spec;
  if (child.outOfMemory()) {
    const { memoryMiB } = settings;
    return new Fault('APP_OUT_OF_MEMORY', { service: service.name, compute: 'fargate', memoryMiB });
  }
  const facts = { service: service.name, exit: sayExit(exit), lastLines: log.lastLines() };
  if (wasHealthy) return new Fault('APP_CRASHED', facts);
  return new Fault('APP_EXITED_EARLY', {
    ...facts,
    command: commandOf(spec.inputs, service),
    port,
  });
}
