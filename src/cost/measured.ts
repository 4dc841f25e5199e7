// What was measured of running services → figures of an estimate.

import type { Figure, RequestProfile, SetUp } from './estimate/set-up.ts';
import type { MeasuredMean, ServiceProfile } from './profile-meter.ts';

/** Either side of a mean so many standard errors are taken as its ends: 95 of 100 are within. */
const ERRORS = 2;

/** `from` is where it was measured, for people. Undefined for what was not. */
function measuredFigure(
  measured: MeasuredMean | null,
  from: string,
  most = Number.POSITIVE_INFINITY,
): Figure | undefined {
  if (measured === null) return undefined;
  const { mean, error } = measured;
  return {
    low: Math.max(0, mean - ERRORS * error),
    expected: mean,
    high: Math.min(most, mean + ERRORS * error),
    from,
  };
}

/**
 * A profile with nothing but what was measured. A duration that was measured on one compute alone is
 * taken for the other too, and says so; processor time cannot be more than the time it took.
 */
export function measuredProfile(
  profile: ServiceProfile,
  perConnection: MeasuredMean | null,
  from: string,
): Partial<RequestProfile> {
  const { lambdaMs, fargateMs, cpuMs } = profile;
  const of = (name: keyof ServiceProfile & keyof RequestProfile): Figure | undefined =>
    measuredFigure(profile[name], from);
  const figures: Partial<Record<keyof RequestProfile, Figure | undefined>> = {
    lambdaMs: of('lambdaMs') ?? measuredFigure(fargateMs, `${from} on Fargate`),
    fargateMs: of('fargateMs') ?? measuredFigure(lambdaMs, `${from} on Lambda`),
    cpuMs: measuredFigure(atMost(cpuMs, fargateMs), from) ?? busyPart(fargateMs ?? lambdaMs, from),
    requestBytes: of('requestBytes'),
    responseBytes: of('responseBytes'),
    perConnection: measuredFigure(perConnection, from),
    coldShare: measuredFigure(profile.coldShare, from, 1),
    initMs: of('initMs'),
    logBytes: of('logBytes'),
    invocationLogBytes: of('invocationLogBytes'),
  };
  return Object.fromEntries(
    Object.entries(figures).filter(([, figure]) => figure !== undefined),
  ) as Partial<RequestProfile>;
}

/** What a task does besides, when it starts and while it is idle, is not that of requests. */
function atMost(cpu: MeasuredMean | null, time: MeasuredMean | null): MeasuredMean | null {
  return cpu === null || time === null || cpu.mean <= time.mean ? cpu : { ...cpu, mean: time.mean };
}

/** Processor time is not known: at most it is all of the time, at least next to none. */
function busyPart(duration: MeasuredMean | null, from: string): Figure | undefined {
  if (duration === null) return undefined;
  const { mean } = duration;
  return {
    low: mean / 10,
    expected: mean / 2,
    high: mean,
    from: `half of the time, ${from}`,
  };
}

export interface Measured {
  readonly profiles: readonly ServiceProfile[];
  readonly perConnection: MeasuredMean | null;
  readonly from: string;
}

/** Figures by the name of a service, for `setUpOf`. Those without a request are left out. */
export function measuredProfiles({
  profiles,
  perConnection,
  from,
}: Measured): Readonly<Record<string, Partial<RequestProfile>>> {
  return Object.fromEntries(
    profiles
      .filter(({ requests }) => requests > 0)
      .map((profile) => [profile.service, measuredProfile(profile, perConnection, from)]),
  );
}

/** The set-up with the requests shared between services, and their queues, as they were. */
export function withShares(setUp: SetUp, profiles: readonly ServiceProfile[]): SetUp {
  const all = profiles.reduce((sum, { requests }) => sum + requests, 0);
  if (all === 0) return setUp;
  const byName = new Map(profiles.map((profile) => [profile.service, profile]));
  const names = new Set(setUp.services.map(({ name }) => name));
  const shareOf = (name: string): number => {
    const program = byName.get(name.replace(/ \(queue\)$/, ''));
    if (program === undefined) return 0;
    const { requests, messages } = program;
    if (name !== program.service) return messages / all;
    return (names.has(`${name} (queue)`) ? requests - messages : requests) / all;
  };
  const services = setUp.services.map((one) => ({ ...one, share: shareOf(one.name) }));
  return { ...setUp, services };
}
