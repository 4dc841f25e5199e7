// A set-up and a workload with something changed, and what follows from it.
//
// Durations follow processors (see `latency.ts`, L1): the part that is processor time is stretched or
// not, the part that is waiting stays as it is. Low, expected and high figures change alike.

import { Fault } from '../../base/fault.ts';
import type { ChangeProblem } from '../../base/fault-entry.ts';
import { MONTH_DAYS } from '../../base/units.ts';
import { CPU_UNITS_PER_VCPU, FARGATE_SIZES } from '../../model/aws-limits.ts';
import { sure } from '../estimate/figures.ts';
import type {
  FargateSetUp,
  Figure,
  NetworkSetUp,
  ServiceSetUp,
  SetUp,
} from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import type { FreeTierMode } from '../free-tier.ts';
import type { Change } from './change.ts';
import { lambdaStretch, taskStretch } from './latency.ts';

/** What a comparison is of. */
export interface Subject {
  readonly setUp: SetUp;
  readonly workload: Workload;
  readonly freeTier: FreeTierMode;
}

export interface Applied<subject extends Subject> {
  readonly subject: subject;
  /** What else is different for it, and what was assumed, in sentences. */
  readonly follows: readonly string[];
}

const ASKED = 'asked for';

/** Throws CHANGES_INVALID for a service that there is not, or that does not have what changes. */
export function applyChanges<subject extends Subject>(
  before: subject,
  changes: readonly Change[],
): Applied<subject> {
  const problems = changes.flatMap((change) => problemOf(before.setUp, change));
  if (problems.length > 0) throw new Fault('CHANGES_INVALID', { problems });
  const follows: string[] = [];
  let subject = before;
  // What is written last is what is asked for: a duration after the memory that would have changed it.
  const inOrder = [...changes].sort((a, b) => Number(isDuration(a)) - Number(isDuration(b)));
  for (const change of inOrder) {
    const applied = applyOne(subject, change);
    subject = { ...subject, ...applied.subject };
    follows.push(...applied.follows);
  }
  return { subject, follows: [...new Set(follows)] };
}

function isDuration({ key }: Change): boolean {
  return key === 'duration' || key === 'cpu-time';
}

const OF_LAMBDA: ReadonlySet<Change['key']> = new Set([
  'memory',
  'provisioned',
  'cold-starts',
  'init',
]);
const OF_FARGATE: ReadonlySet<Change['key']> = new Set([
  'cpu',
  'task',
  'spot',
  'concurrency',
  'min-tasks',
  'max-tasks',
  'autoscaling',
  'utilization',
]);

function problemOf({ services }: SetUp, { key, service, text }: Change): ChangeProblem[] {
  const names = services.map(({ name }) => name);
  if (service !== undefined && !names.includes(service)) {
    return [{ text, say: `there is no "${service}".`, fix: `Use one of: ${names.join(', ')}.` }];
  }
  const meant = services.filter(({ name }) => service === undefined || name === service);
  const lacks =
    (OF_LAMBDA.has(key) && meant.every(({ lambda }) => lambda === undefined) && 'Lambda') ||
    (OF_FARGATE.has(key) && meant.every(({ fargate }) => fargate === undefined) && 'Fargate');
  if (lacks === false) return [];
  const who = service === undefined ? 'nothing of the app' : `"${service}" does not`;
  return [
    {
      text,
      say: service === undefined ? `${who} runs on ${lacks}.` : `${who} run on ${lacks}.`,
      fix: `Leave it out, or give it settings for ${lacks} in fulcrum.yml.`,
    },
  ];
}

interface AppliedOne {
  readonly subject: Partial<Subject>;
  readonly follows: readonly string[];
}

function applyOne({ setUp, workload }: Subject, change: Change): AppliedOne {
  const only = (subject: Partial<Subject>): AppliedOne => ({ subject, follows: [] });
  switch (change.key) {
    case 'region':
      return only({ setUp: { ...setUp, region: change.value } });
    case 'entry':
      return only({ setUp: { ...setUp, entry: change.value } });
    case 'nat': {
      const natGateways = gatewaysOf(setUp.network.natGateways, change.value);
      const publicTasks = natGateways.fargate === 0;
      const network = { ...setUp.network, natGateways, publicTasks };
      const follows =
        publicTasks === setUp.network.publicTasks
          ? []
          : publicTasks
            ? ['Without a NAT gateway each task has a public IPv4 address.']
            : ['Behind a NAT gateway tasks have no public IPv4 addresses.'];
      return { subject: { setUp: { ...setUp, network } }, follows };
    }
    case 'requests': {
      const { value } = change;
      const requestsPerMonth =
        'times' in value ? workload.requestsPerMonth * value.times : value.perDay * MONTH_DAYS;
      return only({ workload: { ...workload, requestsPerMonth } });
    }
    case 'peak':
      return only({ workload: { ...workload, peak: change.value } });
    case 'free-tier':
      return only({ freeTier: change.value });
    default: {
      const follows: string[] = [];
      const services = setUp.services.map((service) => {
        if (change.service !== undefined && change.service !== service.name) return service;
        const { changed, follows: more } = changeService(service, change);
        follows.push(...more);
        return changed;
      });
      return { subject: { setUp: { ...setUp, services } }, follows };
    }
  }
}

interface ChangedService {
  readonly changed: ServiceSetUp;
  readonly follows: readonly string[];
}

function changeService(service: ServiceSetUp, change: Change): ChangedService {
  const { lambda, fargate } = service;
  switch (change.key) {
    case 'memory':
      return lambda === undefined ? same(service) : withMemory(service, change.value);
    case 'cpu': {
      if (fargate === undefined) return same(service);
      const memoryMiB = nearestMemory(change.value, fargate.memoryMiB);
      return withTask(service, { cpuUnits: change.value, memoryMiB });
    }
    case 'task':
      return fargate === undefined ? same(service) : withTask(service, change.value);
    case 'architecture':
      return {
        changed: {
          ...service,
          lambda: lambda && { ...lambda, architecture: change.value },
          fargate: fargate && { ...fargate, architecture: change.value },
        },
        follows: [ARCHITECTURE_FOLLOWS],
      };
    case 'provisioned':
      return same({ ...service, lambda: lambda && { ...lambda, provisioned: change.value } });
    case 'duration':
    case 'cpu-time':
    case 'concurrency':
    case 'cold-starts':
    case 'init':
      return changeProfile(service, change);
    default:
      return fargate === undefined
        ? same(service)
        : same({ ...service, fargate: changeFargate(fargate, change) });
  }
}

const ARCHITECTURE_FOLLOWS =
  'Both architectures are taken to be as fast as each other; the program has to be built for the one asked for.';

function same(changed: ServiceSetUp): ChangedService {
  return { changed, follows: [] };
}

function changeFargate(fargate: FargateSetUp, change: Change): FargateSetUp {
  switch (change.key) {
    case 'spot':
      return { ...fargate, spotShare: change.value };
    case 'min-tasks': {
      const { maxTasks } = fargate;
      const most = maxTasks === undefined ? undefined : Math.max(maxTasks, change.value);
      return { ...fargate, minTasks: change.value, maxTasks: most };
    }
    case 'max-tasks':
      return {
        ...fargate,
        maxTasks: change.value,
        minTasks: Math.min(fargate.minTasks, change.value),
      };
    case 'autoscaling':
      return { ...fargate, autoscaling: change.value };
    case 'utilization':
      return { ...fargate, targetUtilization: change.value };
    default:
      return fargate;
  }
}

function changeProfile(service: ServiceSetUp, change: Change): ChangedService {
  const { requests } = service;
  switch (change.key) {
    case 'duration': {
      const figure = sure(change.value, ASKED);
      const cpuMs = mapped(requests.cpuMs, (ms) => Math.min(ms, change.value));
      const isLess = cpuMs.high < requests.cpuMs.high;
      const follows = isLess
        ? [`Processor time is ${cpuMs.expected} ms: it cannot be more than the duration.`]
        : [];
      const changed = { ...requests, lambdaMs: figure, fargateMs: figure, cpuMs };
      return { changed: { ...service, requests: changed }, follows };
    }
    case 'cpu-time':
      return withCpuTime(service, change.value);
    case 'concurrency':
      return same({
        ...service,
        requests: { ...requests, concurrency: sure(change.value, ASKED) },
      });
    case 'cold-starts':
      return same({ ...service, requests: { ...requests, coldShare: sure(change.value, ASKED) } });
    case 'init':
      return same({ ...service, requests: { ...requests, initMs: sure(change.value, ASKED) } });
    default:
      return same(service);
  }
}

/** The functions at another memory. Durations follow (L1); INIT is left as it is. */
export function withMemory(service: ServiceSetUp, memoryMiB: number): ChangedService {
  const { lambda, requests } = service;
  if (lambda === undefined || lambda.memoryMiB === memoryMiB) return same(service);
  const [from, to] = [lambdaStretch(lambda.memoryMiB), lambdaStretch(memoryMiB)];
  const lambdaMs = stretched(requests.lambdaMs, requests.cpuMs, from, to);
  return {
    changed: {
      ...service,
      lambda: { ...lambda, memoryMiB },
      requests: { ...requests, lambdaMs },
    },
    follows: [
      saysDuration(service.name, 'on Lambda', requests.lambdaMs, lambdaMs),
      'Durations on Lambda follow memory: processor time × max(1, 1769 MB ÷ memory), and waiting for others as before. INIT is left as it is.',
    ],
  };
}

/** The tasks at another size. Durations follow (L1), and so does what a task carries. */
export function withTask(
  service: ServiceSetUp,
  size: { readonly cpuUnits: number; readonly memoryMiB: number },
): ChangedService {
  const { fargate, requests } = service;
  if (fargate === undefined) return same(service);
  const [from, to] = [fargate.cpuUnits, size.cpuUnits].map((units) =>
    taskStretch(units / CPU_UNITS_PER_VCPU),
  ) as [number, number];
  const fargateMs = stretched(requests.fargateMs, requests.cpuMs, from, to);
  const follows =
    from === to
      ? []
      : [
          saysDuration(service.name, 'in a task', requests.fargateMs, fargateMs),
          'Durations in tasks follow their size: processor time × max(1, 1 ÷ vCPU), and waiting for others as before.',
        ];
  return {
    changed: { ...service, fargate: { ...fargate, ...size }, requests: { ...requests, fargateMs } },
    follows,
  };
}

function withCpuTime(service: ServiceSetUp, cpuMs: number): ChangedService {
  const { lambda, fargate, requests } = service;
  const after = sure(cpuMs, ASKED);
  const longer = (ms: Figure, stretch: number): Figure => {
    const waiting = waitingOf(ms, requests.cpuMs, stretch);
    return mapped(waiting, (left) => left + cpuMs * stretch);
  };
  const lambdaMs = longer(requests.lambdaMs, lambdaStretch(lambda?.memoryMiB ?? Infinity));
  const vcpu = (fargate?.cpuUnits ?? Infinity) / CPU_UNITS_PER_VCPU;
  const fargateMs = longer(requests.fargateMs, taskStretch(vcpu));
  return {
    changed: { ...service, requests: { ...requests, cpuMs: after, lambdaMs, fargateMs } },
    follows: [
      saysDuration(service.name, 'on Lambda', requests.lambdaMs, lambdaMs),
      saysDuration(service.name, 'in a task', requests.fargateMs, fargateMs),
    ],
  };
}

/** What is not processor time. 0 where processor time alone would take longer than was measured. */
function waitingOf(total: Figure, cpu: Figure, stretch: number): Figure {
  return {
    low: Math.max(0, total.low - cpu.low * stretch),
    expected: Math.max(0, total.expected - cpu.expected * stretch),
    high: Math.max(0, total.high - cpu.high * stretch),
    from: total.from,
  };
}

function stretched(total: Figure, cpu: Figure, from: number, to: number): Figure {
  if (from === to) return total;
  const waiting = waitingOf(total, cpu, from);
  // Processor time that was more than the whole is as much as the whole.
  const longer = (whole: number, left: number, cpuMs: number): number =>
    left === 0 ? whole * (to / from) : left + cpuMs * to;
  return {
    low: longer(total.low, waiting.low, cpu.low),
    expected: longer(total.expected, waiting.expected, cpu.expected),
    high: longer(total.high, waiting.high, cpu.high),
    from: `${total.from}, for another size`,
  };
}

function mapped({ low, expected, high, from }: Figure, of: (value: number) => number): Figure {
  return { low: of(low), expected: of(expected), high: of(high), from };
}

/** The least memory from `memoryMiB` on that Fargate has with so many CPU units; else the most. */
function nearestMemory(cpuUnits: number, memoryMiB: number): number {
  const sizes = FARGATE_SIZES.get(cpuUnits) ?? [];
  return sizes.find((size) => size >= memoryMiB) ?? sizes.at(-1) ?? memoryMiB;
}

function saysDuration(name: string, where: string, before: Figure, after: Figure): string {
  const say = (ms: number) => `${Number(ms.toPrecision(3))} ms`;
  if (before.expected === after.expected) {
    return `A request of "${name}" takes ${say(after.expected)} ${where}, as before.`;
  }
  return `A request of "${name}" takes ${say(after.expected)} ${where} instead of ${say(before.expected)}.`;
}

/** Who reaches out through gateways now goes on so; where nobody does, tasks begin to. */
function gatewaysOf(
  { lambda, fargate }: NetworkSetUp['natGateways'],
  count: number,
): NetworkSetUp['natGateways'] {
  const isForTasks = fargate > 0 || lambda === 0;
  return { lambda: lambda > 0 ? count : 0, fargate: isForTasks ? count : 0 };
}
