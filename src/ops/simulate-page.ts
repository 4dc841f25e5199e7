// A simulation as one page of HTML: nothing from outside, no script, light and dark, any width.

import { element, escapeText } from '../charts/svg.ts';
import { sayMany, sayNumber, upper } from './cost-words.ts';
import { htmlPage, list, paragraph, section, table, unbroken } from './page.ts';
import {
  type ChartSize,
  costChart,
  demandChart,
  loadChart,
  NARROW,
  ratioChart,
  servedChart,
  tooDear,
  WIDE,
} from './simulate-charts.ts';
import { parametersOf } from './simulate-parameters.ts';
import type { SimulatedPolicy, Simulation } from './simulate-report.ts';
import {
  answers,
  breakEvenWords,
  COLUMNS,
  finished,
  optimumWords,
  sayCost,
  sayRatio,
  saySeconds,
  traceWords,
  verdictOf,
} from './simulate-words.ts';

/** A whole document. Of a simulation that came to its end, with series and curves. */
export function simulatePage(report: Simulation): string {
  const shown = shownOf(report);
  const others = report.policies.filter((policy) => policy !== shown);
  const how = [
    traceWords(report),
    `${report.fidelity} simulation, seed ${report.seed}`,
    ...report.basis,
  ];
  const parts = [
    element('h1', {}, escapeText(`${upper(verdictOf(report))}.`)),
    paragraph(how.join('; '), 'soft'),
    paragraph(`${optimumWords(report)} ${breakEvenWords(report)}`),
    cards(report),
    report.warnings.length === 0 ? '' : section('Mind', list(report.warnings, 'warn')),
    policyTable(report),
    shown === undefined ? '' : section(`Over time, with ${shown.name}`, overTime(shown, BOTH)),
    others.length === 0 ? '' : section('Over time, with the others', others.map(folded).join('')),
    section('Cost over time', figure((size) => costChart(report, taller(size))) + leftOut(report)),
    byLoad(report),
    section('Latency', latencyTable(report)),
    section('What it rests on', profileTable(report)),
    paragraph(
      'Only what the place of a request decides: processor time, memory, requests and addresses of tasks, at list prices in US dollars; without the entry, logs, data and the free tier.',
      'soft',
    ),
  ];
  return htmlPage({ title: 'A simulation of placement', generator: 'fulcrum simulate' }, parts);
}

const BOTH: readonly ChartSize[] = [WIDE, NARROW];

/** Room for the names of all policies. */
function taller(size: ChartSize): ChartSize {
  return { ...size, height: size.width < 500 ? 560 : 480 };
}

/** The one that is proposed, or else the cheapest. */
function shownOf(report: Simulation): SimulatedPolicy | undefined {
  return report.policies.find(({ name }) => name === 'level-counter') ?? answers(report)[0];
}

/** `sizes`: one for wide and narrow screens alike, or one for each. */
function figure(draw: (size: ChartSize) => string, sizes: readonly ChartSize[] = BOTH): string {
  const [wide = WIDE, narrow] = sizes;
  if (narrow === undefined) return element('figure', {}, draw(wide));
  return element(
    'figure',
    {},
    element('div', { class: 'wide' }, draw(wide)) +
      element('div', { class: 'narrow' }, draw(narrow)),
  );
}

function overTime(policy: SimulatedPolicy, sizes: readonly ChartSize[]): string {
  return (
    paragraph(`${upper(policy.says)}.`, 'soft') +
    element('h3', {}, 'Demand and capacity') +
    figure((size) => demandChart(policy, size), sizes) +
    paragraph(meansOf(policy), 'soft') +
    element('h3', {}, 'Who served what') +
    figure((size) => servedChart(policy, size), sizes)
  );
}

function leftOut(report: Simulation): string {
  const left = tooDear(report).map(({ name, usd }) => `${name} (${sayCost(usd)})`);
  return left.length === 0 ? '' : paragraph(`Not drawn, as too dear: ${left.join(', ')}.`, 'soft');
}

/** A short peak is higher than what the picture shows of it. */
function meansOf({ series = [] }: SimulatedPolicy): string {
  const steps = series.slice(1).map(({ at }, index) => at - (series[index]?.at ?? 0));
  if (steps.length === 0) return '';
  return `Each point is the mean of ${saySeconds(Math.min(...steps))}; what is shorter is higher than it looks.`;
}

const FOLDED: readonly ChartSize[] = [{ ...WIDE, height: 300, id: 'folded' }];

function folded(policy: SimulatedPolicy): string {
  const title = `${policy.name}, ${sayCost(policy.usd)}`;
  return element(
    'details',
    {},
    element('summary', {}, escapeText(title)) + overTime(policy, FOLDED),
  );
}

function cards(report: Simulation): string {
  const done = finished(report);
  const lambda = done.find(({ name }) => name === 'lambda-only');
  const picked = [...new Set([answers(report)[0], shownOf(report), lambda])].filter(
    (one) => one !== undefined,
  );
  const items = picked.map((policy, index) =>
    card(policy.name, policy.usd, index === 0, [
      ['÷ optimum', sayRatio(policy.ratio)],
      ['Lambda', sayCost(policy.lambdaUsd)],
      ['Fargate', sayCost(policy.fargateUsd)],
      ['over the target', sayMany(Math.round(policy.overTarget))],
    ]),
  );
  const { lowerUsd, upperUsd } = report.optimum;
  const optimum = card('The optimum', lowerUsd, false, [
    ['at least', sayCost(lowerUsd)],
    ['at most', sayCost(upperUsd)],
  ]);
  return element('ul', { class: 'cards' }, items.join('') + optimum);
}

function card(
  title: string,
  usd: number,
  best: boolean,
  facts: readonly (readonly [string, string])[],
): string {
  const rows = facts.map(
    ([name, value]) =>
      element('dt', {}, escapeText(name)) + element('dd', {}, escapeText(unbroken(value))),
  );
  return element(
    'li',
    { class: best ? 'best' : undefined },
    element('h2', {}, escapeText(title)) +
      element('p', { class: 'money' }, escapeText(sayCost(usd))) +
      element('dl', {}, rows.join('')),
  );
}

function policyTable(report: Simulation): string {
  const rows = finished(report).map((policy) => [
    policy.name,
    sayCost(policy.usd),
    sayRatio(policy.ratio),
    sayCost(policy.lambdaUsd),
    sayCost(policy.fargateUsd),
    sayMany(Math.round(policy.overTarget)),
    sayMany(Math.round(policy.misplaced)),
    sayMany(Math.round(policy.coldStarts)),
    sayMany(Math.round(policy.taskStarts)),
    policy.utilization === null ? '-' : unbroken(`${Math.round(policy.utilization * 100)} %`),
  ]);
  const heads = [
    ...['policy', 'cost', '÷ optimum', 'Lambda', 'Fargate', 'over target', 'misplaced'],
    ...['cold starts', 'task starts', 'used'],
  ];
  const caption = `For ${sayMany(Math.round(report.trace.requests))} requests; the target is ${sayNumber(report.profile.targetMs)} ms`;
  const numeric = heads.map((_, index) => index).slice(1);
  return section('Every policy', table(caption, heads, rows, numeric) + paragraph(COLUMNS, 'soft'));
}

function byLoad(report: Simulation): string {
  if (report.curves === undefined) return '';
  return section(
    'Cost by load',
    paragraph(
      'The same traffic, made larger and smaller. The policy that is cheapest changes with it.',
    ) +
      figure((size) => loadChart(report, taller(size))) +
      figure((size) => ratioChart(report, taller(size))) +
      list(report.curveNotes ?? [], 'soft') +
      element('details', {}, `<summary>As a table</summary>${loadTable(report.curves)}`),
  );
}

function loadTable(curves: NonNullable<Simulation['curves']>): string {
  const loads = curves[0]?.points.map(({ requestsPerSecond }) => requestsPerSecond) ?? [];
  const rows = loads.map((load, index) => [
    sayNumber(load),
    ...curves.map(({ points }) => sayCost(points[index]?.usdPerHour ?? 0)),
  ]);
  const heads = ['requests a second', ...curves.map(({ name }) => name)];
  return table(
    'US dollars an hour',
    heads,
    rows,
    heads.map((_, index) => index),
  );
}

function latencyTable(report: Simulation): string {
  const rows = finished(report).flatMap((policy) =>
    (['lambda', 'fargate'] as const).flatMap((compute) => {
      const { requests, p50Ms, p95Ms, p99Ms, p999Ms, overTarget } = policy[compute];
      if (requests < 0.5) return [];
      const times = [p50Ms, p95Ms, p99Ms, p999Ms].map((ms) => (ms === null ? '-' : sayNumber(ms)));
      const counts = [requests, overTarget].map((count) => sayMany(Math.round(count)));
      return [[policy.name, compute, ...counts, ...times]];
    }),
  );
  const heads = ['policy', 'on', 'requests', 'over target', 'p50', 'p95', 'p99', 'p99.9'];
  return table('Milliseconds', heads, rows, [2, 3, 4, 5, 6, 7]);
}

function profileTable(report: Simulation): string {
  const rows = parametersOf(report).map(({ name, value, source }) => [name, value, source]);
  return table('Each figure, and where it is from', ['figure', 'value', 'from'], rows, []);
}
