// Options that "fulcrum cost" and "fulcrum simulate" have in common: a file of traffic, and settings
// that stand in for those of fulcrum.yml.

import type { TrafficFileAsked } from '../ops/traffic-file.ts';
import type { Option } from './command.ts';
import type { Values } from './context.ts';

type TrafficFormat = NonNullable<TrafficFileAsked['format']>;

const FORMATS: readonly TrafficFormat[] = [
  'counts',
  'requests',
  'cloudwatch-csv',
  'cloudwatch-json',
  'alb',
  'common',
];

export const FILE_OPTIONS: readonly Option[] = [
  {
    flags: '--trace <file>',
    what: 'Counts over time (CSV), or an export of CloudWatch; - is standard input.',
  },
  {
    flags: '--access-log <file>',
    what: 'An access log: of a load balancer, nginx, Apache; also packed with gzip.',
  },
];

/** How the file is read. */
export const READING_OPTIONS: readonly Option[] = [
  {
    flags: '--format <name>',
    what: 'Form of the trace or log, where it is not found by itself.',
    choices: FORMATS,
  },
  { flags: '--skip-bad-lines', what: 'Leave out lines that cannot be read.' },
  { flags: '--gaps-are-zero', what: 'What a trace leaves out had no requests.' },
];

export function fileAsked(values: Values): TrafficFileAsked {
  return {
    trace: values.text('trace'),
    accessLog: values.text('accessLog'),
    format: values.text('format') as TrafficFormat | undefined,
    skipBadLines: values.on('skipBadLines'),
    gapsAreZero: values.on('gapsAreZero'),
  };
}

/** Options that stand in for settings of the file: each is a change by its name. */
export const PROGRAM_SETTINGS = ['memory', 'duration', 'cpu', 'task', 'architecture'] as const;

export const PROGRAM_OPTIONS: readonly Option[] = [
  { flags: '--region <name>', what: 'Prices of this region.' },
  { flags: '--memory <size>', what: 'Memory on Lambda, as 512 or 1GB.' },
  { flags: '--duration <time>', what: 'Of a request, as 200ms or 1.5s.' },
  { flags: '--cpu <units>', what: 'CPU units of a task: 256 is a quarter vCPU.' },
  { flags: '--task <size>', what: 'Size of a task, as 0.5vCPU/1GB.' },
  { flags: '--architecture <name>', what: 'x86_64 or arm64.' },
];

/** As "memory=512". `names` are those of options with two dashes. */
export function settingsOf(values: Values, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const value = values.text(
      name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    );
    return value === undefined ? [] : [`${name}=${value}`];
  });
}
