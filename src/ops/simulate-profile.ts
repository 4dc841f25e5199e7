// What a simulation is told of the program and of both computes: from the options, fulcrum.yml, what
// was measured, the price book, and, where nothing says, what is assumed. Each figure keeps where it
// is from.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import { MS_PER_SECOND } from '../base/units.ts';
import { capacityOf } from '../cost/estimate/capacity.ts';
import { requestNumbers } from '../cost/estimate/figures.ts';
import type { FargateSetUp, LambdaSetUp, RequestProfile, SetUp } from '../cost/estimate/set-up.ts';
import type { Measurement } from '../cost/measure/measurement.ts';
import type { App, Service } from '../model/app.ts';
import { CPU_UNITS_PER_VCPU } from '../model/aws-limits.ts';
import type { SimProfile, Spread } from '../sim/profile.ts';
import {
  LAMBDA_COLD_EXTRA,
  LAMBDA_IDLE_SECONDS,
  type LambdaRuntime,
  lambdaInit,
  type Packaging,
  type TaskStart,
  taskStart,
} from '../sim/start-up.ts';
import type { Quantiles } from '../traffic/traffic.ts';
import { Origins, type ProfileOrigins } from './simulate-origins.ts';
import type { UnitPrices } from './simulate-prices.ts';

/** Figures that options say; undefined: not said. */
export interface ProfileSaid {
  readonly requestsPerTask: number | undefined;
  readonly startSeconds: number | undefined;
  readonly billedStartSeconds: number | undefined;
  readonly drainSeconds: number | undefined;
  readonly targetMs: number | undefined;
  readonly thresholdSeconds: number | undefined;
  readonly minTasks: number | undefined;
  readonly maxTasks: number | undefined;
  /** Of which the start of a task is computed. */
  readonly image: { readonly mb: number; readonly soci: boolean } | undefined;
  /** INIT as of a runtime that was measured. */
  readonly runtime: { readonly name: LambdaRuntime; readonly packaging: Packaging } | undefined;
}

export interface ProfileBasis {
  readonly app: App;
  /** As messages name the file of the app; undefined: there is none. */
  readonly file: string | undefined;
  readonly setUp: SetUp;
  readonly service: BothComputes;
  readonly measurement: Measurement | undefined;
  /** How durations of a log are spread. */
  readonly quantiles: Quantiles | undefined;
  readonly said: ProfileSaid;
  /** Options that were given, as "memory". */
  readonly given: ReadonlySet<string>;
  readonly prices: UnitPrices;
}

/** A service that runs on both. */
export interface BothComputes {
  readonly name: string;
  readonly lambda: LambdaSetUp;
  readonly fargate: FargateSetUp;
  readonly requests: RequestProfile;
  readonly settings: Service;
}

export interface ProfileFound {
  readonly profile: SimProfile;
  readonly origins: ProfileOrigins;
}

/** From the decision until a task of a program of usual size takes requests. An assumption. */
const START_SECONDS = 35;
/** Of it, from the pull of the image on. */
const BILLED_START_SECONDS = 25;
/** Durations of requests, where nothing says how they are spread. */
const DURATION_SIGMA = 0.3;
/** Around what a program says its INIT takes. */
const INIT_SIGMA = 0.2;
/** New environments of one function in 10 s. [LAMBDA scaling-behavior] */
const SCALING_PER_10S = 1000;
/** Fargate bills a task for a minute at least. */
const MINIMUM_SECONDS = 60;
/** Savings of a minute of a task are waited for before one is started. */
const THRESHOLD_SECONDS = 60;
/** Tasks where no file says how many may run: as many as a service of ECS can have. */
const MAX_TASKS = 5000;
/** The latency target, where nothing says one, is so many times what a request takes. */
const TARGET_TIMES = 3;
const LEAST_TARGET_MS = 200;

/** Throws SIMULATE_SERVICE_UNCLEAR, SIMULATE_SERVICE_UNKNOWN, SIMULATE_ONE_COMPUTE. */
export function serviceOf(
  app: App,
  setUp: SetUp,
  file: string,
  wanted: string | undefined,
): BothComputes {
  const found = app.services.flatMap((settings): readonly BothComputes[] => {
    const one = setUp.services.find(({ name }) => name === settings.name);
    if (one?.lambda === undefined || one.fargate === undefined) return [];
    const { name, lambda, fargate, requests } = one;
    return [{ name, lambda, fargate, requests, settings }];
  });
  if (wanted === undefined) {
    const [first, ...others] = found;
    if (first === undefined) {
      throw new Fault('SIMULATE_ONE_COMPUTE', { file, service: undefined, lacks: '' });
    }
    if (others.length === 0) return first;
    throw new Fault('SIMULATE_SERVICE_UNCLEAR', { file, services: found.map(({ name }) => name) });
  }
  const service = found.find(({ name }) => name === wanted);
  if (service !== undefined) return service;
  const known = [...app.services, ...app.functions].find(({ name }) => name === wanted);
  if (known === undefined) {
    const services = app.services.map(({ name }) => name);
    const near = closest(wanted, services);
    throw new Fault('SIMULATE_SERVICE_UNKNOWN', { file, service: wanted, near, services });
  }
  const lacks = known.lambda === undefined ? 'Lambda' : 'Fargate';
  throw new Fault('SIMULATE_ONE_COMPUTE', { file, service: wanted, lacks });
}

export function profileOf(basis: ProfileBasis): ProfileFound {
  const { app, service, prices } = basis;
  const from = new Origins(basis.file, basis.given);
  const fargate = fargatePart(basis, from);
  const profile: SimProfile = {
    region: from.setting('region', basis.setUp.region, 'region'),
    architecture: from.setting('architecture', service.lambda.architecture, 'architecture'),
    lambda: {
      memoryMiB: from.setting('lambda.memoryMiB', service.lambda.memoryMiB, 'memory'),
      duration: durationOf(basis, 'lambda', from),
      init: initOf(basis, from),
      coldExtra: from.assumed('lambda.coldExtra', LAMBDA_COLD_EXTRA),
      idleSeconds: from.assumed('lambda.idleSeconds', LAMBDA_IDLE_SECONDS),
      accountConcurrency: from.ofFile(
        'lambda.accountConcurrency',
        service.settings.lambda?.reserved ?? app.account.lambdaConcurrency,
      ),
      scalingPer10s: from.stated('lambda.scalingPer10s', SCALING_PER_10S, 'limit of Lambda'),
      usdPerGbSecond: from.priced('lambda.usdPerGbSecond', prices.lambdaGbSecond),
      usdPerRequest: from.priced('lambda.usdPerRequest', prices.lambdaRequest),
    },
    fargate,
    targetMs: targetOf(basis, from),
    thresholdSeconds: thresholdOf(basis, from),
  };
  return { profile, origins: from.all() };
}

function fargatePart(basis: ProfileBasis, from: Origins): SimProfile['fargate'] {
  const { service, said, prices, file } = basis;
  const { fargate, requests, settings } = service;
  const tasks = settings.fargate?.tasks ?? { min: 0, max: MAX_TASKS };
  const drain = (settings.fargate?.drainMs ?? 0) / 1000;
  const size = basis.given.has('cpu') ? 'cpu' : 'task';
  const maxTasks = file === undefined ? MAX_TASKS : tasks.max;
  refuseContradiction(said, { ...tasks, max: maxTasks }, file);
  const concurrency = requests.concurrency ?? { expected: 20, from: 'assumed' };
  return {
    vcpu: from.setting('fargate.vcpu', fargate.cpuUnits / CPU_UNITS_PER_VCPU, size),
    memoryGiB: from.setting('fargate.memoryGiB', fargate.memoryMiB / 1024, size),
    duration: durationOf(basis, 'fargate', from),
    // What was measured may be between two numbers; slots are whole.
    concurrency: Math.max(1, Math.round(from.figure('fargate.concurrency', concurrency))),
    taskRate: rateOf(basis, from),
    ...startOf(basis, from),
    drainSeconds: from.orFile('fargate.drainSeconds', said.drainSeconds, '--drain', drain),
    minimumSeconds: from.stated('fargate.minimumSeconds', MINIMUM_SECONDS, 'rule of Fargate'),
    taskUsdPerSecond: from.priced('fargate.taskUsdPerSecond', prices.taskSecond),
    minTasks: from.orFile('fargate.minTasks', said.minTasks, '--min-tasks', tasks.min),
    maxTasks: from.orFile('fargate.maxTasks', said.maxTasks, '--max-tasks', maxTasks),
  };
}

/** How long a task takes to start, and the part that is billed: said, of its image, or assumed. */
function startOf({ service, said }: ProfileBasis, from: Origins): TaskStart {
  const { image, startSeconds, billedStartSeconds } = said;
  const vcpu = service.fargate.cpuUnits / CPU_UNITS_PER_VCPU;
  const { startSigma, ...model } = taskStart({
    vcpu,
    ...(image !== undefined && { imageMb: image.mb, soci: image.soci }),
  });
  const spread = { startSigma: from.assumed('fargate.startSigma', startSigma) };
  if (image !== undefined) {
    const how = `of an image of ${image.mb} MB${image.soci ? ' with an index' : ''}`;
    return {
      ...spread,
      startSeconds: from.computed('fargate.startSeconds', model.startSeconds, how),
      billedStartSeconds: from.computed(
        'fargate.billedStartSeconds',
        model.billedStartSeconds,
        how,
      ),
    };
  }
  return {
    ...spread,
    startSeconds: from.said('fargate.startSeconds', startSeconds, '--start-delay', START_SECONDS),
    billedStartSeconds: from.said(
      'fargate.billedStartSeconds',
      billedStartSeconds,
      '--billed-start',
      Math.min(BILLED_START_SECONDS, startSeconds ?? START_SECONDS),
    ),
  };
}

/** As the engine has it: `scale.window` of the file. */
function thresholdOf({ service, said, file }: ProfileBasis, from: Origins): number {
  const windowMs = service.settings.fargate?.scale.windowMs;
  const usual =
    file === undefined || windowMs === undefined ? THRESHOLD_SECONDS : windowMs / MS_PER_SECOND;
  return from.orFile('thresholdSeconds', said.thresholdSeconds, '--threshold', usual);
}

/** What options say against each other is refused before; here it is said against the rest. Throws USAGE. */
function refuseContradiction(
  { minTasks, maxTasks, startSeconds, billedStartSeconds }: ProfileSaid,
  tasks: { readonly min: number; readonly max: number },
  file: string | undefined,
): void {
  const where = file ?? 'what is assumed without a fulcrum.yml';
  if (minTasks !== undefined && maxTasks === undefined && minTasks > tasks.max) {
    throw new Fault('USAGE', {
      problem: `--min-tasks ${minTasks} is more than the ${tasks.max} tasks that may run by ${where}.`,
      fix: 'Say --max-tasks too.',
    });
  }
  if (maxTasks !== undefined && minTasks === undefined && maxTasks < tasks.min) {
    throw new Fault('USAGE', {
      problem: `--max-tasks ${maxTasks} is less than the ${tasks.min} tasks that always run by ${where}.`,
      fix: 'Say --min-tasks too.',
    });
  }
  if (startSeconds === undefined && (billedStartSeconds ?? 0) > START_SECONDS) {
    throw new Fault('USAGE', {
      problem: `--billed-start is a part of --start-delay, was: ${billedStartSeconds}s of ${START_SECONDS}s, the default`,
      fix: 'Say --start-delay too: the time from the decision until the task takes requests.',
    });
  }
}

/** Requests a second of a task: said, measured, or what its slots and its processor allow. */
function rateOf({ service, measurement, said, given }: ProfileBasis, from: Origins): number {
  const path = 'fargate.taskRate';
  if (said.requestsPerTask !== undefined) {
    return from.flag(path, said.requestsPerTask, '--requests-per-task');
  }
  const task = measurement?.task;
  const isOther = ['cpu', 'task', 'cpu-time', 'concurrency', 'duration'].some((one) =>
    given.has(one),
  );
  if (task?.perSecond && task.limitedBy !== 'sender' && !isOther) {
    const { ms, percentile } = task.target;
    return from.measured(path, task.perSecond.likely, `within ${ms} ms for ${percentile} %`);
  }
  const { perSecond, limit } = capacityOf(
    service.fargate,
    requestNumbers(service.requests, 'expected'),
  );
  const percent = Math.round(service.fargate.targetUtilization * 100);
  const by =
    limit === 'processor' ? `${percent} % of its processor` : 'its concurrency by the duration';
  return from.computed(path, perSecond, by);
}

function durationOf(
  { service, measurement, quantiles }: ProfileBasis,
  compute: 'lambda' | 'fargate',
  from: Origins,
): Spread {
  const figure = service.requests[compute === 'lambda' ? 'lambdaMs' : 'fargateMs'];
  const meanMs = from.figure(`${compute}.duration`, figure);
  const seen = compute === 'lambda' ? measurement?.lambda?.ms : measurement?.task?.aloneMs;
  const path = `${compute}.durationSigma`;
  const known = quantiles ?? seen;
  const sigma =
    known === undefined
      ? from.assumed(path, DURATION_SIGMA)
      : from.measured(path, sigmaOf(known), 'from its median and its 99 %');
  return { medianMs: meanMs / Math.exp(sigma ** 2 / 2), sigma };
}

/** Standard normal deviates to the 99th percentile. */
const Z99 = 2.326;

function sigmaOf({ p50, p99 }: { readonly p50: number; readonly p99: number }): number {
  return p50 > 0 && p99 > p50 ? Math.log(p99 / p50) / Z99 : 0;
}

function initOf({ service, said }: ProfileBasis, from: Origins): Spread {
  if (said.runtime !== undefined) {
    const { name, packaging } = said.runtime;
    const { architecture } = service.lambda;
    const spread = lambdaInit({ runtime: name, packaging, architecture });
    return from.flag('lambda.init', spread, `--runtime ${name}, ${packaging}`);
  }
  const medianMs = from.figure('lambda.init', service.requests.initMs);
  return { medianMs, sigma: INIT_SIGMA };
}

/** As the engine has it: `latency` of the file; else what it was measured for, or times a request. */
function targetOf({ said, service, measurement, file }: ProfileBasis, from: Origins): number {
  if (said.targetMs !== undefined) return from.flag('targetMs', said.targetMs, '--latency');
  const { latencyMs } = service.settings;
  if (file !== undefined && latencyMs !== undefined) return from.ofFile('targetMs', latencyMs);
  const measured = measurement?.task?.target;
  if (measured !== undefined) return from.measured('targetMs', measured.ms, 'its target');
  const { lambdaMs, fargateMs } = service.requests;
  const longer = Math.max(lambdaMs.expected, fargateMs.expected);
  const assumed = Math.max(LEAST_TARGET_MS, Math.ceil((TARGET_TIMES * longer) / 10) * 10);
  return from.assumed('targetMs', assumed);
}
