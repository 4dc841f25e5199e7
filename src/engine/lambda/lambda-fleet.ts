// All Lambda tracks of the app and what they share: the concurrency of the account, and the room on
// this machine.

import type { Meter } from '../../cost/meter.ts';
import type { PoolCounts, Room } from '../../fleet/environment-pool.ts';
import { type LambdaAccount, lambdaAccount } from '../../fleet/lambda-account.ts';
import type { LambdaFunction, LambdaSettings, Service } from '../../model/app.ts';
import { awsNames } from '../../model/metric.ts';
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
  readonly #targets = new Map<string, InvocationTarget>();

  constructor(parts: LambdaFleetParts) {
    this.#parts = parts;
    const { app } = parts.inputs;
    const reserved = [...app.services, ...app.functions].map(
      ({ name, lambda }) =>
        [name, { reserved: lambda?.reserved, provisioned: lambda?.provisioned ?? 0 }] as const,
    );
    this.account = lambdaAccount({
      concurrency: app.account.lambdaConcurrency,
      scalingThrottle: app.local.assume.scalingThrottle,
      idleMs: app.local.environmentIdleMs,
      functions: new Map(reserved),
    });
    this.#room = { free: parts.maxEnvironments, freeStarts: parts.maxStarting };
    for (const service of app.services) {
      if (service.lambda !== undefined) this.#addService(service, service.lambda);
    }
    for (const program of app.functions) this.#addFunction(program);
  }

  service(name: string): ServiceTrack | undefined {
    return this.#services.get(name);
  }

  /** The published version of a function, or of a service, which is one on AWS too. */
  function(name: string): InvocationTarget | undefined {
    return this.#targets.get(name);
  }

  counts(name: string): PoolCounts | undefined {
    return this.#tracks.get(`${name}:${PUBLISHED}`)?.counts();
  }

  /** Starts the provisioned environments. */
  open(): readonly Promise<void>[] {
    return [...this.#tracks.values()].map((track) => track.open());
  }

  tick(): void {
    for (const track of this.#tracks.values()) track.tick();
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
    const adapter = adapterOf(inputs, service);
    const kind = serviceKind({ ...books, ports, inputs, service, functionName, adapter });
    const track = this.#track(books, kind);
    this.#services.set(name, track);
    const { assume } = inputs.app.local;
    const target = { ...books, functionName, clock: ports.clock, assume, adapter };
    this.#targets.set(name, new AdapterTarget(target, track));
  }

  #addFunction(program: LambdaFunction): void {
    const { ports, inputs, meter, store } = this.#parts;
    const { name, lambda: settings } = program;
    const files = inputs.functions.get(name);
    if (files === undefined) throw new RangeError(`nothing was found for function "${name}"`);
    const functionName = awsNames(inputs.app.name).function(name);
    const metrics = lambdaMetrics(store, functionName, settings);
    const books = { name, version: PUBLISHED, settings, meter, metrics };
    const from = { ports, inputs, program, settings, files, functionName, version: PUBLISHED };
    const track = this.#track(books, functionKind(from, books));
    this.#targets.set(name, new FunctionTrack(from, track));
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
