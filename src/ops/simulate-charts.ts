// The pictures of a simulation: demand and capacity, who served what, cost over time, cost by load.

import { sayUsd } from '../base/units.ts';
import type { Layer, Point } from '../charts/layers.ts';
import { plotSvg } from '../charts/plot.ts';
import { TONES } from '../charts/theme.ts';
import { sayMany, sayNumber } from './cost-words.ts';
import type { SimulatedPolicy, Simulation } from './simulate-report.ts';
import { sayCost } from './simulate-words.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** Letters; with the name of the picture it is unlike any other on the page. */
  readonly id: string;
}

export const WIDE: ChartSize = { width: 860, height: 380, id: 'wide' };
export const NARROW: ChartSize = { width: 380, height: 380, id: 'narrow' };

type Series = NonNullable<SimulatedPolicy['series']>;

/** The tones of Lambda and of Fargate; and the last one, that of text, for what is no policy. */
const LAMBDA = 0;
const FARGATE = 1;
const PLAIN = TONES.length - 1;

/** One for each policy, in the order of the report. */
function toneOf(index: number): number {
  return index % PLAIN;
}

/** What is proposed stands out. */
function isStrong(name: string): boolean {
  return name === 'level-counter';
}

/** What came, what the tasks could carry. */
export function demandChart(policy: SimulatedPolicy, size: ChartSize): string {
  const series = policy.series ?? [];
  const time = timeOf(series);
  const most = Math.max(0.001, ...series.map((one) => Math.max(one.demandRate, one.capacityRate)));
  return plotSvg({
    ...sized(size, `demand${idOf(policy.name)}`),
    title: `Demand, and what the tasks of ${policy.name} could carry`,
    description: `Requests a second over time: those that came, at most ${sayNumber(most)}, and what the tasks that ran could carry.`,
    x: time.axis,
    y: { label: 'requests a second', scale: 'linear', domain: [0, most * 1.06], format: sayMany },
    layers: [
      {
        kind: 'line',
        name: 'capacity of tasks',
        tone: FARGATE,
        step: true,
        points: time.points(({ capacityRate }) => capacityRate),
      },
      { kind: 'line', name: 'demand', tone: PLAIN, points: time.points((one) => one.demandRate) },
    ],
    spans: [],
    marks: [],
  });
}

/** Requests on Fargate, and those on Lambda on top of them. */
export function servedChart(policy: SimulatedPolicy, size: ChartSize): string {
  const series = policy.series ?? [];
  const time = timeOf(series);
  const most = Math.max(0.001, ...series.map((one) => one.lambdaRate + one.fargateRate));
  return plotSvg({
    ...sized(size, `served${idOf(policy.name)}`),
    title: `Who served what, with ${policy.name}`,
    description: `Requests a second over time, on Fargate and on top of it on Lambda: ${sayMany(Math.round(policy.fargate.requests))} and ${sayMany(Math.round(policy.lambda.requests))} in all.`,
    x: time.axis,
    y: { label: 'requests a second', scale: 'linear', domain: [0, most * 1.06], format: sayMany },
    layers: [
      {
        kind: 'stack',
        names: ['Fargate', 'Lambda'],
        tones: [FARGATE, LAMBDA],
        xs: series.map(({ at }) => at / time.unit),
        values: series.map(({ fargateRate, lambdaRate }) => [fargateRate, lambdaRate]),
      },
    ],
    spans: [],
    marks: [],
  });
}

/** A policy that costs more than so many times the cheapest would make all others one line. */
const TOO_DEAR = 5;

/** Those that are too dear for the picture of costs over time. */
export function tooDear({ policies }: Simulation): readonly SimulatedPolicy[] {
  const least = Math.min(...policies.map(({ usd }) => usd));
  return policies.filter(({ usd }) => usd > least * TOO_DEAR);
}

/** What each policy had cost until then. */
export function costChart(report: Simulation, size: ChartSize): string {
  const [first] = report.policies;
  const time = timeOf(first?.series ?? []);
  const left = tooDear(report);
  const shown = report.policies.flatMap((policy, index) =>
    left.includes(policy) ? [] : [{ policy, tone: toneOf(index) }],
  );
  const most = Math.max(...shown.map(({ policy }) => policy.usd), 1e-9);
  return plotSvg({
    ...sized(size, 'cost'),
    title: 'Cost over time',
    description: `What each policy had cost until then, in US dollars: ${report.policies.map(({ name, usd }) => `${name} ${sayCost(usd)}`).join(', ')} at the end.`,
    x: time.axis,
    y: { label: 'US dollars so far', scale: 'linear', domain: [0, most * 1.04], format: sayTick },
    layers: shown.map(({ policy, tone }): Layer => {
      const own = timeOf(policy.series ?? []);
      return {
        kind: 'line',
        name: policy.name,
        tone,
        strong: isStrong(policy.name),
        points: sums(policy, own.unit),
      };
    }),
    spans: [],
    marks: [],
  });
}

/** Parts of the time are as long as each other, so the rates add up to the whole. */
function sums({ series = [], usd }: SimulatedPolicy, unit: number): readonly Point[] {
  const all = series.reduce((sum, one) => sum + one.lambdaUsdPerHour + one.fargateUsdPerHour, 0);
  let sum = 0;
  return series.map(({ at, lambdaUsdPerHour, fargateUsdPerHour }) => {
    sum += lambdaUsdPerHour + fargateUsdPerHour;
    return { x: at / unit, y: all === 0 ? 0 : (sum / all) * usd };
  });
}

/** What an hour costs by the mean load, both on scales of powers of ten. */
export function loadChart(report: Simulation, size: ChartSize): string {
  const curves = report.curves ?? [];
  const all = curves.flatMap(({ points }) => points.map(({ usdPerHour }) => usdPerHour));
  const positive = all.filter((usd) => usd > 0);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  return plotSvg({
    ...sized(size, 'load'),
    title: 'Cost by load',
    description: `US dollars an hour by the mean requests a second, from 0.1 to 10,000, of ${curves.map(({ name }) => name).join(', ')}.`,
    x: loadAxis(curves),
    y: {
      label: 'US dollars an hour',
      scale: 'log',
      domain: [least * 0.8, Math.max(most * 1.25, least * 10)],
      format: sayTick,
    },
    layers: curveLayers(report, ({ usdPerHour }) => (usdPerHour > 0 ? usdPerHour : undefined)),
    spans: [],
    marks: marksOf(report, size),
  });
}

/** What costs more is out of the picture. */
const MOST_TIMES = 5;

/** The same over the optimum, where differences can be seen. */
export function ratioChart(report: Simulation, size: ChartSize): string {
  const curves = report.curves ?? [];
  const optimum = new Map(
    curves
      .find(({ name }) => name === 'optimum')
      ?.points.map((point) => [point.requestsPerSecond, point.usdPerHour]),
  );
  const ratioOf = ({ requestsPerSecond, usdPerHour }: LoadPoint): number | undefined => {
    const best = optimum.get(requestsPerSecond) ?? 0;
    return best > 0 ? usdPerHour / best : undefined;
  };
  const ratios = curves.flatMap(({ points }) => points.map((point) => ratioOf(point) ?? 1));
  const most = Math.min(MOST_TIMES, Math.max(1.2, ...ratios));
  return plotSvg({
    ...sized(size, 'ratio'),
    title: 'Cost over the optimum, by load',
    description: `How many times the optimum each policy costs, by the mean requests a second, up to ${sayNumber(most)} times.`,
    x: loadAxis(curves),
    y: {
      label: 'times the optimum',
      scale: 'log',
      domain: [0.98, most * 1.05],
      format: (value) => `${sayNumber(value)}×`,
      ticks: (most > 2.5 ? [1, 1.25, 1.5, 2, 3, 4, 5] : [1, 1.05, 1.1, 1.2, 1.4, 1.7, 2]).filter(
        (tick) => tick <= most * 1.05,
      ),
    },
    layers: curveLayers(report, ratioOf),
    spans: [],
    marks: marksOf(report, size),
  });
}

type LoadCurves = NonNullable<Simulation['curves']>;
type LoadPoint = LoadCurves[number]['points'][number];

function curveLayers(
  { curves = [], policies }: Simulation,
  rateOf: (point: LoadPoint) => number | undefined,
): readonly Layer[] {
  return curves.map(({ name, points }) => {
    const index = policies.findIndex((policy) => policy.name === name);
    return {
      kind: 'line',
      name,
      tone: index === -1 ? PLAIN : toneOf(index),
      strong: isStrong(name),
      points: points.map((point) => ({ x: point.requestsPerSecond, y: rateOf(point) })),
    };
  });
}

function loadAxis(curves: LoadCurves) {
  const loads = curves.flatMap(({ points }) => points.map((point) => point.requestsPerSecond));
  return {
    label: 'requests a second, on the average',
    scale: 'log' as const,
    domain: [Math.min(...loads), Math.max(...loads)] as const,
    format: sayMany,
  };
}

function marksOf({ breakEven, trace }: Simulation, { width }: ChartSize) {
  const isNarrow = width < 500;
  const say = (value: number) => sayNumber(Number(value.toPrecision(3)));
  return [
    {
      x: breakEven.requestsPerSecond,
      label: `${isNarrow ? 'pays: ' : 'a task pays: '}${say(breakEven.requestsPerSecond)}/s`,
    },
    { x: trace.meanRate, label: `${isNarrow ? 'here: ' : 'this trace: '}${say(trace.meanRate)}/s` },
  ];
}

function sized({ width, height, id }: ChartSize, name: string) {
  return { width, height, id: `${id}${name}` };
}

function idOf(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gi, '');
}

function sayTick(usd: number): string {
  if (usd >= 1e6) return `$${sayMany(usd)}`;
  return usd >= 1 ? sayCost(usd).replace(/\.00$/, '') : sayUsd(usd).replace(/(\.\d*?)0+$/, '$1');
}

const UNITS = [
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
] as const;

/** A stretch without points for longer than this many of the usual steps is a gap. */
const GAP_STEPS = 1.9;

/** Time since the beginning, in a unit that gives a few numbers. */
function timeOf(series: Series) {
  const end = series.at(-1)?.at ?? 1;
  const [name, unit] = UNITS.find(([, seconds]) => end >= 2.5 * seconds) ?? ['seconds', 1];
  const steps = series.slice(1).map(({ at }, index) => at - (series[index]?.at ?? 0));
  const usual = steps.length === 0 ? Infinity : Math.min(...steps);
  return {
    unit,
    axis: {
      label: `${name} since the beginning`,
      scale: 'linear' as const,
      domain: [0, Math.max(end / unit, 1e-6)] as const,
      format: sayNumber,
    },
    points: (rateOf: (one: Series[number]) => number): readonly Point[] =>
      series.flatMap((one, index): readonly Point[] => {
        const before = series[index - 1]?.at ?? one.at;
        const point = { x: one.at / unit, y: rateOf(one) };
        const isAfterGap = one.at - before > GAP_STEPS * usual;
        return isAfterGap ? [{ x: (before + usual) / unit, y: undefined }, point] : [point];
      }),
  };
}
