// Every figure a set-up has, with its name for people, and the set-up with one of them changed.

import { type FigureName, REQUEST_FIGURES } from '../estimate/figures.ts';
import { computeIn } from '../estimate/plan.ts';
import type { Figure, ServiceSetUp, SetUp } from '../estimate/set-up.ts';
import type { Mix } from './comparison.ts';

export interface NamedFigure {
  readonly name: FigureName;
  /** Undefined: of the whole app. */
  readonly service: string | undefined;
  readonly figure: Figure;
  /** It can make a difference to the bill: durations on Lambda make none to that of Fargate alone. */
  readonly matters: (mix: Mix) => boolean;
  /** The set-up with another figure in its place. */
  readonly replace: (figure: Figure) => SetUp;
}

export const FIGURE_WORDS: Readonly<
  Record<FigureName, { readonly says: string; readonly unit: string }>
> = {
  lambdaMs: { says: 'duration on Lambda', unit: 'ms' },
  fargateMs: { says: 'duration in a task', unit: 'ms' },
  cpuMs: { says: 'processor time', unit: 'ms' },
  concurrency: { says: 'requests a task has in flight', unit: 'requests' },
  requestBytes: { says: 'size of a request', unit: 'bytes' },
  responseBytes: { says: 'size of a response', unit: 'bytes' },
  perConnection: { says: 'requests of a connection', unit: 'requests' },
  coldShare: { says: 'part of cold starts', unit: 'of 1' },
  initMs: { says: 'INIT of a cold start', unit: 'ms' },
  logBytes: { says: 'log of a request', unit: 'bytes' },
  invocationLogBytes: { says: 'log of an invocation', unit: 'bytes' },
  natBytes: { says: 'NAT traffic of a request', unit: 'bytes' },
  crossZoneBytes: { says: 'traffic between zones of a request', unit: 'bytes' },
  storedShare: { says: 'part of a log that is stored', unit: 'of 1' },
  spotPricePercent: { says: 'price of Spot', unit: '%' },
  cachedShare: { says: 'part that CloudFront answers', unit: 'of 1' },
  perBatch: { says: 'messages of a batch', unit: 'messages' },
};

/** Those that can make a difference: of Spot where there is some, of NAT where there are gateways. */
export function figuresOf(setUp: SetUp): readonly NamedFigure[] {
  return [
    ...setUp.services.flatMap((service, index) => serviceFigures(setUp, service, index)),
    ...appFigures(setUp),
  ];
}

function serviceFigures(setUp: SetUp, service: ServiceSetUp, index: number): NamedFigure[] {
  const withService = (changed: ServiceSetUp): SetUp => ({
    ...setUp,
    services: setUp.services.map((one, at) => (at === index ? changed : one)),
  });
  const { name, trigger, requests } = service;
  const found = REQUEST_FIGURES.flatMap((key): NamedFigure[] => {
    const figure = requests[key];
    const on = OF_LAMBDA.has(key) ? 'lambda' : OF_FARGATE.has(key) ? 'fargate' : undefined;
    if (figure === undefined || (on !== undefined && service[on] === undefined)) return [];
    const replace = (other: Figure) =>
      withService({ ...service, requests: { ...requests, [key]: other } });
    const matters = (mix: Mix) =>
      on === undefined || mix === 'hybrid' || computeIn(service, mix) === on;
    return [{ name: key, service: name, figure, matters, replace }];
  });
  if (trigger.kind !== 'queue') return found;
  const replace = (perBatch: Figure) =>
    withService({ ...service, trigger: { ...trigger, perBatch } });
  const figure = trigger.perBatch;
  return [...found, { name: 'perBatch', service: name, figure, matters: always, replace }];
}

const always = () => true;

const OF_LAMBDA: ReadonlySet<FigureName> = new Set<FigureName>([
  'lambdaMs',
  'coldShare',
  'initMs',
  'invocationLogBytes',
]);
const OF_FARGATE: ReadonlySet<FigureName> = new Set<FigureName>([
  'fargateMs',
  'cpuMs',
  'concurrency',
]);

function appFigures(setUp: SetUp): NamedFigure[] {
  const { network, logs, cdn, services, spotPricePercent } = setUp;
  const found: NamedFigure[] = [];
  const add = (name: FigureName, figure: Figure, replace: (figure: Figure) => SetUp): void => {
    found.push({ name, service: undefined, figure, matters: always, replace });
  };
  if (network.natGateways.lambda + network.natGateways.fargate > 0) {
    add('natBytes', network.natBytes, (natBytes) => ({
      ...setUp,
      network: { ...network, natBytes },
    }));
  }
  add('crossZoneBytes', network.crossZoneBytes, (crossZoneBytes) => ({
    ...setUp,
    network: { ...network, crossZoneBytes },
  }));
  if (logs.retentionDays > 0) {
    add('storedShare', logs.storedShare, (storedShare) => ({
      ...setUp,
      logs: { ...logs, storedShare },
    }));
  }
  if (services.some(({ fargate }) => (fargate?.spotShare ?? 0) > 0)) {
    add('spotPricePercent', spotPricePercent, (spot) => ({ ...setUp, spotPricePercent: spot }));
  }
  if (cdn !== undefined) {
    add('cachedShare', cdn.cachedShare, (cachedShare) => ({
      ...setUp,
      cdn: { ...cdn, cachedShare },
    }));
  }
  return found;
}
