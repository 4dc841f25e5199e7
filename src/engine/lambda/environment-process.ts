// One execution environment of Lambda: a process of the service's program, started and found ready
// as the Lambda Web Adapter does it, with the limits of its function.
//
// Readiness is observed: GET on the health path every 10 ms until any status from 100 to 499 comes,
// or what the variables of the adapter say instead. It is raced against the end of the process and
// the INIT limit of 10 s; after that limit Lambda starts over inside the first request, with the
// function's timeout. With AWS_LWA_ASYNC_INIT the adapter says after 9.8 s that INIT is over.

import { Fault, sayExit } from '../../base/fault.ts';
import type { Child, Clock, Exit } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { LambdaSettings, Service } from '../../model/app.ts';
import {
  ALB_CONNECT_TIMEOUT_MS,
  ALB_RESPONSE_HEAD_BYTES,
  LAMBDA_INIT_LIMIT_MS,
  LAMBDA_MIB_PER_VCPU,
  LAMBDA_OPEN_FILES,
} from '../../model/aws-limits.ts';
import {
  type AdapterSettings,
  ASYNC_INIT_MS,
  isWithin,
  READINESS_EVERY_MS,
  type ReadinessCheck,
} from '../../payload/adapter-settings.ts';
import { type Upstream, upstream } from '../http1/upstream.ts';
import { accepts, probe } from '../probe.ts';
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
import { OWN_PORT } from './adapter.ts';
import type { EnvironmentSpec } from './environment.ts';
import type { PlatformLog } from './platform-log.ts';

/** From SIGTERM to SIGKILL: 30 % of the 2 s that an external extension gives. [RIE rapid/shutdown.go] */
const STOP_WITHIN_MS = 600;

export interface EnvironmentProcess {
  readonly id: string;
  readonly child: Child;
  /** Where the program listens. */
  readonly port: number;
  readonly upstream: Upstream;
  readonly log: ServiceLog;
  readonly initMs: Millis;
  /** INIT was over before the program was ready: resolves when it is, or `signal` aborts. */
  readonly untilReady: ((signal: AbortSignal) => Promise<void>) | undefined;
  stop(): Promise<Exit>;
}

export interface ProgramSpec extends EnvironmentSpec {
  readonly inputs: EngineInputs;
  readonly service: Service;
  readonly settings: LambdaSettings;
  readonly functionName: string;
  readonly platform: PlatformLog;
  readonly adapter: AdapterSettings;
  /** The kernel counts its processor time, where it may be told to. */
  readonly counted?: boolean;
}

/** Throws APP_EXITED_EARLY or APP_NOT_LISTENING; then nothing is left running. */
export async function startProgram(
  ports: EnginePorts,
  spec: ProgramSpec,
): Promise<EnvironmentProcess> {
  const first = await attempt(ports, spec, LAMBDA_INIT_LIMIT_MS);
  if (first !== 'late') return first;
  spec.platform.write({
    type: 'platform.initReport',
    record: {
      initializationType: spec.provisioned ? 'provisioned-concurrency' : 'on-demand',
      phase: 'init',
      status: 'timeout',
      metrics: { durationMs: LAMBDA_INIT_LIMIT_MS },
    },
  });
  const second = await attempt(ports, spec, spec.settings.timeoutMs);
  if (second !== 'late') return second;
  throw new Fault('LAMBDA_TIMED_OUT', { timeoutMs: spec.settings.timeoutMs });
}

type Ended = 'ready' | 'late' | 'async' | Exit;

async function attempt(
  ports: EnginePorts,
  spec: ProgramSpec,
  limitMs: Millis,
): Promise<EnvironmentProcess | 'late'> {
  const { clock } = ports;
  const port = await ports.net.freePort();
  const began = clock.now();
  const child = spawnProgram(ports, spec, port);
  const kill = () => child.signal('SIGKILL');
  spec.signal.addEventListener('abort', kill, { once: true });
  if (spec.signal.aborted) kill();
  const settled = new AbortController();
  const ready = (signal: AbortSignal) => untilReady(ports, readinessOf(spec.adapter, port), signal);
  const ends: Promise<Ended>[] = [
    ready(settled.signal).then(() => 'ready' as const),
    clock.sleep(limitMs, settled.signal).then(() => 'late' as const),
    child.exited,
  ];
  const { asyncInit } = spec.adapter;
  if (asyncInit) ends.push(clock.sleep(ASYNC_INIT_MS, settled.signal).then(() => 'async' as const));
  const first = await Promise.race(ends);
  settled.abort();
  spec.signal.removeEventListener('abort', kill);
  const started = { child, port, initMs: clock.now() - began };
  if (first === 'ready') return environmentOf(ports, spec, { ...started, untilReady: undefined });
  if (first === 'async') return environmentOf(ports, spec, { ...started, untilReady: ready });
  if (first === 'late') {
    const elsewhere = child.listeners().map((listener) => listener.port);
    await stopChild(ports.clock, child, STOP_WITHIN_MS);
    if (elsewhere.length === 0 || elsewhere.includes(port)) return 'late';
    throw notListening(spec, port, limitMs, elsewhere);
  }
  throw exitFault(spec, child, port, first);
}

function exitFault(spec: ProgramSpec, child: Child, port: number, exit: Exit): Fault {
  if (child.outOfMemory()) {
    const { memoryMiB } = spec.settings;
    return new Fault('APP_OUT_OF_MEMORY', {
      service: spec.service.name,
      compute: 'lambda',
      memoryMiB,
    });
  }
  return new Fault('APP_EXITED_EARLY', {
    service: spec.service.name,
    command: commandOf(spec.inputs, spec.service),
    port,
    exit: sayExit(exit),
    lastLines: spec.log.lastLines(),
  });
}

function notListening(
  spec: ProgramSpec,
  port: number,
  waitedMs: Millis,
  elsewhere: readonly number[],
): Fault {
  return new Fault('APP_NOT_LISTENING', {
    service: spec.service.name,
    command: commandOf(spec.inputs, spec.service),
    port,
    waitedMs,
    elsewhere,
    lastLines: spec.log.lastLines(),
  });
}

function spawnProgram(ports: EnginePorts, spec: ProgramSpec, port: number): Child {
  const { service, settings, functionName, temporary } = spec;
  const place = containerOf(spec.inputs, service, { temporary });
  return ports.processes.spawn({
    command: service.command,
    cwd: folderOf(spec.inputs, service),
    label: `${service.name}-lambda`,
    // INIT runs at full speed whatever the memory; the share is set when it is over.
    limits: {
      memoryMiB: settings.memoryMiB,
      openFiles: LAMBDA_OPEN_FILES,
      counted: spec.counted === true,
    },
    onLine: (line) => spec.log.write(line),
    port: {
      here: port,
      inside: service.port,
      // Only a program that knows of the adapter asks for its variable.
      variables: 'AWS_LWA_PORT' in service.environment ? ['PORT', 'AWS_LWA_PORT'] : ['PORT'],
    },
    ...place,
    env: programEnvironment(spec.inputs, service, {
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMiB),
      AWS_LAMBDA_INITIALIZATION_TYPE: spec.provisioned ? 'provisioned-concurrency' : 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: spec.log.group,
      AWS_LAMBDA_LOG_STREAM_NAME: spec.log.stream,
      TZ: ':UTC',
      ...(place.container === undefined && { TMPDIR: spec.temporary }),
    }),
  });
}

interface Readiness extends Omit<ReadinessCheck, 'port'> {
  readonly port: number;
}

function readinessOf({ readiness }: AdapterSettings, port: number): Readiness {
  return { ...readiness, port: readiness.port === OWN_PORT ? port : Number(readiness.port) };
}

async function untilReady(
  { clock }: EnginePorts,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (await isReady(clock, readiness)) return;
    await clock.sleep(READINESS_EVERY_MS, signal);
  }
}

async function isReady(
  clock: Clock,
  { port, path, protocol, healthy }: Readiness,
): Promise<boolean> {
  if (protocol === 'tcp') return accepts(clock, port, LAMBDA_INIT_LIMIT_MS);
  const answer = await probe(clock, port, path, 'fulcrum-readiness', LAMBDA_INIT_LIMIT_MS);
  return answer.kind === 'answered' && isWithin(answer.status, healthy);
}

type Started = Pick<EnvironmentProcess, 'child' | 'port' | 'initMs' | 'untilReady'>;

function environmentOf(
  ports: EnginePorts,
  spec: ProgramSpec,
  { child, port, initMs, untilReady }: Started,
): EnvironmentProcess {
  child.limitCpu(spec.settings.memoryMiB / LAMBDA_MIB_PER_VCPU);
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
    initMs,
    untilReady,
    stop: () => {
      connections.close();
      return stopChild(ports.clock, child, STOP_WITHIN_MS);
    },
  };
}
