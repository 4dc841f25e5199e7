// How much traffic there is and how it goes: from the command, from fulcrum.yml, from a file.
//
// The command wins over fulcrum.yml. How much and how it goes may be from different places: with
// --trace and --requests the shape is that of the trace and the amount the one that is said.

import { requestsPerMonth } from '../base/amount.ts';
import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import { MONTH_DAYS, MS_PER_HOUR, MS_PER_SECOND } from '../base/units.ts';
import { AMOUNT_FIX } from '../config/quantity-cost.ts';
import { ASSUMED } from '../cost/estimate/assumed.ts';
import type { MeasuredProfiles } from '../cost/estimate/set-up-of.ts';
import type { Workload } from '../cost/estimate/workload.ts';
import type { ServiceProfile } from '../cost/profile-meter.ts';
import type { ShapeSetting, TrafficSettings } from '../model/cost-settings.ts';
import {
  namedShape,
  peakWithin,
  requestsPerDay,
  SHAPE_NAMES,
  type ShapeName,
  shapeOf,
  shapeOfSteps,
} from '../traffic/shape.ts';
import type { RequestFacts, Shape, Traffic } from '../traffic/traffic.ts';
import type { TrafficFormat, TrafficRead } from '../traffic/traffic-read.ts';
import { sayNumber } from './cost-words.ts';
import type { Machine } from './machine.ts';
import type { MeasuredWork } from './measured-traffic.ts';
import { readTraffic, type TrafficProgress } from './read-traffic.ts';

export interface TrafficAsked {
  readonly requests: string | undefined;
  readonly shape: string | undefined;
  readonly peak: string | undefined;
  readonly trace: string | undefined;
  readonly accessLog: string | undefined;
  /** What the engine that runs has seen. */
  readonly measured: boolean;
  readonly format: TrafficFormat | undefined;
  readonly skipBadLines: boolean;
  readonly gapsAreZero: boolean;
}

export interface Watch {
  readonly onProgress: (file: string, progress: TrafficProgress) => void;
  /** All that takes time has been read. */
  readonly onRead: () => void;
}

export interface TrafficFound {
  readonly workload: Workload;
  /** What a log says of its requests. */
  readonly facts: RequestFacts | undefined;
  /** What an engine saw of each program. */
  readonly profiles: readonly ServiceProfile[];
  readonly figures: MeasuredProfiles;
  /** Where it is from, as clauses. */
  readonly basis: readonly string[];
  readonly warnings: readonly string[];
}

export interface TrafficPlace {
  /** As messages name the file of the app; undefined: there is none. */
  readonly file: string | undefined;
  /** What it says. */
  readonly said: TrafficSettings | undefined;
  /** A file that it names → the path. */
  readonly pathOf: (file: string) => string;
  /** A file that the command names → the path. */
  readonly fromHere: (file: string) => string;
  readonly seen: () => Promise<MeasuredWork>;
}

/** Throws COST_TRAFFIC_MISSING, USAGE, and what reading a file throws. */
export async function trafficOf(
  machine: Machine,
  asked: TrafficAsked,
  place: TrafficPlace,
  watch: Watch,
): Promise<TrafficFound> {
  refuseWithoutFile(asked);
  refuseDoubles(asked);
  const source = await sourceOf(machine, asked, place, watch);
  const said = place.said?.requestsPerMonth;
  const perMonth =
    asked.requests !== undefined
      ? requestsAsked(asked.requests)
      : (source?.requestsPerMonth ?? said);
  if (perMonth === undefined) throw new Fault('COST_TRAFFIC_MISSING', { file: place.file });
  const shape =
    asked.shape !== undefined
      ? shapeNamed(asked.shape)
      : (source?.shape ?? (await shapeSaid(machine, place, watch)));
  const peak = peakOf(asked.peak) ?? source?.peak ?? place.said?.peak ?? ASSUMED.peak.expected;
  const amount =
    asked.requests === undefined && source === undefined ? [`traffic from ${place.file}`] : [];
  return {
    workload: { requestsPerMonth: perMonth, shape, peak },
    facts: source?.facts,
    profiles: source?.profiles ?? [],
    figures: source?.figures ?? {},
    basis: [...amount, ...(source?.basis ?? [])],
    warnings: source?.warnings ?? [],
  };
}

function requestsAsked(text: string): number {
  const found = requestsPerMonth(text);
  if (typeof found === 'number') return found;
  throw new Fault('USAGE', { problem: `--requests ${found}, was: ${text}`, fix: AMOUNT_FIX });
}

/** What says how a file is read says nothing without one. */
function refuseWithoutFile({ format, skipBadLines, gapsAreZero, ...asked }: TrafficAsked): void {
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

function refuseDoubles({ trace, accessLog, measured, shape }: TrafficAsked): void {
  const sources = [
    trace === undefined ? undefined : '--trace',
    accessLog === undefined ? undefined : '--access-log',
    measured ? '--measured' : undefined,
  ].filter((one) => one !== undefined);
  if (sources.length > 1) {
    throw new Fault('USAGE', {
      problem: `${sources.join(' and ')} each say what the traffic is.`,
      fix: 'Use one of them.',
    });
  }
  if (sources.length === 1 && shape !== undefined) {
    throw new Fault('USAGE', {
      problem: `${sources[0]} and --shape each say how the traffic goes.`,
      fix: 'Use one of them; --requests goes with both.',
    });
  }
}

interface Source extends Pick<TrafficFound, 'facts' | 'profiles' | 'figures'> {
  readonly requestsPerMonth: number;
  readonly shape: Shape;
  readonly peak: number | undefined;
  readonly basis: readonly string[];
  readonly warnings: readonly string[];
}

async function sourceOf(
  machine: Machine,
  asked: TrafficAsked,
  place: TrafficPlace,
  watch: Watch,
): Promise<Source | undefined> {
  const { format, skipBadLines, gapsAreZero } = asked;
  const file = asked.trace ?? asked.accessLog;
  if (file !== undefined) {
    const read = await readTraffic(opening(machine, place.fromHere), file, {
      ...{ format, skipBadLines, gapsAreZero },
      onProgress: (progress) => watch.onProgress(file, progress),
    });
    return fromRead(read, file === '-' ? 'standard input' : file);
  }
  if (!asked.measured) return undefined;
  return fromEngine(await place.seen());
}

/** Files by the names people gave them, so that messages name them so. */
function opening({ openBytes, clock }: Machine, pathOf: (file: string) => string) {
  return { clock, openBytes: (file: string) => openBytes(file === '-' ? file : pathOf(file)) };
}

function fromRead(read: TrafficRead, name: string): Source {
  const { traffic, notes } = read;
  const known = traffic.counts.filter((count) => count !== undefined).length;
  return {
    ...fromTraffic(traffic, name),
    facts: traffic.requests,
    profiles: [],
    figures: {},
    basis: [
      `${sayNumber(read.requests)} requests of ${name} in ${sayDays(known * traffic.intervalMs)}`,
    ],
    warnings: [...notes, ...gapWords(read, name), ...badWords(read, name)],
  };
}

function fromEngine({ traffic, requestsPerMonth, from, services, profiles }: MeasuredWork): Source {
  return {
    ...fromTraffic(traffic, 'as the engine saw it'),
    requestsPerMonth,
    facts: undefined,
    profiles: services,
    figures: profiles,
    basis: [`traffic ${from}`],
    warnings: [],
  };
}

function fromTraffic(traffic: Traffic, name: string) {
  const shape = shapeOf(traffic, name) ?? shapeOfSteps([1], MS_PER_HOUR, name);
  return {
    requestsPerMonth: (requestsPerDay(traffic) ?? 0) * MONTH_DAYS,
    shape,
    // Intervals that are no finer than its steps tell nothing of what is within.
    peak: shape.stepMs > traffic.intervalMs ? peakWithin(traffic, shape) : undefined,
  };
}

function gapWords({ gaps }: TrafficRead, name: string): string[] {
  if (gaps === undefined) return [];
  const { count, ms, longest } = gaps;
  const times = count === 1 ? 'one gap' : `${sayNumber(count)} gaps`;
  const at = new Date(longest.fromMs).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `${name} has ${times}, ${sayDays(ms)} in all, the longest from ${at} UTC for ${sayDays(longest.ms)}. What is missing is taken to be as the rest; --gaps-are-zero takes it as no traffic.`,
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
function sayDays(ms: number): string {
  const hours = ms / MS_PER_HOUR;
  if (hours >= 48) return `${sayNumber(hours / 24)} days`;
  if (hours >= 2) return `${sayNumber(hours)} h`;
  const minutes = hours * 60;
  return minutes >= 2 ? `${sayNumber(minutes)} min` : `${sayNumber(ms / MS_PER_SECOND)} s`;
}

function shapeNamed(name: string): Shape {
  if (name in SHAPE_NAMES) return namedShape(name as ShapeName);
  const near = closest(name, Object.keys(SHAPE_NAMES));
  const all = Object.entries(SHAPE_NAMES).map(([one, what]) => `${one} (${what})`);
  throw new Fault('USAGE', {
    problem: `--shape must be a shape that has a name, was: ${name}`,
    fix:
      near === undefined
        ? `Use one of: ${all.join(', ')}; or a file with --trace.`
        : `Did you mean "${near}"? There are: ${all.join(', ')}.`,
  });
}

async function shapeSaid(machine: Machine, place: TrafficPlace, watch: Watch): Promise<Shape> {
  const setting: ShapeSetting = place.said?.shape ?? { kind: 'named', name: 'flat' };
  switch (setting.kind) {
    case 'named':
      return namedShape(setting.name);
    case 'hours':
      return shapeOfSteps(setting.hours, MS_PER_HOUR, `the hours in ${place.file}`);
    case 'file': {
      const { file } = setting;
      const onProgress = (progress: TrafficProgress) => watch.onProgress(file, progress);
      const read = await readTraffic(opening(machine, place.pathOf), file, { onProgress });
      return shapeOf(read.traffic, file) ?? namedShape('flat');
    }
  }
}

const MOST_PEAK = 1000;

function peakOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const peak = Number(text);
  if (/^\d+(\.\d+)?$/.test(text.trim()) && peak >= 1 && peak <= MOST_PEAK) return peak;
  throw new Fault('USAGE', {
    problem: `--peak must be a number from 1 to ${MOST_PEAK}, was: ${text}`,
    fix: 'It is the busiest moment over the mean, such as 3.',
  });
}
