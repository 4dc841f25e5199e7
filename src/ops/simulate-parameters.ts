// Every figure of a profile for people: what it is called, what it is, where it is from.

import { sayUsd } from '../base/units.ts';
import { sayMany, sayNumber } from './cost-words.ts';
import type { Simulation } from './simulate-report.ts';
import { saySeconds } from './simulate-words.ts';

export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

export function parametersOf({ profile }: Simulation): readonly Parameter[] {
  const { lambda, fargate } = profile;
  const of = (path: string, name: string, value: string): Parameter => ({
    name,
    value,
    source: profile.from[path]?.source ?? 'assumed',
  });
  const seconds = saySeconds;
  const [idleLeast = 0, idleMost = 0] = lambda.idleSeconds;
  return [
    of('region', 'region', profile.region),
    of('architecture', 'architecture', profile.architecture),
    of('lambda.memoryMiB', 'Lambda memory', `${sayNumber(lambda.memoryMiB)} MB`),
    of('lambda.duration', 'a request on Lambda', sayMs(lambda.duration.meanMs)),
    of('lambda.durationSigma', 'its spread on Lambda', `σ ${sayNumber(lambda.duration.sigma)}`),
    of('lambda.init', 'INIT', saySpread(lambda.init)),
    of('lambda.coldExtra', 'rest of a cold start', saySpread(lambda.coldExtra)),
    of(
      'lambda.idleSeconds',
      'idle environments end after',
      `${seconds(idleLeast)} to ${seconds(idleMost)}`,
    ),
    of('lambda.accountConcurrency', 'environments at most', sayMany(lambda.accountConcurrency)),
    of('lambda.scalingPer10s', 'new ones in 10 s', sayMany(lambda.scalingPer10s)),
    of('lambda.usdPerGbSecond', 'GB-second', sayUsd(lambda.usdPerGbSecond)),
    of('lambda.usdPerRequest', 'request', sayUsd(lambda.usdPerRequest)),
    of('fargate.vcpu', 'task', `${sayNumber(fargate.vcpu)} vCPU`),
    of('fargate.memoryGiB', 'its memory', `${sayNumber(fargate.memoryGiB)} GB`),
    of('fargate.duration', 'a request in a task', sayMs(fargate.duration.meanMs)),
    of('fargate.durationSigma', 'its spread in a task', `σ ${sayNumber(fargate.duration.sigma)}`),
    of('fargate.taskRate', 'a task carries', `${sayNumber(fargate.taskRate)} requests/s`),
    of('fargate.concurrency', 'a task serves at a time', sayNumber(fargate.concurrency)),
    of('fargate.startSeconds', 'a task starts in', seconds(fargate.startSeconds)),
    of('fargate.startSigma', 'spread of its start', `σ ${sayNumber(fargate.startSigma)}`),
    of('fargate.billedStartSeconds', 'of it billed', seconds(fargate.billedStartSeconds)),
    of('fargate.drainSeconds', 'a task drains for', seconds(fargate.drainSeconds)),
    of('fargate.minimumSeconds', 'is billed for at least', seconds(fargate.minimumSeconds)),
    of('fargate.taskUsdPerSecond', 'a task an hour', sayUsd(fargate.taskUsdPerHour)),
    of('fargate.minTasks', 'tasks at least', sayNumber(fargate.minTasks)),
    of('fargate.maxTasks', 'at most', sayNumber(fargate.maxTasks)),
    of('targetMs', 'latency target', sayMs(profile.targetMs)),
    of(
      'thresholdSeconds',
      'level-counter acts after savings of',
      `${seconds(profile.thresholdSeconds)} of a task`,
    ),
  ];
}

function sayMs(ms: number): string {
  return `${sayNumber(ms)} ms`;
}

function saySpread({ medianMs, sigma }: { readonly medianMs: number; readonly sigma: number }) {
  return `${sayMs(medianMs)} in the median, σ ${sayNumber(sigma)}`;
}
