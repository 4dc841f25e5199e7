// Counts what is used while it is used. Time is an argument; the meter knows no price.
//
// By the rules M1 to M3 and M7 of `rules/lambda.ts` and `rules/fargate.ts`.
//
// What the front door uses is counted in `door-meter.ts`; what requests take on the average in
// `profile-meter.ts`.

import type { Millis } from '../base/units.ts';
import type { LambdaSettings } from '../model/app.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { type DoorKind, doorMeter, type Reading, type RoutedRequest } from './door-meter.ts';
import { billedTask } from './rules/fargate.ts';
import { billedDuration, billedProvisioned, LAMBDA_FREE_EPHEMERAL_MIB } from './rules/lambda.ts';
import { type LoggedEvent, sharedMeter } from './shared-meter.ts';
import { type Invocation, type MeasuredTraffic, trafficMeter } from './traffic-meter.ts';
import type { FargateUsage, LambdaUsage, Usage } from './usage.ts';

export type TaskSize = Pick<FargateSettings, 'cpuUnits' | 'memoryMiB'>;

export interface Meter {
  invoked(service: string, invocation: Invocation): void;
  /** Keeps `count` environments provisioned from now until the meter is read last. */
  provision(service: string, count: number, now: Millis): void;
  /** `size` is that of the task, if it is not that of its service. */
  taskStarted(service: string, id: string, spot: boolean, now: Millis, size?: TaskSize): void;
  taskEnded(service: string, id: string, now: Millis): void;
  connected(now: Millis): void;
  disconnected(now: Millis): void;
  /** Through the front door. */
  routed(request: RoutedRequest, now: Millis): void;
  /** Through the URL of a function, which is no front door that is billed. */
  routedByUrl(request: RoutedRequest, now: Millis): void;
  /** To a function or a service, through none of them: messages of a queue, or invocations. */
  came(service: string, requests: number, ofQueue: boolean, now: Millis): void;
  /** One event of a log. */
  logged(event: LoggedEvent): void;
  /** Processor time that the tasks of a service took. */
  worked(service: string, cpuMs: Millis): void;
  /** A call of a queue that carried so many bytes. */
  queueCalled(fifo: boolean, bytes: number): void;
  /** Keeps so many alarms from now until the meter is read last. */
  keepAlarms(alarms: number, highResolution: number, now: Millis): void;
  /** What came, and what it took. */
  measured(now: Millis): MeasuredTraffic;
  /** As it is billed: minimums and steps counted. */
  usage(now: Millis): Usage;
  /**
   * As it would go on: what still runs counts for as long as it has run, without the minimum or
   * step it has begun. Divided by the time since the start it is a rate.
   */
  pace(now: Millis): Usage;
}

/** A service or a function, by what it costs. */
export interface Metered {
  /** What the meter is told that is used. */
  readonly key: string;
  /** Whom the bill names: versions of a function may differ in memory, and share a name. */
  readonly name: string;
  readonly lambda: LambdaSettings | undefined;
  readonly fargate: FargateSettings | undefined;
  /** Each of its tasks has a public IPv4 address. Default: none has. */
  readonly publicTasks?: boolean | undefined;
}

/** `kind` is the front door; undefined when nothing is routed. */
export function meter(
  services: readonly Metered[],
  startedAt: Millis,
  kind: DoorKind | undefined,
): Meter {
  const parts = new Map(services.map((service) => [service.key, serviceMeter(service)]));
  const door = doorMeter(kind, startedAt);
  const shared = sharedMeter(startedAt);
  const came = trafficMeter(services, startedAt);
  const part = (service: string): ServiceMeter => {
    const found = parts.get(service);
    if (found === undefined) throw new RangeError(`no service "${service}" is metered`);
    return found;
  };
  const read = (now: Millis, reading: Reading): Usage => ({
    services: [...parts.values()].map(({ name, lambda, fargate }) => ({
      service: name,
      lambda: lambda?.usage(now, reading),
      fargate: fargate?.usage(now, reading),
    })),
    door: door.usage(now, reading),
    ...shared.usage(now),
  });
  return {
    invoked(service, invocation) {
      const { name, lambda } = part(service);
      lambda?.invoked(invocation);
      came.invoked(name, invocation);
    },
    provision: (service, count, now) => part(service).lambda?.provision(count, now),
    taskStarted: (service, id, spot, now, size) =>
      part(service).fargate?.started(id, spot, now, size),
    taskEnded: (service, id, now) => part(service).fargate?.ended(id, now),
    connected(now) {
      door.connected(now);
      came.connected();
    },
    disconnected: door.disconnected,
    routed(request, now) {
      door.routed(request, now);
      shared.sent(request.sentBytes ?? 0);
      came.routed(request.answered, true, now);
    },
    routedByUrl(request, now) {
      shared.sent(request.sentBytes ?? 0);
      came.routed(request.answered, false, now);
    },
    came: came.came,
    logged(event) {
      shared.logged(event);
      came.logged(event);
    },
    worked: came.worked,
    queueCalled: shared.queueCalled,
    keepAlarms: shared.keepAlarms,
    measured: came.measured,
    usage: (now) => read(now, 'billed'),
    pace: (now) => read(now, 'pace'),
  };
}

interface ServiceMeter {
  readonly name: string;
  readonly lambda: ReturnType<typeof lambdaMeter> | undefined;
  readonly fargate: ReturnType<typeof fargateMeter> | undefined;
}

function serviceMeter({ name, lambda, fargate, publicTasks }: Metered): ServiceMeter {
  return {
    name,
    lambda: lambda === undefined ? undefined : lambdaMeter(lambda),
    fargate: fargate === undefined ? undefined : fargateMeter(fargate, publicTasks === true),
  };
}

function lambdaMeter({ memoryMiB, architecture, ephemeralMiB }: LambdaSettings) {
  let requests = 0;
  let mbMs = 0;
  let provisionedDurationMbMs = 0;
  let ephemeralMbMs = 0;
  let provisionedCount = 0;
  let provisionedSince: Millis = 0;
  return {
    invoked({ durationMs, initMs, provisioned }: Invocation): void {
      const billedMs = billedDuration(durationMs, provisioned ? 0 : initMs);
      requests += 1;
      ephemeralMbMs += billedMs * Math.max(0, ephemeralMiB - LAMBDA_FREE_EPHEMERAL_MIB);
      if (provisioned) provisionedDurationMbMs += billedMs * memoryMiB;
      else mbMs += billedMs * memoryMiB;
    },
    provision(count: number, now: Millis): void {
      provisionedCount = count;
      provisionedSince = now;
    },
    usage(now: Millis, reading: Reading): LambdaUsage {
      const passed = Math.max(1, Math.ceil(now - provisionedSince));
      const keptMs = reading === 'pace' ? passed : billedProvisioned(passed);
      const provisionedMbMs = provisionedCount * memoryMiB * keptMs;
      return {
        architecture,
        requests,
        mbMs,
        provisionedDurationMbMs,
        provisionedMbMs,
        ephemeralMbMs,
      };
    },
  };
}

interface MeteredTask {
  readonly since: Millis;
  readonly spot: boolean;
  readonly size: TaskSize;
}

function fargateMeter(settings: FargateSettings, publicTasks: boolean) {
  const running = new Map<string, MeteredTask>();
  const ended = { unitMs: 0, mibMs: 0, spotUnitMs: 0, spotMibMs: 0, addressMs: 0 };
  const add = (to: typeof ended, { spot, size }: MeteredTask, ms: Millis): void => {
    to[spot ? 'spotUnitMs' : 'unitMs'] += ms * size.cpuUnits;
    to[spot ? 'spotMibMs' : 'mibMs'] += ms * size.memoryMiB;
    if (publicTasks) to.addressMs += ms;
  };
  return {
    started(id: string, spot: boolean, now: Millis, size: TaskSize = settings): void {
      running.set(id, { since: now, spot, size });
    },
    ended(id: string, now: Millis): void {
      const task = running.get(id);
      if (task === undefined) return;
      running.delete(id);
      add(ended, task, billedTask(now - task.since));
    },
    usage(now: Millis, reading: Reading): FargateUsage {
      const sums = { ...ended };
      for (const task of running.values()) {
        const ranMs = now - task.since;
        add(sums, task, reading === 'pace' ? Math.ceil(ranMs) : billedTask(ranMs));
      }
      return { architecture: settings.architecture, ...sums };
    },
  };
}
