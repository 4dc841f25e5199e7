// A measurement for people: the conclusion first, then what it rests on.

import type {
  Distribution,
  Measured,
  Measurement,
  Spread,
  TaskMeasurement,
} from '../ops/measure.ts';
import { type Paint, table } from './terminal.ts';

export function measuredText({ measurements, saved }: Measured, paint: Paint): string {
  const parts = measurements.map((one) => serviceText(one, paint));
  const end =
    saved === undefined ? 'Nothing was saved.\n' : `${saved}  saved; keep it with fulcrum.yml\n`;
  return `${parts.join('\n')}\n${end}`;
}

function serviceText(measured: Measurement, paint: Paint): string {
  const { service, stage, task, lambda } = measured;
  const name = stage === null ? service : `${service} (${stage})`;
  const lines = [
    `${paint('bold', name)}: ${conclusion(measured)}`,
    '',
    table([
      ['', 'likely', 'from', 'to'],
      row('processor, ms a request', measured.cpuMs, millis),
      ...(task === null ? [] : taskRows(task)),
      ...(lambda === null
        ? []
        : [
            row(`on Lambda at ${lambda.memoryMiB} MB, ms`, lambda.durationMs, millis),
            row(`  INIT, ms, ${lambda.starts} starts`, lambda.initMs, millis),
          ]),
      row('bytes of a request', measured.requestBytes, whole),
      row('bytes of a response', measured.responseBytes, whole),
      row('bytes logged a request', measured.logBytes, whole),
      [
        'memory, MB',
        measured.memory.residentMiB.toFixed(0),
        '',
        `${measured.memory.peakMiB.toFixed(0)} at most`,
      ],
    ]).trimEnd(),
    '',
    table([
      ['', 'mean', 'p50', 'p95', 'p99', 'requests'],
      ...(task === null ? [] : [times('one at a time, ms', task.aloneMs)]),
      ...(task?.loadedMs == null ? [] : [times('at the rate it carries, ms', task.loadedMs)]),
      ...(lambda === null ? [] : [times('on Lambda, ms', lambda.ms)]),
    ]).trimEnd(),
    '',
    ...sent(measured),
    ...measured.warnings.map((warning) => `${paint('yellow', 'note')}  ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

function taskRows(task: TaskMeasurement): string[][] {
  const rows: string[][] = [];
  if (task.perSecond !== null) rows.push(row('requests a second', task.perSecond, whole));
  if (task.inFlight !== null) rows.push(row('requests in flight', task.inFlight, whole));
  return rows;
}

/** "one task of 0.25 vCPU carries 41 requests a second within 200 ms at p95; …" */
function conclusion({ task, lambda, cpuMs }: Measurement): string {
  const takes = `a request takes ${millis(cpuMs.likely)} ms of processor`;
  if (task === null) {
    const lasts = lambda === null ? '' : `${millis(lambda.durationMs.likely)} ms on Lambda, `;
    return `${lasts}${takes}`;
  }
  const { vcpu, target, perSecond, inFlight, aloneMs, method, limitedBy } = task;
  const within = `within ${target.ms} ms at p${target.percentile}`;
  if (perSecond === null && inFlight !== null) {
    return `one task of ${vcpu} vCPU keeps ${whole(inFlight.likely)} in flight ${within}, and no rate was found that it carries: give it longer with --time; ${takes}`;
  }
  if (perSecond === null) {
    return `one task of ${vcpu} vCPU carries nothing ${within}: one request by itself takes ${millis(aloneMs.p95)} ms at p95; ${takes}`;
  }
  const least = limitedBy === 'sender' || limitedBy === 'bound' ? 'at least ' : '';
  const room = inFlight === null ? '' : `, and ${whole(inFlight.likely)} in flight`;
  const how = method === 'computed' ? ', computed' : '';
  return `one task of ${vcpu} vCPU carries ${least}${whole(perSecond.likely)} requests a second ${within}${room}${how}; ${takes}`;
}

function sent({ requests, answers, machine, measuredAt }: Measurement): readonly string[] {
  const what = requests.map(({ request, weight }) =>
    requests.length === 1 ? request : `${weight} × ${request}`,
  );
  const count = Object.values(answers).reduce((sum, one) => sum + one, 0);
  const bad = Object.entries(answers).filter(
    ([status]) => status === 'none' || Number(status) >= 400,
  );
  const failures = bad.map(([status, number]) =>
    status === 'none' ? `, ${number} without an answer` : `, ${number} with status ${status}`,
  );
  return [
    `sent  ${what.join(', ')}: ${count} requests${failures.join('')}`,
    `on    ${machine.cores} × ${machine.processor}, ${measuredAt.slice(0, 10)}`,
  ];
}

const row = (name: string, { smallest, likely, largest }: Spread, say: (n: number) => string) => [
  name,
  say(likely),
  say(smallest),
  say(largest),
];

const times = (name: string, { mean, p50, p95, p99, count }: Distribution): string[] => [
  name,
  ...[mean, p50, p95, p99].map(millis),
  String(count),
];

const whole = (number: number): string =>
  (number < 10 && number > 0 ? number.toFixed(1) : number.toFixed(0)).replace(/\.0$/, '');

const millis = (ms: number): string =>
  ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
