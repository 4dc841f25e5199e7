// A file of traffic that a command names: how it is asked for, read, and what is said of it.

import { Fault } from '../base/fault.ts';
import type { Rng } from '../base/ports.ts';
import { MS_PER_HOUR, MS_PER_SECOND } from '../base/units.ts';
import type { RecordedArrivals } from '../traffic/stored-arrivals.ts';
import type { TrafficFormat, TrafficRead } from '../traffic/traffic-read.ts';
import { sayNumber } from './cost-words.ts';
import type { Machine } from './machine.ts';
import { readTrafficAndArrivals } from './read-arrivals.ts';
import { readTraffic, type TrafficProgress } from './read-traffic.ts';

export interface TrafficFileAsked {
  readonly trace: string | undefined;
  readonly accessLog: string | undefined;
  readonly format: TrafficFormat | undefined;
  readonly skipBadLines: boolean;
  readonly gapsAreZero: boolean;
}

export interface Watch {
  readonly onProgress: (file: string, progress: TrafficProgress) => void;
  /** All that takes time has been read. */
  readonly onRead: () => void;
  /** Ends the reading of a file. */
  readonly signal?: AbortSignal | undefined;
}

export interface TrafficFound {
  readonly read: TrafficRead;
  readonly name: string;
  /** Left out: not asked for, or the file tells counts. */
  readonly arrivals?: RecordedArrivals | undefined;
}

/** How finely a log is read. */
export interface LogGrain {
  /** Counted by the second; else a log longer than an hour is counted by the minute. */
  readonly bySecond: boolean;
  /** Keeps each request too; places requests in their second where the log tells no more. */
  readonly rng?: Rng | undefined;
}

/** The file that is named, if any. Throws as `readTraffic` does. */
export async function trafficFile(
  machine: Pick<Machine, 'openBytes' | 'clock'>,
  asked: TrafficFileAsked,
  pathOf: (file: string) => string,
  { onProgress, signal }: Pick<Watch, 'onProgress' | 'signal'>,
  { bySecond, rng }: LogGrain = { bySecond: false },
): Promise<TrafficFound | undefined> {
  const { format, skipBadLines, gapsAreZero } = asked;
  const file = asked.trace ?? asked.accessLog;
  if (file === undefined) return undefined;
  const name = file === '-' ? 'standard input' : file;
  const here = opening(machine, pathOf);
  const choice = {
    format,
    skipBadLines,
    gapsAreZero,
    bySecond,
    signal,
    onProgress: (progress: TrafficProgress) => onProgress(file, progress),
  };
  if (rng === undefined) return { read: await readTraffic(here, file, choice), name };
  return {
    ...(await readTrafficAndArrivals(here, file, { ...choice, rng })),
    name,
  };
}

/** Files by the names people gave them, so that messages name them so. */
export function opening(
  { openBytes, clock }: Pick<Machine, 'openBytes' | 'clock'>,
  pathOf: (file: string) => string,
) {
  return {
    clock,
    openBytes: (file: string, signal?: AbortSignal) =>
      openBytes(file === '-' ? file : pathOf(file), signal),
  };
}

/** What says how a file is read says nothing without one. Throws USAGE. */
export function refuseWithoutFile({
  format,
  skipBadLines,
  gapsAreZero,
  ...asked
}: TrafficFileAsked): void {
  if (asked.trace !== undefined || asked.accessLog !== undefined) return;
  const given = [
    format === undefined ? undefined : '--format',
    skipBadLines ? '--skip-bad-lines' : undefined,
    gapsAreZero ? '--gaps-are-zero' : undefined,
  ].filter((one) => one !== undefined);
  if (given.length === 0) return;
  throw new Fault('USAGE', {
    problem: `${given.join(' and ')} ${given.length === 1 ? 'goes' : 'go'} with --trace or --access-log.`,
    fix: 'Name the file, or leave it out.',
  });
}

/** What a reader should know of how it was read, as sentences. `gapsTaken` says what is made of gaps. */
export function readWords(read: TrafficRead, name: string, gapsTaken: string): readonly string[] {
  return [...read.notes, ...gapWords(read, name, gapsTaken), ...badWords(read, name)];
}

/** `taken` says what is made of gaps, as a clause. */
function gapWords({ gaps }: TrafficRead, name: string, taken: string): string[] {
  if (gaps === undefined) return [];
  const { count, ms, longest } = gaps;
  const times = count === 1 ? 'one gap' : `${sayNumber(count)} gaps`;
  const at = new Date(longest.fromMs).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `${name} has ${times}, ${sayDays(ms)} in all, the longest from ${at} UTC for ${sayDays(longest.ms)}. ${taken}; --gaps-are-zero takes it as no traffic.`,
  ];
}

function badWords({ badLines }: TrafficRead, name: string): string[] {
  const { count, first } = badLines;
  if (count === 0 || first === undefined) return [];
  return [
    `${name}: ${count === 1 ? 'a line was' : `${sayNumber(count)} lines were`} left out; the first is line ${first.line}: ${first.reason}.`,
  ];
}

/** "3.5 days", "40 min". */
export function sayDays(ms: number): string {
  const hours = ms / MS_PER_HOUR;
  if (hours >= 48) return `${sayNumber(hours / 24)} days`;
  if (hours >= 2) return `${sayNumber(hours)} h`;
  const minutes = hours * 60;
  return minutes >= 2 ? `${sayNumber(minutes)} min` : `${sayNumber(ms / MS_PER_SECOND)} s`;
}
