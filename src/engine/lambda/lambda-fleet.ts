// All Lambda tracks of the app and what they share: the concurrency of the account, and the room on
// this machine.

import type { Meter } from '../../cost/meter.ts';
import type { PoolCounts, Room } from '../../fleet/environment-pool.ts';
import { type LambdaAccount, lambdaAccount } from '../../fleet/lambda-account.ts';
import {
  codesOf,
  type FunctionCode,
  type LambdaFunction,
  type LambdaSettings,
  type Service,
} from '../../model/app.ts';
import { awsNames } from '../../model/metric.ts';
import { LATEST, publishedVersion } from '../../routing/function-version.ts';
import type { EventStream } from '../control/event-stream.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { EngineInputs, EnginePorts } from '../program.ts';
import { adapterOf } from './adapter.ts';
import { AdapterTarget } from './adapter-target.ts';
import type { EnvironmentKind } from './environment.ts';
import { FunctionTrack, functionKind } from './function-track.ts';
import type { InvocationTarget } from './invocation.ts';
import { lambdaMetrics } from './lambda-metrics.ts';
import { LambdaTrack } from './lambda-track.ts';
import { type ServiceTrack, serviceKind } from './service-environment.ts';

/** What is published of a program; AWS never sends traffic to $LATEST here. */
export const PUBLISHED = '1';

export interface LambdaFleetParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly events: EventStream;
  readonly meter: Meter;
  readonly store: MetricStore;
  /** Environments this machine carries at once, over all programs. */
  readonly maxEnvironments: number;
  /** Of those, how many may be starting at the same moment. */
  readonly maxStarting: number;
}

/** A track whatever kind of request it takes. */
type AnyTrack = Pick<
  LambdaTrack<never>,
  'open' | 'tick' | 'kick' | 'yieldOne' | 'close' | 'counts'
>;

export class LambdaFleet {
  readonly account: LambdaAccount;
  readonly #parts: LambdaFleetParts;
  readonly #room: Room;
  readonly #tracks = new Map<string, AnyTrack>();
  readonly #services = new Map<string, ServiceTrack>();
  readonly #renewals = new Map<string, (service: Service, inputs: EngineInputs) => void>();
  /** By name and version, as the tracks. */
  readonly #targets = new Map<string, InvocationTarget>();

  constructor(parts: LambdaFleetParts) {
    this.#parts = parts;
    const { app } = parts.inputs;
    this.account = lambdaAccount({
      concurrency: app.account.lambdaConcurrency,
      scalingThrottle: app.local.assume.scalingThrottle,
      idleMs: app.local.environmentIdleMs,
      functions: new Map([...app.services.map(shareOfService), ...app.functions.map(shareOf)]),
    });
    this.#room = { free: parts.maxEnvironments, freeStarts: parts.maxStarting };
    for (const service of app.services) {
      if (service.lambda !== undefined) this.#addService(service, service.lambda);
    }
    for (const one of app.functions) {
      this.#addVersion(one, LATEST);
      for (const [version, code] of Object.entries(one.versions)) this.#addVersion(code, version);
    }
  }

  service(name: string): ServiceTrack | undefined {
    return this.#services.get(name);
  }

  /** What was published last of a function, or of a service, which is one on AWS too. */
  function(name: string): InvocationTarget | undefined {
    const one = this.#parts.inputs.app.functions.find((other) => other.name === name);
    return this.target(name, one === undefined ? PUBLISHED : publishedVersion(one));
  }

  /** `version` is a number or "$LATEST". */
  target(name: string, version: string): InvocationTarget | undefined {
    return this.#targets.get(`${name}:${version}`);
  }

  /** Of all versions of a function together. */
  counts(one: LambdaFunction): PoolCounts {
    return [LATEST, ...Object.keys(one.versions)]
      .map((version) => this.#tracks.get(`${one.name}:${version}`)?.counts() ?? NO_COUNTS)
      .reduce(addCounts);
  }

  /** Starts the provisioned environments. */
  open(): readonly Promise<void>[] {
    return [...this.#tracks.values()].map((track) => track.open());
  }

  tick(): void {
    for (const track of this.#tracks.values()) track.tick();
    const unreserved = this.#parts.store.handle('AWS/Lambda', 'UnreservedConcurrentExecutions', {});
    unreserved.add(this.account.unreservedInFlight());
  }

  /** New environments of a service run the program as it is now. Its settings stay. */
  renew(service: Service, inputs: EngineInputs): void {
    this.#renewals.get(service.name)?.(service, inputs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#tracks.values()].map((track) => track.close()));
  }

  #addService(service: Service, settings: LambdaSettings): void {
    const { ports, inputs, meter, store } = this.#parts;
    const { name } = service;
    const functionName = awsNames(inputs.app.name).function(name);
    const metrics = lambdaMetrics(store, functionName, settings);
    const books = { name, version: PUBLISHED, settings, meter, metrics };
    let adapter = adapterOf(inputs, service);
    const kindOf = (program: Service, from: EngineInputs) =>
      serviceKind({ ...books, ports, inputs: from, service: program, functionName, adapter });
    const track = this.#track(books, kindOf(service, inputs));
    this.#services.set(name, track);
    this.#renewals.set(name, (program, from) => {
      adapter = adapterOf(from, program);
      track.renew(kindOf(program, from), 'a new revision');
    });
    const { assume } = inputs.app.local;
    const target = {
      ...books,
      functionName,
      clock: ports.clock,
      assume,
      get adapter() {
        return adapter;
      },
    };
    this.#targets.set(`${name}:${PUBLISHED}`, new AdapterTarget(target, track));
  }

  #addVersion(program: FunctionCode, version: string): void {
    const { ports, inputs, meter, store } = this.#parts;
    const { name, key, lambda: settings } = program;
    const files = inputs.functions.get(key);
    if (files === undefined) throw new RangeError(`nothing was found for function "${key}"`);
    const functionName = awsNames(inputs.app.name).function(name);
    const metrics = lambdaMetrics(store, functionName, settings);
    const books = { name, version, settings, meter: meterOf(meter, key), metrics };
    const from = { ports, inputs, program, settings, files, functionName, version };
    const track = this.#track(books, functionKind(from, books));
    this.#targets.set(`${name}:${version}`, new FunctionTrack(from, track));
  }

  #track<request>(
    books: { name: string; version: string; settings: LambdaSettings; meter: Meter } & {
      readonly metrics: ReturnType<typeof lambdaMetrics>;
    },
    kind: EnvironmentKind<request>,
  ): LambdaTrack<request> {
    const { ports, inputs, events } = this.#parts;
    const key = `${books.name}:${books.version}`;
    const starved = () => this.#makeRoom(key);
    const { account } = this;
    const room = this.#room;
    const track = new LambdaTrack(
      { ...books, ports, inputs, events, account, room, starved },
      kind,
    );
    this.#tracks.set(key, track);
    return track;
  }

  /** The machine is full: another program gives up an environment it does not use. */
  #makeRoom(forTrack: string): void {
    if (this.#room.free > 0) return;
    for (const [key, track] of this.#tracks) {
      if (key === forTrack || !track.yieldOne()) continue;
      this.#tracks.get(forTrack)?.kick();
      return;
    }
  }
}

function shareOfService({ name, lambda }: Service) {
  return [name, { reserved: lambda?.reserved, provisioned: lambda?.provisioned ?? 0 }] as const;
}

/** Concurrency is that of the function; what is provisioned is that of its versions together. */
function shareOf(one: LambdaFunction) {
  const provisioned = codesOf(one).reduce((sum, { lambda }) => sum + lambda.provisioned, 0);
  return [one.name, { reserved: one.lambda.reserved, provisioned }] as const;
}

/** Versions have memory of their own, so each is metered by itself. */
function meterOf(meter: Meter, key: string): Meter {
  return {
    ...meter,
    invoked: (_, invocation) => meter.invoked(key, invocation),
    provision: (_, count, now) => meter.provision(key, count, now),
  };
}

const NO_COUNTS: PoolCounts = {
  starting: 0,
  busy: 0,
  idle: 0,
  waiting: 0,
  thawed: 0,
  provisionedBusy: 0,
};

function addCounts(a: PoolCounts, b: PoolCounts): PoolCounts {
  return {
    starting: a.starting + b.starting,
    busy: a.busy + b.busy,
    idle: a.idle + b.idle,
    waiting: a.waiting + b.waiting,
    thawed: a.thawed + b.thawed,
    provisionedBusy: a.provisionedBusy + b.provisionedBusy,
  };
}
