// From an app, and what was measured of it, to the set-up that is priced. Each figure is the first
// of: measured, said in `cost.services.<name>`, said in `cost.requests`, taken from the settings of
// the service, assumed.

import type { App, LambdaFunction, QueueSource, Service } from '../../model/app.ts';
import type { CostSettings, Range, RequestSettings } from '../../model/cost-settings.ts';
import type { FargateSettings } from '../../model/fargate.ts';
import { targetsOf } from '../../model/route.ts';
import { ALB_ADDRESSES } from '../assumptions.ts';
import { type PriceBook, priceBook } from '../prices/price-book.ts';
import { ASSUMED, type AssumedFigure } from './assumed.ts';
import { sure } from './figures.ts';
import { platformResources } from './platform.ts';
import { quantitiesOfItems, quantitiesOfResource } from './resources.ts';
import type {
  FargateSetUp,
  Figure,
  NetworkSetUp,
  RequestProfile,
  ServiceSetUp,
  SetUp,
  Trigger,
} from './set-up.ts';

const HERE = 'fulcrum.yml';

/** Figures that were measured, by the name of the service or function. They go before all others. */
export type MeasuredProfiles = Readonly<Record<string, Partial<RequestProfile>>>;

/** `book` is asked only whether logs can be priced at all, which nobody asked for. */
export function setUpOf(
  app: App,
  measured: MeasuredProfiles = {},
  book: PriceBook = priceBook(app.region),
): SetUp {
  const { cost, entry, region, zones } = app;
  const cdn = cost.resources.find((one) => one.type === 'cloudfront');
  return {
    region,
    entry: {
      lambda: cost.entry.lambda ?? entry.type,
      fargate: cost.entry.fargate ?? entry.type,
    },
    loadBalancer: {
      addresses: Math.max(ALB_ADDRESSES, zones.length),
      rules: app.routes.length,
      idleTimeoutMs: entry.type === 'alb' ? entry.idleTimeoutMs : 60_000,
    },
    services: servicesOf(app, measured),
    network: networkOf(app),
    logs: {
      retentionDays: cost.logs.retentionDays ?? assumedRetention(book),
      storedShare: figure(cost.logs.storedShare, 'storedShare'),
    },
    cdn: cdn && {
      cachedShare: { ...cdn.cachedShare, from: HERE },
      clients: cdn.clients,
      metered: cdn.plan === 'pay-as-you-go',
    },
    resources: [
      ...platformResources(app),
      ...cost.resources.flatMap(quantitiesOfResource),
      quantitiesOfItems(cost.items),
    ],
    spotPricePercent: figure(cost.spotPrice, 'spotPricePercent'),
    lambdaConcurrency: app.account.lambdaConcurrency,
  };
}

/** What is assumed must not make a bill unknown: without a price, storage is left out. */
function assumedRetention(book: PriceBook): number {
  const isPriced = book.price('cloudwatch.logsStorageGbMonth') !== undefined;
  return isPriced ? ASSUMED.retentionDays.expected : 0;
}

interface Part {
  readonly program: Service | LambdaFunction;
  readonly name: string;
  readonly trigger: Trigger;
  readonly share: number;
}

function servicesOf(app: App, measured: MeasuredProfiles): readonly ServiceSetUp[] {
  return partsOf(app).map(({ program, name, trigger, share }) => {
    const { lambda, fargate } = settingsOf(program);
    const isWorker = trigger.kind === 'queue';
    return {
      name,
      share,
      trigger,
      lambda: lambda && {
        memoryMiB: lambda.memoryMiB,
        ephemeralMiB: lambda.ephemeralMiB,
        provisioned: provisionedOf(program),
        architecture: lambda.architecture,
      },
      fargate: fargate === undefined || isWorker ? undefined : fargateOf(app, program, fargate),
      requests: profileOf(app.cost, program.name, fargate, measured[program.name] ?? {}),
    };
  });
}

/** What each program is asked by: one of a queue and of routes is two. */
function partsOf(app: App): readonly Part[] {
  const routed = new Set(app.routes.flatMap(targetsOf).map(({ service }) => service));
  const programs = [...app.services, ...app.functions];
  const entries = programs.filter(({ name }) => routed.has(name));
  const onlyQueues = entries.length === 0;
  const shares = entries.map(({ name }) => app.cost.programs[name]?.share);
  const said = shares.reduce<number>((sum, share = 0) => sum + share, 0);
  const unsaid = shares.filter((share) => share === undefined).length;
  const rest = unsaid === 0 ? 0 : Math.max(0, 1 - said) / unsaid;
  return programs.flatMap((program): Part[] => {
    const { name, queue } = program;
    const share = app.cost.programs[name]?.share;
    const parts: Part[] = [];
    const isRouted = routed.has(name);
    if (isRouted) {
      parts.push({ program, name, trigger: { kind: 'entry' }, share: share ?? rest });
    }
    if (queue !== undefined) {
      const each = onlyQueues ? 1 : ASSUMED.queueShare.expected;
      parts.push({
        program,
        name: isRouted ? `${name} (queue)` : name,
        trigger: queueTrigger(app, program, queue),
        share: isRouted ? each : (share ?? each),
      });
    }
    if (parts.length > 0) return parts;
    const hasUrl = 'url' in program && program.url !== undefined;
    const alone = programs.length === 1 ? 1 : 0;
    return [{ program, name, trigger: { kind: hasUrl ? 'url' : 'invoke' }, share: share ?? alone }];
  });
}

function queueTrigger(app: App, { name }: { readonly name: string }, queue: QueueSource): Trigger {
  const { from, batch } = queue;
  const isFifo =
    'url' in from
      ? from.url.endsWith('.fifo')
      : (app.queues.find((one) => one.name === from.name)?.fifo ?? false);
  const said = app.cost.programs[name]?.perBatch;
  const perBatch =
    said === undefined
      ? { ...ASSUMED.perBatch, high: Math.max(1, batch) }
      : { ...said, from: HERE };
  return { kind: 'queue', fifo: isFifo, perBatch };
}

function settingsOf(program: Service | LambdaFunction) {
  return {
    lambda: program.lambda,
    fargate: 'fargate' in program ? program.fargate : undefined,
  };
}

/** Of a function, what all of its published versions keep. */
function provisionedOf(program: Service | LambdaFunction): number {
  if (!('versions' in program)) return program.lambda?.provisioned ?? 0;
  return Object.values(program.versions).reduce((sum, { lambda }) => sum + lambda.provisioned, 0);
}

function fargateOf(
  app: App,
  { name, lambda }: Pick<Service, 'name' | 'lambda'>,
  fargate: FargateSettings,
): FargateSetUp {
  const said = app.cost.programs[name];
  const { tasks, autoscaling } = fargate;
  const least = tasks.min === 0 && lambda !== undefined ? app.zones.length : tasks.min;
  const minTasks = said?.minTasks ?? least;
  return {
    cpuUnits: fargate.cpuUnits,
    memoryMiB: fargate.memoryMiB,
    ephemeralGiB: fargate.ephemeralGiB,
    architecture: fargate.architecture,
    spotShare: fargate.spotShare,
    minTasks,
    maxTasks: Math.max(minTasks, tasks.max),
    idleMs: fargate.idleMs,
    autoscaling: autoscaling !== undefined || tasks.min !== tasks.max,
    targetUtilization: said?.utilization ?? utilizationOf(fargate),
  };
}

/** What its tasks scale on, if that is their processor. */
function utilizationOf({ scale, autoscaling }: FargateSettings): number {
  const tracked = autoscaling?.tracking.find(({ metric }) => metric.name === 'CPUUtilization');
  const percent = autoscaling === undefined ? scale.cpuPercent : tracked?.target;
  return percent === undefined ? ASSUMED.targetUtilization.expected : percent / 100;
}

function profileOf(
  cost: CostSettings,
  name: string,
  fargate: FargateSettings | undefined,
  measured: Partial<RequestProfile>,
): RequestProfile {
  const said = (key: keyof RequestSettings): Range | undefined =>
    cost.programs[name]?.[key] ?? cost.requests[key];
  const of = (key: keyof RequestSettings & AssumedFigure & keyof RequestProfile): Figure =>
    measured[key] ?? figure(said(key), key);
  const duration = (key: 'lambdaMs' | 'fargateMs'): Figure =>
    measured[key] ?? figure(said(key) ?? said('durationMs'), key);
  const slots =
    fargate === undefined
      ? undefined
      : sure(fargate.concurrency, `"concurrency" of "fargate" in ${HERE}`);
  const concurrency = said('concurrency');
  return {
    lambdaMs: duration('lambdaMs'),
    fargateMs: duration('fargateMs'),
    cpuMs: of('cpuMs'),
    concurrency:
      measured.concurrency ?? (concurrency === undefined ? slots : { ...concurrency, from: HERE }),
    requestBytes: of('requestBytes'),
    responseBytes: of('responseBytes'),
    perConnection: of('perConnection'),
    coldShare: of('coldShare'),
    initMs: of('initMs'),
    logBytes: of('logBytes'),
    invocationLogBytes: of('invocationLogBytes'),
  };
}

function figure(said: Range | undefined, name: AssumedFigure): Figure {
  return said === undefined ? ASSUMED[name] : { ...said, from: HERE };
}

function networkOf({ cost: { network }, zones }: App): NetworkSetUp {
  const { nat, natFor } = network;
  const count = { none: 0, one: 1, 'per-zone': zones.length }[nat];
  const fargate = natFor === 'lambda' ? 0 : count;
  return {
    natGateways: { lambda: natFor === 'fargate' ? 0 : count, fargate },
    natBytes: figure(network.natBytes, 'natBytes'),
    publicTasks: network.publicTasks ?? fargate === 0,
    crossZoneBytes: figure(network.crossZoneBytes, 'crossZoneBytes'),
  };
}
