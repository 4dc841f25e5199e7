// The live view and the summary of `fulcrum demo`.

import { sayDuration, sayUsd } from '../base/units.ts';
import type { DemoFrame, DemoPhase, DemoSummary } from '../ops/demo.ts';
import type { EngineStatus } from '../ops/status.ts';
import { count } from './render-status.ts';
import { type Paint, table } from './terminal.ts';

export const PHASE_TEXT: Readonly<Record<DemoPhase, string>> = {
  quiet: 'A quiet minute, in 8 seconds: a few requests. Lambda answers, Fargate sleeps at zero.',
  burst:
    'A burst: 12 clients that never pause. Fargate is worth its price now, wakes and takes over.',
  silence: 'Silence: nothing comes. Fargate goes back to zero, Lambda lets its environments go.',
};

export function introText(status: EngineStatus, paint: Paint): string {
  return [
    `${paint('bold', 'One program, unmodified, on Lambda and on Fargate at once.')}`,
    `It is examples/demo-api, behind a load balancer at ${status.url}, on real processes of this machine.`,
    'Time is shortened: waits that take minutes on AWS are seconds here (stage "demo" in its fulcrum.yml).',
    '',
  ].join('\n');
}

const BAR = 24;

/** One line of the live view. */
export function frameText(frame: DemoFrame, paint: Paint): string {
  const { atMs, phase, status, environments, tasks, served } = frame;
  const total = served.lambda + served.fargate;
  const part = total === 0 ? 0 : Math.round((BAR * served.lambda) / total);
  const bar =
    total === 0
      ? paint('dim', '·'.repeat(BAR))
      : paint('yellow', 'L'.repeat(part)) + paint('blue', 'F'.repeat(BAR - part));
  return [
    `${(atMs / 1000).toFixed(1).padStart(5)} s`,
    phase.padEnd(7),
    `${String(Math.round(total * 2)).padStart(5)} req/s`,
    bar,
    `lambda ${String(environments).padStart(2)} env`,
    `fargate ${tasks} ${tasks === 1 ? 'task ' : 'tasks'}`,
    sayUsd(status.cost.lambdaUsd + status.cost.fargateUsd),
  ].join('  ');
}

export function summaryText(summary: DemoSummary, paint: Paint): string {
  const { computes, errors, status, scaling, peak, seconds } = summary;
  const ms = (value: number | undefined) => (value === undefined ? '-' : sayDuration(value));
  const row = (name: 'lambda' | 'fargate'): readonly string[] => {
    const { requests, p50Ms, p99Ms, coldStarts } = computes[name];
    const most =
      name === 'lambda' ? count(peak.environments, 'environment') : count(peak.tasks, 'task');
    const usd = name === 'lambda' ? status.cost.lambdaUsd : status.cost.fargateUsd;
    const monthly =
      name === 'lambda' ? status.cost.monthly.lambdaUsd : status.cost.monthly.fargateUsd;
    const cold = name === 'lambda' ? String(coldStarts) : '-';
    return [
      name,
      requests.toLocaleString('en'),
      ms(p50Ms),
      ms(p99Ms),
      cold,
      most,
      sayUsd(usd),
      sayUsd(monthly),
    ];
  };
  const changes = scaling.map(
    ({ atMs, from, to, reason }) =>
      `  ${(atMs / 1000).toFixed(1).padStart(5)} s  Fargate ${from} → ${to}: ${reason}\n`,
  );
  const door = sayUsd(status.cost.monthly.frontDoorUsd);
  return [
    `\n${paint('bold', 'What happened')} in ${seconds.toFixed(0)} s\n`,
    ...changes,
    '\n',
    table([
      ['', 'requests', 'p50', 'p99', 'cold starts', 'at most', 'cost', 'a month of this'],
      row('lambda'),
      row('fargate'),
    ]),
    `\nerrors: ${errors}\n`,
    `A task is billed for a minute at least, so one that ran for seconds costs as much as a minute.\n`,
    `"A month of this" takes these ${seconds.toFixed(0)} s as the whole month; the load balancer is ${door} more. Prices: ${status.region}.\n`,
  ].join('');
}
