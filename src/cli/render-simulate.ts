// What `fulcrum simulate` prints for people: the answer first, then the table, then what it rests on,
// in 80 columns.

import { sayMany, sayNumber } from '../ops/cost-words.ts';
import { type Parameter, parametersOf } from '../ops/simulate-parameters.ts';
import type { SimulatedPolicy, Simulation } from '../ops/simulate-report.ts';
import {
  breakEvenWords,
  COLUMNS,
  optimumWords,
  sayCost,
  sayRatio,
  traceWords,
  verdictOf,
} from '../ops/simulate-words.ts';
import { hanging, wrapped } from './render-cost.ts';
import { type Paint, table, wrap } from './terminal.ts';

const WIDTH = 80;

export function simulateText(report: Simulation, paint: Paint): string {
  const policies = inOrder(report);
  const { fidelity, seed } = report;
  const how = `${traceWords(report)}; ${fidelity} simulation, seed ${seed}; ${report.basis.join('; ')}.`;
  const blocks = [
    wrapped(`${verdictOf(report)}.`, '')
      .trimEnd()
      .split('\n')
      .map((line) => `${paint('bold', line)}\n`)
      .join('') + paint('dim', wrapped(how, '')),
    money(report, policies),
    service(policies),
    latencies(policies, report),
    paint('dim', wrapped(COLUMNS, '')),
    wrapped(`${optimumWords(report)} ${breakEvenWords(report)}`, ''),
    report.warnings.map((warning) => `${paint('yellow', '!')} ${hanging(warning, 2)}`).join(''),
    profileText(report, paint),
    paint('dim', wrapped(PRICES, '')),
  ];
  return blocks.filter((block) => block !== '').join('\n');
}

const PRICES =
  'Only what the place of a request decides: processor time, memory, requests, addresses of tasks; without the entry, logs, data and the free tier. "fulcrum cost" has whole bills.';

/** Cheapest first; what was stopped comes last, as its money is of a part. */
function inOrder({ policies }: Simulation): readonly SimulatedPolicy[] {
  return [...policies].sort((a, b) => b.done - a.done || a.usd - b.usd);
}

function nameOf({ name, done }: SimulatedPolicy): string {
  return done === 1 ? name : `${name}*`;
}

function money({ optimum, stopped }: Simulation, policies: readonly SimulatedPolicy[]): string {
  const rows = policies.map((policy) => [
    nameOf(policy),
    sayCost(policy.usd),
    sayRatio(policy.ratio),
    sayCost(policy.lambdaUsd),
    sayCost(policy.fargateUsd),
    policy.usdPerMillionRequests === null ? '-' : sayCost(policy.usdPerMillionRequests),
  ]);
  const best = ['the optimum', sayCost(optimum.lowerUsd), '1.000', '', '', ''];
  const heads = ['', 'cost', '÷ optimum', 'Lambda', 'Fargate', 'a million'];
  const partial = policies.find(({ done }) => done < 1);
  const note =
    partial === undefined
      ? 'It was stopped; the policies that are missing were not begun.'
      : `* It was stopped after ${Math.floor(partial.done * 100)} % of the trace, and its figures are of that part.`;
  return table([heads, best, ...rows]) + (stopped ? wrapped(note, '') : '');
}

function service(policies: readonly SimulatedPolicy[]): string {
  const rows = policies.map((policy) => [
    nameOf(policy),
    sayCount(policy.overTarget),
    sayCount(policy.misplaced),
    sayCount(policy.coldStarts),
    sayCount(policy.taskStarts),
    policy.utilization === null ? '-' : `${Math.round(policy.utilization * 100)} %`,
  ]);
  const heads = ['requests', 'over target', 'misplaced', 'cold starts', 'task starts', 'used'];
  return table([heads, ...rows]);
}

function latencies(policies: readonly SimulatedPolicy[], { profile }: Simulation): string {
  const rows = policies.flatMap((policy) =>
    (['lambda', 'fargate'] as const).flatMap((compute) => {
      const { requests, p50Ms, p95Ms, p99Ms, p999Ms } = policy[compute];
      if (requests < 0.5) return [];
      const times = [p50Ms, p95Ms, p99Ms, p999Ms].map(sayMs);
      return [[nameOf(policy), compute, sayCount(requests), ...times]];
    }),
  );
  const heads = ['ms', 'on', 'requests', 'p50', 'p95', 'p99', 'p99.9'];
  // A name is said once for both computes.
  const quiet = rows.map(([name = '', ...rest], index) =>
    rows[index - 1]?.[0] === name ? ['', ...rest] : [name, ...rest],
  );
  return `${table([heads, ...quiet])}The target is ${sayNumber(profile.targetMs)} ms.\n`;
}

function sayCount(count: number): string {
  return sayMany(count < 10 ? Math.round(10 * count) / 10 : Math.round(count));
}

function sayMs(ms: number | null): string {
  return ms === null ? '-' : sayNumber(ms < 100 ? Number(ms.toPrecision(3)) : Math.round(ms));
}

/** No figure is of a fulcrum.yml: there is none. */
function isAssumed({ profile }: Simulation): boolean {
  return !Object.values(profile.from).some(({ from }) => from === 'file');
}

/** Figures by where they are from, in the order in which a reader may change them. */
function profileText(report: Simulation, paint: Paint): string {
  const groups = new Map<string, Parameter[]>();
  for (const parameter of parametersOf(report)) {
    const key = parameter.source;
    groups.set(key, [...(groups.get(key) ?? []), parameter]);
  }
  const { app, service } = report.profile;
  const rows = [...groups].map(([source, parameters]) => {
    const said = parameters.map(({ name, value }) => `${name} ${value}`).join(', ');
    return `${wrap(`  ${source}: ${said}`, WIDTH, '    ')}\n`;
  });
  const of = isAssumed(report) ? 'Profile that is assumed' : `Profile of ${service} in ${app}`;
  return `${paint('bold', of)}\n${rows.join('')}`;
}
