// The services of the app: each with its track on Lambda, its track on Fargate, and what scales it.

import { setUpOf } from '../cost/estimate/set-up-of.ts';
import type { Meter } from '../cost/meter.ts';
import { priceBook } from '../cost/prices/price-book.ts';
import { launchBucket } from '../fleet/ecs/launch-bucket.ts';
import type { App, Service } from '../model/app.ts';
import type { FargateSettings } from '../model/fargate.ts';
import { awsNames, targetGroupArn } from '../model/metric.ts';
import { targetsOf } from '../model/route.ts';
import { trackOf } from '../model/track.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import type { AlarmBook } from './control/alarm-book.ts';
import { type Placing, scaler } from './control/control-loop.ts';
import type { EventStream } from './control/event-stream.ts';
import { type LoadGauge, loadGauge } from './control/load-gauge.ts';
import type { MetricStore } from './control/metric-store.ts';
import { placementPrices } from './control/placement-prices.ts';
import type { Scaler } from './control/scaler.ts';
import { ServiceLearning } from './control/service-learning.ts';
import type { ServiceStatus } from './control/status.ts';
import type { TallyBook } from './control/tally.ts';
import { fargateStatus } from './fargate/fargate-status.ts';
import { FargateTrack } from './fargate/fargate-track.ts';
import { TaskMetadata } from './fargate/task-metadata.ts';
import { noteTasks } from './fargate/task-metrics.ts';
import type { DoorMetrics } from './front-door/door-metrics.ts';
import type { LambdaFleet } from './lambda/lambda-fleet.ts';
import type { ServiceTrack } from './lambda/service-environment.ts';
import type { EngineInputs, EnginePorts } from './program.ts';

export interface AppServicesParts {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly events: EventStream;
  readonly meter: Meter;
  readonly metrics: MetricStore;
  readonly alarms: AlarmBook;
  readonly lambda: LambdaFleet;
  readonly tally: TallyBook;
  /** Of services that are on both computes. */
  readonly policy: PlacementPolicy;
}

export interface ServicePart {
  readonly service: Service;
  readonly load: LoadGauge;
  readonly pinned: LoadGauge;
  readonly learning: ServiceLearning | undefined;
  readonly lambda: ServiceTrack | undefined;
  readonly fargate: FargateTrack | undefined;
  readonly scaler: Scaler | undefined;
  readonly lambdaTrack: string;
}

const FIRST_REVISION = 1;

export class AppServices {
  /** By name. */
  readonly all = new Map<string, ServicePart>();
  readonly #parts: AppServicesParts;
  readonly #launches = launchBucket();
  readonly #metadata = new TaskMetadata();
  readonly #revisions = new Map<string, number>();
  readonly #lambdaTracks = new Map<string, string>();

  constructor(parts: AppServicesParts) {
    this.#parts = parts;
    for (const service of parts.inputs.app.services)
      this.all.set(service.name, this.#make(service));
  }

  /** Those that have tasks, by name. */
  get onFargate(): ReadonlyMap<string, FargateTrack> {
    const tracks = new Map<string, FargateTrack>();
    for (const [name, { fargate }] of this.all)
      if (fargate !== undefined) tracks.set(name, fargate);
    return tracks;
  }

  /** Resolves when the first task of each is healthy or has failed. */
  async open(): Promise<void> {
    const tracks = [...this.onFargate.values()];
    if (tracks.length > 0) await this.#metadata.listen();
    await Promise.all(tracks.map((track) => track.open()));
  }

  /** The number of the next revision of a service, which its environments run from now on. */
  nextRevision(name: string): number {
    const next = (this.#revisions.get(name) ?? FIRST_REVISION) + 1;
    this.#revisions.set(name, next);
    this.#lambdaTracks.set(name, trackOf(name, next, 'lambda').id);
    return next;
  }

  /** What is seen of each goes into the metrics. */
  tick(doorMetrics: DoorMetrics): void {
    const { ports, inputs, metrics, meter } = this.#parts;
    const now = ports.clock.now();
    for (const { service, fargate, scaler: scaling } of this.all.values()) {
      const use = scaling?.observe(now);
      if (use === undefined || fargate === undefined) continue;
      meter.worked(service.name, use.cpuMs);
      const counts = fargate.counts();
      const deployments = fargate.deployments().length;
      const facts = { app: inputs.app.name, service: service.name, counts, deployments };
      noteTasks(metrics, { ...facts, use });
      const zones = new Map(counts.zones.map((one) => [one.zone, one]));
      doorMetrics.hosts(service.name, counts.healthy, counts.unhealthy, zones);
    }
  }

  /** Scales each, on what was seen and on the alarms. */
  act(): void {
    const { clock } = this.#parts.ports;
    for (const { scaler: scaling } of this.all.values()) scaling?.act(clock.now(), clock.wall());
  }

  status(): readonly ServiceStatus[] {
    return [...this.all.values()].map((part) => this.#status(part));
  }

  async close(kill: AbortSignal): Promise<void> {
    await Promise.all([...this.onFargate.values()].map((track) => track.close(kill)));
    this.#metadata.close();
  }

  #make(service: Service): ServicePart {
    const { ports, lambda } = this.#parts;
    const now = ports.clock.now();
    const tracks = this.#lambdaTracks;
    tracks.set(service.name, trackOf(service.name, FIRST_REVISION, 'lambda').id);
    const common = {
      service,
      load: loadGauge(now),
      pinned: loadGauge(now),
      lambda: lambda.service(service.name),
      get lambdaTrack() {
        return tracks.get(service.name) ?? '';
      },
    };
    if (service.fargate === undefined) {
      const none = { fargate: undefined, scaler: undefined, learning: undefined };
      return Object.assign(common, none);
    }
    const track = this.#track(service, service.fargate);
    const placing = this.#placing(service, track);
    const scaling = this.#scaler(service, track, common, placing);
    return Object.assign(common, { fargate: track, scaler: scaling, learning: placing?.learning });
  }

  #scaler(
    service: Service,
    track: FargateTrack,
    { load, pinned }: Pick<ServicePart, 'load' | 'pinned'>,
    placing: Placing | undefined,
  ): Scaler {
    const { ports, inputs, events, metrics: store, alarms } = this.#parts;
    const scaled = {
      app: inputs.app,
      service,
      store,
      alarms,
      events,
      track,
      load,
      pinned,
      startedAt: ports.clock.now(),
      deploying: () => track.deploying,
      get settings() {
        return track.current.settings;
      },
    };
    return scaler(scaled, placing);
  }

  /** Undefined for a service that is on Fargate alone. */
  #placing({ name, lambda }: Service, track: FargateTrack): Placing | undefined {
    if (lambda === undefined) return undefined;
    const { ports, inputs, policy } = this.#parts;
    const { app } = inputs;
    const book = priceBook(app.region, inputs.prices?.data);
    const { publicTasks } = setUpOf(app).network;
    const now = () => {
      const { service, settings } = track.current;
      return placementPrices(service.lambda ?? lambda, settings, book, publicTasks);
    };
    const prices = {
      get taskUsdPerSecond() {
        return now().taskUsdPerSecond;
      },
      lambdaUsd: (billedMs: number) => now().lambdaUsd(billedMs),
    };
    const parts = {
      app,
      name,
      prices,
      get service() {
        return track.current.service;
      },
      get settings() {
        return track.current.settings;
      },
    };
    const learning = new ServiceLearning(parts, ports.clock.now());
    return { policy, rng: ports.rng, learning, prices };
  }

  #track(service: Service, settings: FargateSettings): FargateTrack {
    const { ports, inputs, events, meter, alarms } = this.#parts;
    const track = new FargateTrack({
      ports,
      inputs,
      events,
      meter,
      service,
      settings,
      launches: this.#launches,
      metadata: this.#metadata,
      targetGroup: targetGroupOf(inputs.app, service.name),
    });
    alarms.onChange((inAlarm) => track.alarms(inAlarm));
    return track;
  }

  #status({ service: { name }, lambda, fargate, scaler: scaling }: ServicePart): ServiceStatus {
    const { tally } = this.#parts;
    return {
      service: name,
      lambda: lambda && { ...lambda.counts(), ...tally.of(name, 'lambda') },
      fargate: fargate &&
        scaling && {
          ...fargateStatus(fargate),
          ...tally.of(name, 'fargate'),
          scaling: scaling.status(),
        },
    };
  }
}

/** ARN of the target group of a service; undefined when no route leads to its tasks. */
function targetGroupOf({ name: app, region, routes }: App, service: string): string | undefined {
  const led = routes
    .flatMap(targetsOf)
    .some((target) => target.service === service && target.compute !== 'lambda');
  return led ? targetGroupArn(region, awsNames(app).targetGroup(service, 'fargate')) : undefined;
}
