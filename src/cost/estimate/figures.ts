// Figures that are not certain, and which end of each costs less.

import type { Figure, RequestProfile, SetUp } from './set-up.ts';

/** All figures at the end that costs less, as expected, or at the end that costs more. */
export type End = 'low' | 'expected' | 'high';

/** Of one request, as numbers. `concurrency` without a limit is Infinity. */
export type RequestNumbers = { readonly [key in keyof RequestProfile]: number };

export type RequestFigure = keyof RequestProfile;

/** Figures of the whole app. */
export type AppFigure =
  | 'natBytes'
  | 'crossZoneBytes'
  | 'storedShare'
  | 'spotPricePercent'
  | 'cachedShare';

export type FigureName = RequestFigure | AppFigure | 'perBatch';

export const REQUEST_FIGURES: readonly RequestFigure[] = [
  'lambdaMs',
  'fargateMs',
  'cpuMs',
  'concurrency',
  'requestBytes',
  'responseBytes',
  'perConnection',
  'coldShare',
  'initMs',
  'logBytes',
  'invocationLogBytes',
];

/** The more of it, the less it costs. */
const CHEAPER_WHEN_HIGHER: ReadonlySet<FigureName> = new Set<FigureName>([
  'concurrency',
  'perConnection',
  'cachedShare',
  'perBatch',
]);

/** A figure that is certain. */
export function sure(value: number, from: string): Figure {
  return { low: value, expected: value, high: value, from };
}

export function figureAt(name: FigureName, figure: Figure, at: End): number {
  if (at === 'expected') return figure.expected;
  const lowest = (at === 'low') !== CHEAPER_WHEN_HIGHER.has(name);
  const { low, expected, high } = figure;
  return lowest ? Math.min(low, expected, high) : Math.max(low, expected, high);
}

export function requestNumbers(profile: RequestProfile, at: End): RequestNumbers {
  const of = (name: RequestFigure): number => {
    const figure = profile[name];
    return figure === undefined ? Infinity : figureAt(name, figure, at);
  };
  return {
    lambdaMs: of('lambdaMs'),
    fargateMs: of('fargateMs'),
    cpuMs: of('cpuMs'),
    concurrency: of('concurrency'),
    requestBytes: of('requestBytes'),
    responseBytes: of('responseBytes'),
    perConnection: of('perConnection'),
    coldShare: of('coldShare'),
    initMs: of('initMs'),
    logBytes: of('logBytes'),
    invocationLogBytes: of('invocationLogBytes'),
  };
}

export interface AppNumbers extends Readonly<Record<AppFigure, number>> {}

export function appNumbers(setUp: SetUp, at: End): AppNumbers {
  const { network, logs, cdn } = setUp;
  return {
    natBytes: figureAt('natBytes', network.natBytes, at),
    crossZoneBytes: figureAt('crossZoneBytes', network.crossZoneBytes, at),
    storedShare: figureAt('storedShare', logs.storedShare, at),
    spotPricePercent: figureAt('spotPricePercent', setUp.spotPricePercent, at),
    cachedShare: cdn === undefined ? 0 : figureAt('cachedShare', cdn.cachedShare, at),
  };
}
