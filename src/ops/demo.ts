// The demonstration: a small API on both computes, a quiet minute, a burst, silence. What happens is
// what the engine does with any program; only the traffic is made.

import { join } from 'node:path';
import type { EngineStatus } from '../engine/control/status.ts';
import type { Compute } from '../model/app.ts';
import type { EngineEvent } from '../model/event.ts';
import { type DevSession, startDev } from './dev.ts';
import type { Machine } from './machine.ts';

export type DemoPhase = 'quiet' | 'burst' | 'silence';

export interface DemoFrame {
  /** Since the first request. */
  readonly atMs: number;
  readonly phase: DemoPhase;
  readonly status: EngineStatus;
  /** Those there are now. */
  readonly environments: number;
  readonly tasks: number;
  /** Requests answered since the last frame, per compute. */
  readonly served: Readonly<Record<Compute, number>>;
}

export interface DemoSummary {
  readonly url: string;
  readonly seconds: number;
  readonly computes: Readonly<Record<Compute, ComputeSummary>>;
  readonly errors: number;
  /** Most environments and tasks at the same time. */
  readonly peak: { readonly environments: number; readonly tasks: number };
  /** Changes in the number of tasks, with the reason. */
  readonly scaling: readonly {
    readonly atMs: number;
    readonly from: number;
    readonly to: number;
    readonly reason: string;
  }[];
  readonly status: EngineStatus;
}

export interface ComputeSummary {
  readonly requests: number;
  readonly coldStarts: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface DemoOptions {
  /** Folder of the demo app. */
  readonly folder: string;
  /** Where the engine keeps its state. */
  readonly stateFolder: string;
  readonly port: number | undefined;
  readonly phase: (phase: DemoPhase, session: DevSession) => void;
  readonly frame: (frame: DemoFrame) => void;
  readonly listen: (event: EngineEvent) => void;
  /** Ends the traffic early. */
  readonly signal: AbortSignal;
}

/** One minute of a quiet API, its requests sent within seconds. */
const QUIET = { seconds: 8, requestsPerSecond: 4 } as const;

/** Clients that each ask again as soon as they have an answer. */
const BURST = { seconds: 14, clients: 12 } as const;

/** Silence lasts until Fargate is back at zero, at most this long. */
const SILENCE_MAX_SECONDS = 20;

const FRAME_MS = 500;

export async function startDemo(
  machine: Machine,
  options: DemoOptions,
): Promise<{ readonly session: DevSession; readonly summary: Promise<DemoSummary> }> {
  const watch = watcher();
  const session = await startDev(machine, {
    cwd: options.folder,
    config: join(options.folder, 'fulcrum.yml'),
    stage: 'demo',
    stateFolder: options.stateFolder,
    port: options.port,
    building: () => {},
    listen: (event) => {
      watch.note(event);
      options.listen(event);
    },
  });
  return { session, summary: run(machine, session, options, watch) };
}

async function run(
  machine: Machine,
  session: DevSession,
  options: DemoOptions,
  watch: Watcher,
): Promise<DemoSummary> {
  const { clock } = machine;
  const began = clock.now();
  watch.begin(clock.wall());
  let phase: DemoPhase = 'quiet';
  const peak = { environments: 0, tasks: 0 };
  const frame = (): void => {
    const status = session.engine.status();
    const environments = environmentsOf(status);
    const tasks = tasksOf(status);
    peak.environments = Math.max(peak.environments, environments);
    peak.tasks = Math.max(peak.tasks, tasks);
    const atMs = clock.now() - began;
    options.frame({ atMs, phase, status, environments, tasks, served: watch.takeServed() });
  };
  const enter = (next: DemoPhase): void => {
    phase = next;
    options.phase(next, session);
  };
  const stopFrames = clock.every(FRAME_MS, frame);
  try {
    enter('quiet');
    await quiet(machine, session.url, options.signal);
    enter('burst');
    await burst(machine, session.url, options.signal);
    enter('silence');
    await silence(machine, session, options.signal);
    frame();
  } finally {
    stopFrames();
  }
  const seconds = (clock.now() - began) / 1000;
  return { url: session.url, seconds, peak, status: session.engine.status(), ...watch.summary() };
}

async function quiet({ clock }: Machine, url: string, signal: AbortSignal): Promise<void> {
  const total = QUIET.seconds * QUIET.requestsPerSecond;
  for (let sent = 0; sent < total && !signal.aborted; sent += 1) {
    const path = sent % 4 === 3 ? '/lambda/hello' : '/hello';
    void ask(`${url}${path}`, signal);
    await clock.sleep(1000 / QUIET.requestsPerSecond, signal);
  }
}

async function burst({ clock }: Machine, url: string, signal: AbortSignal): Promise<void> {
  const until = clock.now() + BURST.seconds * 1000;
  const client = async (index: number): Promise<void> => {
    for (let sent = 0; clock.now() < until && !signal.aborted; sent += 1) {
      const turn = (index + sent) % 6;
      await ask(`${url}${BURST_PATHS[turn] ?? '/hello'}`, signal);
    }
  };
  await Promise.all(Array.from({ length: BURST.clients }, (_, index) => client(index)));
}

const BURST_PATHS = ['/hello', '/slow?ms=60', '/hello', '/slow?ms=90', '/headers', '/lambda/hello'];

async function silence(
  { clock }: Machine,
  session: DevSession,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.now() + SILENCE_MAX_SECONDS * 1000;
  while (clock.now() < until && !signal.aborted) {
    await clock.sleep(FRAME_MS, signal);
    const status = session.engine.status();
    if (tasksOf(status) === 0 && environmentsOf(status) === 0) return;
  }
}

async function ask(url: string, signal: AbortSignal): Promise<void> {
  try {
    const response = await fetch(url, { signal });
    await response.arrayBuffer();
  } catch {
    // The front door tells of every request, also of one that was cut short.
  }
}

function environmentsOf({ services }: EngineStatus): number {
  return services.reduce(
    (sum, { lambda }) =>
      sum + (lambda === undefined ? 0 : lambda.starting + lambda.busy + lambda.idle),
    0,
  );
}

function tasksOf({ services }: EngineStatus): number {
  return services.reduce((sum, { fargate }) => sum + (fargate?.tasks.length ?? 0), 0);
}

interface Watcher {
  begin(wall: number): void;
  note(event: EngineEvent): void;
  takeServed(): Readonly<Record<Compute, number>>;
  summary(): Pick<DemoSummary, 'computes' | 'errors' | 'scaling'>;
}

function watcher(): Watcher {
  const durations: Record<Compute, number[]> = { lambda: [], fargate: [] };
  const cold: Record<Compute, number> = { lambda: 0, fargate: 0 };
  const scaling: { atMs: number; from: number; to: number; reason: string }[] = [];
  let served: Record<Compute, number> = { lambda: 0, fargate: 0 };
  let errors = 0;
  let began = 0;
  return {
    begin(wall) {
      began = wall;
    },
    note(event) {
      if (event.type === 'scale') {
        const { from, to, reason } = event;
        scaling.push({ atMs: event.at - began, from, to, reason });
      }
      if (event.type !== 'request') return;
      if (event.status >= 400 || event.fault !== undefined) errors += 1;
      if (event.compute === undefined) return;
      durations[event.compute].push(event.durationMs);
      served[event.compute] += 1;
      if (event.cold) cold[event.compute] += 1;
    },
    takeServed() {
      const taken = served;
      served = { lambda: 0, fargate: 0 };
      return taken;
    },
    summary() {
      const of = (compute: Compute): ComputeSummary => {
        const sorted = durations[compute].sort((a, b) => a - b);
        return {
          requests: sorted.length,
          coldStarts: cold[compute],
          p50Ms: quantile(sorted, 0.5),
          p99Ms: quantile(sorted, 0.99),
        };
      };
      return { computes: { lambda: of('lambda'), fargate: of('fargate') }, errors, scaling };
    },
  };
}

/** The smallest value that at least `part` of the sorted values do not exceed. */
export function quantile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}
