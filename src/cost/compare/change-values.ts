// What may be changed in a what-if, and how its values are written.

import { closest } from '../../base/closest.ts';
import type { Millis } from '../../base/units.ts';
import type { Architecture } from '../../model/app.ts';
import { CPU_UNITS_PER_VCPU, FARGATE_SIZES, LAMBDA_MEMORY_MIB } from '../../model/aws-limits.ts';
import type { FargateEntry, LambdaEntry } from '../estimate/set-up.ts';
import { pricedRegions } from '../prices/price-book.ts';

export type FreeTier = 'none' | 'always' | 'legacy';

export interface TaskSize {
  readonly cpuUnits: number;
  readonly memoryMiB: number;
}

export interface Entry {
  readonly lambda: LambdaEntry;
  readonly fargate: FargateEntry;
}

/** So many requests a day, or so many times those there are. */
export type Volume = { readonly perDay: number } | { readonly times: number };

export interface ChangeValues {
  readonly memory: number;
  readonly cpu: number;
  readonly task: TaskSize;
  readonly region: string;
  readonly architecture: Architecture;
  readonly entry: Entry;
  readonly spot: number;
  readonly duration: Millis;
  readonly 'cpu-time': Millis;
  readonly concurrency: number;
  readonly requests: Volume;
  readonly peak: number;
  readonly 'min-tasks': number;
  readonly 'max-tasks': number;
  readonly autoscaling: boolean;
  readonly utilization: number;
  readonly provisioned: number;
  readonly 'cold-starts': number;
  readonly init: Millis;
  readonly nat: number;
  readonly 'free-tier': FreeTier;
}

export interface Wrong {
  readonly wrong: string;
}

export interface ChangeKind<value> {
  readonly takes: string;
  readonly does: string;
  readonly example: string;
  /** Of the whole app, not of one service. */
  readonly wide: boolean;
  readonly read: (text: string) => value | Wrong;
}

const ENTRIES: Readonly<Record<string, Entry>> = {
  alb: { lambda: 'alb', fargate: 'alb' },
  'http-api': { lambda: 'http-api', fargate: 'http-api' },
  'rest-api': { lambda: 'rest-api', fargate: 'rest-api' },
  'function-url': { lambda: 'function-url', fargate: 'alb' },
  none: { lambda: 'none', fargate: 'none' },
};

const LAMBDA_ENTRIES: readonly LambdaEntry[] = [
  'none',
  'alb',
  'http-api',
  'rest-api',
  'function-url',
];
const FARGATE_ENTRIES: readonly FargateEntry[] = ['none', 'alb', 'http-api', 'rest-api'];

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x86_64: 'x86_64',
  x86: 'x86_64',
  amd64: 'x86_64',
  arm64: 'arm64',
  arm: 'arm64',
};

const DAY_SECONDS = 86_400;
const PERIODS: Readonly<Record<string, number>> = {
  s: DAY_SECONDS,
  min: 1440,
  h: 24,
  day: 1,
  month: 24 / 730,
};

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

export const CHANGE_KEYS: { readonly [key in keyof ChangeValues]: ChangeKind<ChangeValues[key]> } =
  {
    memory: {
      takes: `megabytes from ${LAMBDA_MEMORY_MIB.min} to ${LAMBDA_MEMORY_MIB.max}`,
      does: 'memory of functions; the processor, and so durations, go with it',
      example: '1024',
      wide: false,
      read: (text) => whole(mebibytes(text), LAMBDA_MEMORY_MIB),
    },
    cpu: {
      takes: `CPU units (${[...FARGATE_SIZES.keys()].join(', ')}) or vCPU`,
      does: 'processor of a task; its memory goes to the nearest that is allowed with it',
      example: '512',
      wide: false,
      read: cpuUnits,
    },
    task: {
      takes: 'a size that Fargate has: vCPU "/" memory',
      does: 'processor and memory of a task',
      example: '0.5vCPU/1GB',
      wide: false,
      read: taskSize,
    },
    region: {
      takes: 'an AWS region that the price book has',
      does: 'all prices',
      example: 'eu-west-2',
      wide: true,
      read: region,
    },
    architecture: {
      takes: 'x86_64 or arm64',
      does: 'processors of functions and tasks, taken to be as fast as each other',
      example: 'arm64',
      wide: false,
      read: (text) => oneOf(text, ARCHITECTURES),
    },
    entry: {
      takes: `${Object.keys(ENTRIES).join(', ')}, or one for Lambda "/" one for Fargate`,
      does: 'how requests reach the app; "function-url" has a load balancer for Fargate',
      example: 'http-api/alb',
      wide: true,
      read: entryOf,
    },
    spot: {
      takes: 'a part of the tasks from 0 to 1, or in %',
      does: 'tasks on Fargate Spot',
      example: '50%',
      wide: false,
      read: (text) => part(text),
    },
    duration: {
      takes: 'milliseconds over 0',
      does: 'duration of a request, on both; processor time is not more than it',
      example: '200ms',
      wide: false,
      read: (text) => milliseconds(text),
    },
    'cpu-time': {
      takes: 'milliseconds over 0',
      does: 'processor time of a request on a whole vCPU; durations follow',
      example: '10ms',
      wide: false,
      read: (text) => milliseconds(text),
    },
    concurrency: {
      takes: 'a number from 1 on',
      does: 'requests that a task has in flight at once, at most',
      example: '20',
      wide: false,
      read: (text) => number(text, { min: 1 }),
    },
    requests: {
      takes: 'a number with /s, /min, /h, /day (without one: a day) or /month, or a multiple',
      does: 'volume',
      example: '100k/day or requests=2x',
      wide: true,
      read: volume,
    },
    peak: {
      takes: 'a number from 1 on',
      does: 'busiest moment over the mean',
      example: '3',
      wide: true,
      read: (text) => number(text, { min: 1 }),
    },
    'min-tasks': {
      takes: 'a whole number from 0 on',
      does: 'tasks that run whatever the traffic',
      example: '2',
      wide: false,
      read: (text) => whole(plain(text), { min: 0 }),
    },
    'max-tasks': {
      takes: 'a whole number from 1 on',
      does: 'tasks that run at most',
      example: '10',
      wide: false,
      read: (text) => whole(plain(text), { min: 1 }),
    },
    autoscaling: {
      takes: 'on or off',
      does: 'tasks follow the traffic, or are always as many as the peak takes',
      example: 'on',
      wide: false,
      read: (text) => oneOf(text, { on: true, off: false }),
    },
    utilization: {
      takes: 'a part over 0 up to 1, or in %',
      does: 'how busy the processor of a task is planned to be, at most',
      example: '60%',
      wide: false,
      read: (text) => part(text, 0.01),
    },
    provisioned: {
      takes: 'a whole number from 0 on',
      does: 'environments of each function that are kept provisioned',
      example: '2',
      wide: false,
      read: (text) => whole(plain(text), { min: 0 }),
    },
    'cold-starts': {
      takes: 'a part of the invocations from 0 to 1, or in %',
      does: 'invocations that start an environment',
      example: '1%',
      wide: false,
      read: (text) => part(text),
    },
    init: {
      takes: 'milliseconds over 0',
      does: 'duration of the INIT of a cold start',
      example: '500ms',
      wide: false,
      read: (text) => milliseconds(text),
    },
    nat: {
      takes: 'a whole number from 0 on',
      does: 'NAT gateways through which programs in private subnets reach out',
      example: '1',
      wide: true,
      read: (text) => whole(plain(text), { min: 0 }),
    },
    'free-tier': {
      takes: 'none, always or legacy',
      does: 'what the account has for nothing',
      example: 'always',
      wide: true,
      read: (text) => oneOf<FreeTier>(text, { none: 'none', always: 'always', legacy: 'legacy' }),
    },
  };

const NUMBER = /^(\d+(?:[._]\d+)*|\.\d+)\s*([a-zµ]*)$/i;

/** A number with its unit, in lower case. */
function split(text: string): readonly [value: number, unit: string] | undefined {
  const match = NUMBER.exec(text.replaceAll(/[,_](?=\d{3}(\D|$))/g, ''));
  const value = Number(match?.[1]);
  return match === null || !Number.isFinite(value)
    ? undefined
    : [value, (match[2] ?? '').toLowerCase()];
}

function scaled(text: string, units: Readonly<Record<string, number>>): number | Wrong {
  const found = split(text);
  if (found === undefined) return { wrong: `"${text}" is not a number.` };
  const [value, unit] = found;
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return scale === undefined ? { wrong: `"${unit}" is no unit here.` } : value * scale;
}

const MEBIBYTES = { '': 1, mb: 1, mib: 1, m: 1, gb: 1024, gib: 1024, g: 1024 };
const plain = (text: string) => scaled(text, { '': 1 });
const mebibytes = (text: string) => scaled(text, MEBIBYTES);

interface Bounds {
  readonly min: number;
  readonly max?: number;
}

function within(value: number | Wrong, { min, max = Infinity }: Bounds): number | Wrong {
  if (typeof value === 'object') return value;
  if (value < min) return { wrong: `must be ${min} or more, was: ${value}.` };
  return value > max ? { wrong: `must be ${max} or less, was: ${value}.` } : value;
}

function whole(value: number | Wrong, bounds: Bounds): number | Wrong {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return { wrong: `must be a whole number, was: ${value}.` };
  }
  return within(value, bounds);
}

function number(text: string, bounds: Bounds): number | Wrong {
  return within(plain(text), bounds);
}

function milliseconds(text: string): Millis | Wrong {
  const value = scaled(text, { '': 1, ms: 1, s: 1000, min: 60_000 });
  if (value === 0) return { wrong: 'must be over 0.' };
  return within(value, { min: 0, max: 900_000 });
}

function part(text: string, min = 0): number | Wrong {
  const value = text.endsWith('%') ? plain(text.slice(0, -1).trim()) : plain(text);
  if (typeof value === 'object') return value;
  return within(text.endsWith('%') ? value / 100 : value, { min, max: 1 });
}

function oneOf<value>(text: string, known: Readonly<Record<string, value>>): value | Wrong {
  const word = text.toLowerCase();
  if (Object.hasOwn(known, word)) return known[word] as value;
  return { wrong: unknownWord(text, Object.keys(known)) };
}

function unknownWord(text: string, known: readonly string[]): string {
  const near = closest(text, known);
  return `there is no "${text}"${near === undefined ? '.' : `; did you mean "${near}"?`}`;
}

function region(text: string): string | Wrong {
  const known = pricedRegions();
  return known.includes(text) ? text : { wrong: unknownWord(text, known) };
}

function entryOf(text: string): Entry | Wrong {
  if (!text.includes('/')) return oneOf(text, ENTRIES);
  const [lambda = '', fargate = '', ...more] = text.toLowerCase().split('/');
  if (more.length > 0) return { wrong: 'must be one, or one for Lambda and one for Fargate.' };
  const forLambda = LAMBDA_ENTRIES.find((entry) => entry === lambda);
  const forFargate = FARGATE_ENTRIES.find((entry) => entry === fargate);
  if (forLambda === undefined) return { wrong: `Lambda: ${unknownWord(lambda, LAMBDA_ENTRIES)}` };
  if (forFargate === undefined) {
    return { wrong: `Fargate: ${unknownWord(fargate, FARGATE_ENTRIES)}` };
  }
  return { lambda: forLambda, fargate: forFargate };
}

/** Ten million a second, as for --requests. */
const MOST_PER_DAY = 1e7 * 86_400;
const MOST_TIMES = 1e6;

function volume(text: string): Volume | Wrong {
  const multiple = /^(?:[x×](.+)|(.+)[x×])$/i.exec(text);
  if (multiple !== null) {
    const factor = plain(multiple[1] ?? multiple[2] ?? '');
    const times = within(factor, { min: 0, max: MOST_TIMES });
    return typeof times === 'object' ? times : { times };
  }
  const [amount = '', period = 'day', ...more] = text.split('/').map((word) => word.trim());
  const days = Object.hasOwn(PERIODS, period) ? PERIODS[period] : undefined;
  if (days === undefined || more.length > 0) {
    return { wrong: unknownWord(period, Object.keys(PERIODS)) };
  }
  const value = scaled(amount, MULTIPLES);
  if (typeof value === 'object') return value;
  const perDay = value * days;
  return perDay > MOST_PER_DAY ? { wrong: 'must be at most 10,000,000 a second.' } : { perDay };
}

function cpuUnits(text: string): number | Wrong {
  const vcpu = scaled(text, { '': 1, vcpu: CPU_UNITS_PER_VCPU });
  if (typeof vcpu === 'object') return vcpu;
  // As in task definitions: up to 32 it is vCPU, above it is units.
  const units = vcpu <= 32 ? vcpu * CPU_UNITS_PER_VCPU : vcpu;
  const known = [...FARGATE_SIZES.keys()];
  return known.includes(units)
    ? units
    : { wrong: `Fargate has no ${text}; it has ${known.join(', ')}.` };
}

function taskSize(text: string): TaskSize | Wrong {
  const [cpu = '', memory = '', ...more] = text.split('/').map((word) => word.trim());
  if (memory === '' || more.length > 0) return { wrong: `"${text}" is not a size.` };
  const units = cpuUnits(cpu);
  if (typeof units === 'object') return units;
  // A bare number that is too small for MiB is GB.
  const read = mebibytes(memory);
  if (typeof read === 'object') return read;
  const memoryMiB = /\d$/.test(memory) && read < 128 ? read * 1024 : read;
  const allowed = FARGATE_SIZES.get(units) ?? [];
  if (allowed.includes(memoryMiB)) return { cpuUnits: units, memoryMiB };
  const [first = 0, last = 0] = [allowed[0], allowed.at(-1)];
  const has = allowed.length < 4 ? allowed.join(', ') : `${first} to ${last}`;
  return { wrong: `with ${units} CPU units Fargate has no ${memory}; it has ${has} MiB.` };
}
