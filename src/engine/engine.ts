// The local engine: one app on real processes of this machine, driven by the same decisions as on
// AWS. It prints nothing; it emits events and answers questions.

import { join } from 'node:path';
import type { Meter } from '../cost/meter.ts';
import type { LambdaFunction } from '../model/app.ts';
import type { FunctionUrlAt, HttpsAt } from '../model/event.ts';
import type { DescribedRequest } from '../routing/explain.ts';
import { routeTable } from '../routing/front-rules.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import { AppServices } from './app-services.ts';
import { type AdminServer, adminServer } from './control/admin-server.ts';
import { AlarmBook, minutesNeeded } from './control/alarm-book.ts';
import { TICK_MS } from './control/control-loop.ts';
import { costStatus } from './control/cost-status.ts';
import { type EventStream, eventStream } from './control/event-stream.ts';
import { type LogStore, logStore } from './control/log-store.ts';
import { type MeasuredApp, measuredApp, meterEvent, meterOf } from './control/measured-app.ts';
import { type MetricStore, metricStore } from './control/metric-store.ts';
import { PrintedMetrics } from './control/printed-metrics.ts';
import type { EngineStatus, ServiceStatus } from './control/status.ts';
import { type TallyBook, tallyBook } from './control/tally.ts';
import { type ExplainAnswer, explainLive } from './explain-live.ts';
import { type Failure, fail } from './fargate/failures.ts';
import { type AppDoor, appDoor, type DoorAddresses } from './front-door/app-door.ts';
import type { DoorMetrics } from './front-door/door-metrics.ts';
import { metricsOf } from './front-door/kind-of.ts';
import { UrlDoors } from './front-door/url-doors.ts';
import { invokables } from './invoke/invokables.ts';
import { type InvokeApi, invokeApi } from './invoke/invoke-api.ts';
import type { InvocationTarget } from './lambda/invocation.ts';
import { LambdaFleet } from './lambda/lambda-fleet.ts';
import type { EngineInputs, EnginePorts } from './program.ts';
import { AppQueues } from './queue/app-queues.ts';
import { namedServices, type RedeployAnswer, type RedeployAsk, redeploy } from './redeploy.ts';

export interface EngineOptions {
  /** Port of the front door; 0 takes a free one. */
  readonly port: number;
  readonly token: string;
  /** Adds `x-fulcrum-…` fields to answers and follows `x-fulcrum-force`. */
  readonly dev: boolean;
  /** Lambda environments this machine carries at once, over all services. */
  readonly maxEnvironments: number;
  /** Of those, how many may be starting at the same moment. */
  readonly maxStarting: number;
  /** Absolute folder for what must outlive the engine. */
  readonly stateFolder: string;
  /** Decides how many tasks there are of a service that is on both computes. */
  readonly policy: PlacementPolicy;
  /** What fulcrum.yml says now, with these services built. */
  readonly reload: (services: readonly string[]) => Promise<EngineInputs>;
  /** Absolute folder of `fulcrum.yml`: files that it names are relative to it. */
  readonly folder: string;
  /** Called when everything listens; what must run from the start may still be starting. */
  readonly listening: (addresses: Addresses) => void;
  /** Aborted when nobody waits any more until the app answers. */
  readonly hurry: AbortSignal;
}

export interface Engine {
  readonly events: EventStream;
  /**
   * Starts everything; resolves when the app answers. Throws PORT_TAKEN, PORT_REFUSED,
   * HTTPS_PORT_UNUSABLE, CERTIFICATE_UNUSABLE, TLS_STORE_UNUSABLE, ACCESS_LOG_UNUSABLE, INVOKE_PORT_TAKEN, ASYNC_STORE_BROKEN, QUEUE_STORE_UNUSABLE or QUEUE_PORT_UNUSABLE; then nothing
   * listens.
   */
  start(): Promise<Addresses>;
  status(): EngineStatus;
  /** What came since the start, and what each service took of it. */
  traffic(): MeasuredApp;
  explain(request: DescribedRequest): ExplainAnswer;
  /** The published version of a function, by its name in `fulcrum.yml`. */
  function(name: string): InvocationTarget | undefined;
  /** URL of a queue of the app, once it has started. */
  queueUrl(name: string): string;
  /**
   * Takes over what fulcrum.yml says of services now. Throws SERVICE_UNKNOWN, NOT_ON_FARGATE,
   * RELOAD_REFUSED, and what reading and building the app throws; then nothing has changed.
   */
  redeploy(ask: RedeployAsk): Promise<RedeployAnswer>;
  /** Does a failure to the app, and says what was done. Throws as `fail` of `fargate/failures` does. */
  fail(failure: Failure): readonly string[];
  /** Answers what is under way, then stops every program. `kill` ends the patience. */
  stop(why: string, kill: AbortSignal): Promise<void>;
}

/** URLs of what listens. */
export interface Addresses {
  readonly url: string;
  readonly https: HttpsAt | undefined;
  readonly admin: string;
  readonly invoke: string;
  readonly functionUrls: readonly FunctionUrlAt[];
}

/** Readiness waits this long for what must run from the start. */
const READY_WITHIN_MS = 10_000;

/** A stop waits this long for requests under way. */
const DRAIN_WITHIN_MS = 30_000;

/** Who waits longer for the end is told for what. */
const TELL_AFTER_MS = 1000;

export function createEngine(
  ports: EnginePorts,
  inputs: EngineInputs,
  options: EngineOptions,
): Engine {
  return new LocalEngine(ports, inputs, options);
}

class LocalEngine implements Engine {
  readonly events: EventStream = eventStream();
  readonly #ports: EnginePorts;
  readonly #inputs: EngineInputs;
  readonly #options: EngineOptions;
  readonly #logs: LogStore = logStore();
  readonly #tally: TallyBook = tallyBook();
  readonly #metrics: MetricStore;
  readonly #alarms: AlarmBook;
  readonly #meter: Meter;
  readonly #lambda: LambdaFleet;
  readonly #routes: RouteTable;
  readonly #services: AppServices;
  readonly #door: AppDoor;
  readonly #urlDoors: UrlDoors;
  readonly #doorMetrics: DoorMetrics;
  readonly #admin: AdminServer;
  readonly #queues: AppQueues;
  readonly #invoke: InvokeApi;
  readonly #startedAt: number;
  readonly #startedWall: number;
  #at: DoorAddresses = { url: '', https: undefined };
  #invokeUrl = '';
  #stopTicking: (() => void) | undefined;

  constructor(ports: EnginePorts, inputs: EngineInputs, options: EngineOptions) {
    this.#ports = ports;
    this.#options = options;
    const { app } = inputs;
    const { clock, rng } = ports;
    const file = join(options.stateFolder, 'queues.db');
    const called = (fifo: boolean, bytes: number): void => this.#meter.queueCalled(fifo, bytes);
    this.#queues = new AppQueues({ app, clock, rng, file, called });
    this.#inputs = { ...inputs, ofEngine: () => this.#variables() };
    this.#startedAt = clock.now();
    this.#startedWall = clock.wall();
    const { events } = this;
    this.#metrics = metricStore(clock.wall(), minutesNeeded(app));
    this.#alarms = new AlarmBook(app, this.#metrics, events);
    this.#meter = meterOf(app, this.#startedAt);
    this.#lambda = new LambdaFleet({
      ports,
      inputs: this.#inputs,
      events,
      meter: this.#meter,
      store: this.#metrics,
      maxEnvironments: options.maxEnvironments,
      maxStarting: options.maxStarting,
    });
    this.#routes = routeTable(app);
    this.#services = new AppServices({
      ports,
      inputs: this.#inputs,
      events: this.events,
      meter: this.#meter,
      metrics: this.#metrics,
      alarms: this.#alarms,
      lambda: this.#lambda,
      tally: this.#tally,
      policy: options.policy,
    });
    const alarms = this.#alarms.counts();
    this.#meter.keepAlarms(alarms.standard, alarms.highResolution, this.#startedAt);
    this.#doorMetrics = metricsOf(app, this.#metrics);
    const common = { app, clock, rng, events, functions: this.#functions(), dev: options.dev };
    this.#door = appDoor({
      ...common,
      ...options,
      routes: this.#routes,
      services: this.#services.all,
      meter: this.#meter,
      metrics: this.#doorMetrics,
    });
    this.#urlDoors = new UrlDoors({ ...common, store: this.#metrics, meter: this.#meter });
    this.#invoke = invokeApi({
      clock,
      rng,
      events: this.events,
      metrics: this.#metrics,
      app: app.name,
      region: app.region,
      functions: invokables(inputs, this.#lambda),
      sendToQueue: (name, body, attributes) => this.#queues.send(name, body, attributes),
      stateFolder: options.stateFolder,
    });
    this.#admin = this.#adminServer(options.token);
    this.#listen();
  }

  async start(): Promise<Addresses> {
    const { clock } = this.#ports;
    this.#at = await this.#door.listen(this.#options.port);
    const { admin, invoke } = await this.#openRest();
    const addresses = { ...this.#at, admin, invoke, functionUrls: this.#urlDoors.urls() };
    this.#options.listening(addresses);
    const opened = [...this.#lambda.open(), this.#services.open()];
    this.#stopTicking = clock.every(TICK_MS, () => this.#tick());
    const patience = new AbortController();
    const waits = AbortSignal.any([patience.signal, this.#options.hurry]);
    await Promise.race([Promise.all(opened), clock.sleep(READY_WITHIN_MS, waits)]);
    patience.abort();
    this.#queues.read(this.events, (name) => this.function(name));
    this.#invoke.resume();
    const queue = this.#queues.url;
    this.events.emit({ type: 'ready', at: clock.wall(), ...addresses, queue });
    return addresses;
  }

  /** The front door listens already; it is not to stay open alone. */
  async #openRest(): Promise<{ readonly admin: string; readonly invoke: string }> {
    try {
      await this.#urlDoors.listen();
      await this.#queues.open();
      this.#invokeUrl = await this.#invoke.open(this.#inputs.app.local.invokePort);
      return { admin: await this.#admin.listen(), invoke: this.#invokeUrl };
    } catch (error) {
      await this.#door.close();
      this.#urlDoors.close();
      this.#admin.close();
      this.#invoke.close();
      this.#queues.close();
      throw error;
    }
  }

  status(): EngineStatus {
    const { clock } = this.#ports;
    const { app } = this.#inputs;
    const now = clock.now();
    const uptimeMs = now - this.#startedAt;
    return {
      schemaVersion: 1,
      app: app.name,
      stage: app.stage,
      region: app.region,
      ...this.#at,
      invoke: this.#invokeUrl,
      functionUrls: this.#urlDoors.urls(),
      startedAt: new Date(this.#startedWall).toISOString(),
      uptimeMs: Math.round(uptimeMs),
      connections: this.#door.connections() + this.#urlDoors.connections(),
      services: [
        ...this.#services.status(),
        ...this.#inputs.app.functions.map((one) => this.#functionStatus(one)),
      ],
      queues: this.#queues.status(),
      alarms: this.#alarms.status(),
      cost: costStatus({ app, meter: this.#meter, now, uptimeMs, source: this.#inputs.prices }),
    };
  }

  traffic(): MeasuredApp {
    const { app } = this.#inputs;
    const now = this.#ports.clock.now();
    const uptimeMs = Math.round(now - this.#startedAt);
    const where = { name: app.name, region: app.region, uptimeMs, startedWall: this.#startedWall };
    return measuredApp(this.#meter.measured(now), where);
  }

  explain(request: DescribedRequest): ExplainAnswer {
    const port = Number(new URL(this.#at.url).port);
    const now = this.#ports.clock.now();
    const [services, lambda] = [this.#services.all, this.#lambda];
    const { app } = this.#inputs;
    return explainLive({ app, routes: this.#routes, port, services, lambda, now }, request);
  }

  queueUrl(name: string): string {
    return this.#queues.urlOf(name);
  }

  async redeploy(ask: RedeployAsk): Promise<RedeployAnswer> {
    const names = namedServices(this.#services, ask.services);
    const fresh = await this.#options.reload(names);
    const inputs = { ...fresh, ofEngine: () => this.#variables() };
    const parts = { services: this.#services, lambda: this.#lambda, before: this.#inputs };
    return redeploy(parts, inputs, ask);
  }

  fail(failure: Failure): readonly string[] {
    return fail(this.#services.onFargate, this.#inputs.app.zones, failure);
  }

  async stop(why: string, kill: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    this.events.emit({ type: 'stopping', at: clock.wall(), why });
    const patience = new AbortController();
    const giveUp = () => patience.abort();
    kill.addEventListener('abort', giveUp, { once: true });
    if (kill.aborted) giveUp();
    const drained = Promise.all([
      this.#queues.stopReading(),
      this.#door.drain(),
      this.#invoke.drain(),
      this.#urlDoors.drain(),
    ]);
    await Promise.race([drained, clock.sleep(TELL_AFTER_MS, patience.signal)]);
    if (this.#door.inFlight() > 0 && !patience.signal.aborted) this.#tellWait();
    await Promise.race([drained, clock.sleep(DRAIN_WITHIN_MS - TELL_AFTER_MS, patience.signal)]);
    patience.abort();
    this.#stopTicking?.();
    // An event that is still under way has not failed: the next engine tries it again.
    this.#invoke.closeEvents();
    await Promise.all([this.#lambda.close(), this.#services.close(kill)]);
    this.#queues.close();
    await this.#door.close();
    this.#urlDoors.close();
    this.#invoke.close();
    this.#admin.close();
  }

  #tellWait(): void {
    const count = this.#door.inFlight();
    const requests = count === 1 ? 'a request' : `${count} requests`;
    const message = `waits for ${requests} under way, at most ${DRAIN_WITHIN_MS / 1000} s`;
    this.events.emit({ type: 'notice', at: this.#ports.clock.wall(), message });
  }

  /** What every program is told of the engine: where to find queues and functions of the app. */
  #variables(): Readonly<Record<string, string>> {
    const hasFunctions = this.#inputs.app.functions.length > 0 && this.#invokeUrl !== '';
    const invoke = hasFunctions ? { AWS_ENDPOINT_URL_LAMBDA: this.#invokeUrl } : {};
    return { ...invoke, ...this.#queues.variables() };
  }

  #listen(): void {
    const printed = new PrintedMetrics(this.#metrics, this.events);
    this.events.listen((event) => {
      meterEvent(this.#meter, event, this.#ports.clock.now());
      if (event.type !== 'log') return this.#tally.note(event);
      this.#logs.append(event);
      printed.note(event);
    });
  }

  #adminServer(token: string): AdminServer {
    return adminServer({
      token,
      events: this.events,
      logs: this.#logs,
      status: () => this.status(),
      traffic: () => this.traffic(),
      metrics: () => this.#metrics.series(),
      explain: (request) => this.explain(request),
      redeploy: (ask) => this.redeploy(ask),
      fail: (failure) => this.fail(failure),
    });
  }

  #functions(): ReadonlyMap<string, InvocationTarget> {
    const targets = new Map<string, InvocationTarget>();
    for (const { name } of this.#inputs.app.functions) {
      const target = this.#lambda.function(name);
      if (target !== undefined) targets.set(name, target);
    }
    return targets;
  }

  #tick(): void {
    const { clock } = this.#ports;
    const wall = clock.wall();
    this.#metrics.tick(wall);
    this.#lambda.tick();
    this.#services.tick(this.#doorMetrics);
    this.#doorMetrics.tick(this.#door.connections(), wall);
    this.#queues.note(this.#metrics);
    this.#alarms.tick();
    this.#services.act();
  }

  function(name: string): InvocationTarget | undefined {
    return this.#lambda.function(name);
  }

  #functionStatus(one: LambdaFunction): ServiceStatus {
    const counts = this.#lambda.counts(one);
    const tally = this.#tally.of(one.name, 'lambda');
    return { service: one.name, lambda: { ...counts, ...tally }, fargate: undefined };
  }
}
