// `fulcrum status` for people.

import { MONTH_DAYS, sayDuration, sayUsd } from '../base/units.ts';
import type { EngineStatus } from '../ops/status.ts';
import { fargateLines } from './render-fargate.ts';
import { placementLines } from './render-placement.ts';
import { clockTime, type Paint, shorten, table } from './terminal.ts';

type AloneStatus = NonNullable<EngineStatus['cost']['alone']>;
type FargateStatus = NonNullable<EngineStatus['services'][number]['fargate']>;

export function statusText(status: EngineStatus, paint: Paint): string {
  const { app, stage, region, url, https, uptimeMs } = status;
  const head = `${paint('bold', app)}${stage === undefined ? '' : ` (${stage})`} at ${url}${https === undefined ? '' : ` and ${https.url}`}, ${region}, up ${sayDuration(uptimeMs)}\n${paint('dim', `Invoke API at ${status.invoke}`)}\n`;
  const urls = new Map(status.functionUrls.map((one) => [one.function, one.url]));
  const parts = status.services.map(
    (service) => `\n${serviceText(service, urls.get(service.service), paint)}`,
  );
  return `${head}${parts.join('')}${queuesText(status.queues, paint)}${alarmsText(status.alarms, paint)}\n${costText(status.cost, paint)}`;
}

function serviceText(
  { service, lambda, fargate }: EngineStatus['services'][number],
  url: string | undefined,
  paint: Paint,
): string {
  const lines = [`${paint('bold', service)}${url === undefined ? '' : ` at ${url}`}`];
  if (lambda !== undefined) {
    const waiting = lambda.waiting === 0 ? '' : `, ${lambda.waiting} waiting for this machine`;
    lines.push(
      `  lambda   ${lambda.busy} busy, ${lambda.idle} idle, ${lambda.starting} starting${waiting}`,
      `           ${count(lambda.requests, 'request')}, ${count(lambda.coldStarts, 'cold start')}, ${count(lambda.errors, 'error')}`,
    );
  }
  if (fargate !== undefined) {
    const leaving = fargate.leaving === 0 ? '' : `, ${fargate.leaving} leaving`;
    const open = fargate.failOpen ? ', all unhealthy: any is asked' : '';
    const tasks =
      fargate.desired === 0 && fargate.tasks.length === 0
        ? 'asleep at zero'
        : `${fargate.healthy} of ${count(fargate.desired, 'task')} healthy${leaving}${open}, ${fargate.slotsInUse} of ${fargate.slots} slots in use`;
    lines.push(
      `  fargate  ${tasks}  ${paint('dim', `(${fargate.scaling.why})`)}`,
      `           ${count(fargate.requests, 'request')}, ${count(fargate.errors, 'error')}`,
      ...scalingLines(fargate.scaling, paint),
      ...fargateLines(fargate, paint).map((line) => `           ${line}`),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Activities shown; `--json` has more. */
const SHOWN_ACTIVITIES = 3;

/** Nothing for a service that demand decides: why there are so many tasks is said already. */
function scalingLines(scaling: FargateStatus['scaling'], paint: Paint): readonly string[] {
  const { by, min, max, policies, held, activities, placement } = scaling;
  if (by === 'demand') return [];
  if (placement !== undefined) {
    const [first, ...more] = placementLines(placement, paint);
    const bounds = `${min} to ${max} tasks`;
    return [
      `  scaling  ${first}, ${bounds}`,
      ...more.map((line) => `           ${line}`),
      ...(held === undefined ? [] : [`           ${paint('yellow', 'held')} ${held}`]),
    ];
  }
  const names = policies.map(({ policy, what }) => `${policy} (${what})`).join(', ');
  return [
    `  scaling  autoscaling, ${min} to ${max} tasks: ${names}`,
    ...(held === undefined ? [] : [`           ${paint('yellow', 'held')} ${held}`]),
    ...activities
      .slice(0, SHOWN_ACTIVITIES)
      .map(({ at, from, to, reason }) =>
        paint('dim', `           ${clockTime(at)} ${from} → ${to}: ${reason}`),
      ),
  ];
}

function alarmsText(alarms: EngineStatus['alarms'], paint: Paint): string {
  if (alarms.length === 0) return '';
  const colours = { OK: 'green', ALARM: 'red', INSUFFICIENT_DATA: 'yellow' } as const;
  const lines = alarms.map(
    ({ alarm, state, since, reason }) =>
      `  ${paint(colours[state], state.padEnd(17))} ${alarm}  ${paint('dim', `since ${clockTime(since)}: ${shorten(reason, 200)}`)}`,
  );
  return `\n${paint('bold', 'alarms')}\n${lines.join('\n')}\n`;
}

function queuesText(queues: EngineStatus['queues'], paint: Paint): string {
  if (queues.length === 0) return '';
  const lines = queues.map(({ queue, visible, inFlight, delayed, oldestMs }) => {
    const oldest = oldestMs === undefined ? '' : `, the oldest ${sayDuration(oldestMs)} old`;
    return `  ${queue.padEnd(14)} ${visible} visible, ${inFlight} in flight, ${delayed} delayed${oldest}`;
  });
  return `\n${paint('bold', 'queues')}\n${lines.join('\n')}\n`;
}

export function costText(cost: EngineStatus['cost'], paint: Paint): string {
  const { monthly } = cost;
  const other = cost.otherUsd + monthly.otherUsd;
  const rows = [
    ['', 'so far', 'a month like this'],
    ['lambda', sayUsd(cost.lambdaUsd), sayUsd(monthly.lambdaUsd)],
    ['fargate', sayUsd(cost.fargateUsd), sayUsd(monthly.fargateUsd)],
    ['front door', sayUsd(cost.frontDoorUsd), sayUsd(monthly.frontDoorUsd)],
    ...(other === 0 ? [] : [['network, other', sayUsd(cost.otherUsd), sayUsd(monthly.otherUsd)]]),
    ['total', sayUsd(cost.totalUsd), sayUsd(monthly.totalUsd)],
  ];
  const unknown =
    cost.unknown.length === 0
      ? ''
      : `${paint('yellow', 'without a known price, not in the sums:')} ${cost.unknown.join(', ')}\n`;
  return `${table(rows)}${unknown}${aloneText(cost, paint)}${pricesText(cost, paint)}`;
}

function pricesText({ prices: { asOf, from, known } }: EngineStatus['cost'], paint: Paint): string {
  if (!known) return '';
  return `${paint('dim', `prices of ${asOf}, ${from}; list prices, without free tier and tax`)}\n`;
}

function aloneText({ alone, aloneWhy }: EngineStatus['cost'], paint: Paint): string {
  if (alone === null) {
    return aloneWhy === undefined
      ? ''
      : `${paint('dim', `on Lambda alone, on Fargate alone: ${aloneWhy}`)}\n`;
  }
  const { lambdaUsd, fargateUsd, lambdaNot, fargateNot, requestsPerMonth } = alone;
  const not = [lambdaNot, fargateNot].filter((why) => why !== undefined);
  const money = `on Lambda alone ${sayUsd(lambdaUsd)}, on Fargate alone ${sayUsd(fargateUsd)} a month at this pace`;
  const other = otherFrom(alone);
  const turn =
    other === undefined
      ? ''
      : `; ${other.is} about ${sayRound(other.perDay)} requests a day (now ${sayRound(requestsPerMonth / MONTH_DAYS)})`;
  const notes = not.map((why) => `${paint('yellow', why)}\n`).join('');
  return `${money}${turn}\n${notes}`;
}

/** Where the one that is dearer now becomes the cheaper one; undefined: nowhere. */
function otherFrom({ lambdaUsd, fargateUsd, requestsPerMonth, breakEven }: AloneStatus) {
  if (breakEven === null || breakEven.firstRequestsPerDay === null) return undefined;
  const { firstRequestsPerDay: first, holdsFromRequestsPerDay: holds } = breakEven;
  if (fargateUsd <= lambdaUsd) return { is: 'Lambda is cheaper below', perDay: first };
  const perDay = first > requestsPerMonth / MONTH_DAYS ? first : holds;
  return perDay === null ? undefined : { is: 'Fargate is cheaper from', perDay };
}

/** Two digits that count: "650,000". */
function sayRound(number: number): string {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, number))) - 1);
  return (Math.round(number / digits) * digits).toLocaleString('en');
}

export function count(number: number, word: string): string {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}
