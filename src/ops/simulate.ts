// Simulates placement policies on one trace, and what the best possible would have cost. The work
// is done in a thread; here is what it is asked, and what is made of what it tells.

import { resolve } from 'node:path';
import { type FactsOf, Fault, type FaultCode } from '../base/fault.ts';
import { applyChanges } from '../cost/compare/apply-change.ts';
import { asOption, type Change, parseChanges } from '../cost/compare/change.ts';
import type { SetUp } from '../cost/estimate/set-up.ts';
import { setUpOf } from '../cost/estimate/set-up-of.ts';
import { priceBook } from '../cost/prices/price-book.ts';
import { meanMs, type SimProfile } from '../sim/profile.ts';
import type { CostOverLoad, Fidelity } from '../sim/result.ts';
import { namedShape } from '../traffic/shape.ts';
import { costApp } from './cost-app.ts';
import { measuredOf, NOTHING_MEASURED, withFacts } from './cost-figures.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';
import { readMeasurement } from './measure/saved.ts';
import { policiesOf, policyNamed } from './placement-choice.ts';
import { pricesInUse } from './price-file.ts';
import { seedOf } from './simulate-asked.ts';
import type {
  OptimumFound,
  RecordedRequests,
  SimulateMessage,
  SimulateOrder,
  TraceFacts,
} from './simulate-order.ts';
import { unitPrices } from './simulate-prices.ts';
import { type ProfileFound, type ProfileSaid, profileOf, serviceOf } from './simulate-profile.ts';
import type { Simulation } from './simulate-report.ts';
import {
  breakEvenReport,
  curveReport,
  type DonePolicy,
  policyReport,
  profileReport,
  traceReport,
} from './simulate-result.ts';
import { type SimulatedTraffic, type TrafficWanted, trafficFor } from './simulate-traffic.ts';
import { warningsOf } from './simulate-words.ts';
import type { Watch } from './traffic-file.ts';

export interface SimulateOptions extends AppChoice {
  readonly traffic: TrafficWanted;
  readonly policies: readonly string[];
  readonly seed: string | undefined;
  readonly fidelity: Fidelity;
  readonly service: string | undefined;
  readonly region: string | undefined;
  /** Settings of the command that stand in for those of the file, as "memory=512". */
  readonly settings: readonly string[];
  readonly said: ProfileSaid;
  /** What "fulcrum measure" has found is used. */
  readonly measured: boolean;
  /** A page is to be made: points over time and curves over load are needed. */
  readonly forPage: boolean;
}

export interface SimulateWatch extends Watch {
  readonly onMessage: (message: SimulateMessage, policies: readonly string[]) => void;
  /** Ends reading, and then the simulation with what there is. */
  readonly signal: AbortSignal;
  /** Ends it at once, with nothing. */
  readonly kill: AbortSignal;
}

/**
 * Throws CONFIG_NOT_FOUND where --config names no file, CONFIG_INVALID, STAGE_UNKNOWN,
 * COST_NOTHING_TO_PRICE, PRICES_REGION_UNKNOWN, CHANGES_INVALID, USAGE, MEASURED_FILE_DAMAGED,
 * PLACEMENT_POLICY_UNKNOWN, the faults of SIMULATE, and what reading traffic throws.
 */
export async function simulationOf(
  machine: Machine,
  options: SimulateOptions,
  watch: SimulateWatch,
): Promise<Simulation> {
  const seed = seedOf(options.seed);
  const policies = policiesOf(options.policies);
  const changes = parseChanges(options.settings, asOption);
  refuseTwoSizes(options);
  const { data: prices } = pricesInUse(machine, options);
  const place = costApp(machine, options, prices);
  const fromHere = (name: string) => resolve(options.cwd, name);
  const play = { seed, fidelity: options.fidelity };
  const traffic = await trafficFor(machine, options.traffic, play, fromHere, watch);
  watch.onRead();
  const reads = options.measured && place.file !== undefined;
  const figures = reads ? await measuredOf(machine, options) : NOTHING_MEASURED;
  const measurements = reads ? await readMeasurement(machine, options) : undefined;
  const source = options.traffic.accessLog ?? options.traffic.trace ?? '';
  const profiles = withFacts(place.app, figures.profiles, traffic.facts, `from ${source}`);
  const { setUp, follows } = changedSetUp(setUpOf(place.app, profiles), changes);
  const service = serviceOf(
    place.app,
    setUp,
    place.file ?? 'what is assumed without a fulcrum.yml',
    options.service,
  );
  const book = priceBook(setUp.region, prices);
  const found = profileOf({
    app: place.app,
    file: place.file,
    setUp,
    service,
    said: options.said,
    measurement: measurements?.get(service.name)?.measurement,
    quantiles: traffic.facts?.durationQuantiles,
    given: givenOf(options),
    prices: unitPrices(book, service.lambda, service.fargate, setUp.network.publicTasks),
  });
  const order: SimulateOrder = {
    demand: traffic.demand,
    profile: found.profile,
    policies,
    seed,
    fidelity: options.fidelity,
    forPage: options.forPage,
    recorded: recordedOf(traffic, found.profile),
  };
  const told = await inThread(machine, order, watch);
  const asTheyCame =
    traffic.arrivals === undefined
      ? []
      : [`each request of ${source === '-' ? 'standard input' : source} as it came`];
  const basis = [place.basis, ...figures.basis, ...follows, ...asTheyCame];
  const warnings = [...traffic.warnings, ...figures.warnings];
  return reportOf({
    told,
    order,
    found,
    traffic,
    service: service.name,
    app: place.app.name,
    basis,
    warnings,
  });
}

/** No money is counted of what stands beside it: only the set-up matters. */
function changedSetUp(declared: SetUp, changes: readonly Change[]) {
  const asDeclared = {
    setUp: declared,
    workload: { requestsPerMonth: 0, shape: namedShape('flat'), peak: 1 },
    freeTier: 'none',
  } as const;
  const { subject, follows } = applyChanges(asDeclared, changes);
  return { setUp: subject.setUp, follows };
}

/** A request is as large as the log says; the mean is that of the profile, where an option says it. */
function recordedOf(
  { arrivals, facts }: SimulatedTraffic,
  { lambda }: SimProfile,
): RecordedRequests | undefined {
  if (arrivals === undefined) return undefined;
  const meanOfLog = facts?.durationMs ?? 0;
  return { arrivals, durationTimes: meanOfLog > 0 ? meanMs(lambda.duration) / meanOfLog : 1 };
}

function refuseTwoSizes(options: SimulateOptions): void {
  const given = givenOf(options);
  if (!given.has('cpu') || !given.has('task')) return;
  throw new Fault('USAGE', {
    problem: '--cpu and --task each say how large a task is.',
    fix: 'Use one of them.',
  });
}

/** Names of the settings that the command gives. */
function givenOf({ settings, region }: SimulateOptions): ReadonlySet<string> {
  const names = settings.map((text) => text.slice(0, text.indexOf('=')));
  return new Set(region === undefined ? names : [...names, 'region']);
}

interface Told {
  trace: TraceFacts | undefined;
  optimum: OptimumFound | undefined;
  policies: DonePolicy[];
  curves: CostOverLoad | undefined;
  fault: Fault | undefined;
}

/** Where this file lies; in development it is run as it is written. */
const WORKER = new URL(
  import.meta.url.endsWith('.ts') ? './simulate-worker.ts' : './simulate-worker.js',
  import.meta.url,
);

async function inThread(
  machine: Pick<Machine, 'startThread'>,
  order: SimulateOrder,
  { onMessage, signal, kill }: SimulateWatch,
): Promise<Told> {
  const told: Told = {
    trace: undefined,
    optimum: undefined,
    curves: undefined,
    fault: undefined,
    policies: [],
  };
  const thread = machine.startThread(WORKER, order, (posted) => {
    const message = posted as SimulateMessage;
    take(told, message);
    onMessage(message, order.policies);
  });
  const stop = () => thread.stop();
  const end = () => thread.kill();
  signal.addEventListener('abort', stop);
  kill.addEventListener('abort', end);
  if (signal.aborted) stop();
  try {
    await thread.ended;
  } finally {
    signal.removeEventListener('abort', stop);
    kill.removeEventListener('abort', end);
  }
  if (told.fault !== undefined) throw told.fault;
  return told;
}

function take(told: Told, message: SimulateMessage): void {
  switch (message.kind) {
    case 'trace':
      told.trace = message.trace;
      break;
    case 'optimum':
      told.optimum = message.optimum;
      break;
    case 'policy':
      told.policies.push(message);
      break;
    case 'curves':
      told.curves = message.curves;
      break;
    case 'fault':
      told.fault = new Fault(message.code, message.facts as FactsOf<FaultCode>);
      break;
    case 'progress':
      break;
  }
}

interface Parts {
  readonly told: Told;
  readonly order: SimulateOrder;
  readonly found: ProfileFound;
  readonly traffic: SimulatedTraffic;
  readonly app: string;
  readonly service: string;
  readonly basis: readonly string[];
  readonly warnings: readonly string[];
}

/** Throws SIMULATE_STOPPED. */
function reportOf({
  told,
  order,
  found,
  traffic,
  app,
  service,
  basis,
  warnings,
}: Parts): Simulation {
  const { trace, optimum, policies, curves } = told;
  if (trace === undefined || optimum === undefined || policies.length === 0) {
    throw new Fault('SIMULATE_STOPPED', {});
  }
  const isStopped =
    policies.length < order.policies.length || policies.some(({ done }) => done < 1);
  const report: Simulation = {
    schemaVersion: 1,
    trace: traceReport(trace, traffic.about),
    profile: profileReport(found.profile, { app, service, origins: found.origins }),
    seed: order.seed,
    fidelity: order.fidelity,
    optimum,
    breakEven: breakEvenReport(found.profile),
    policies: policies.map((policy) => {
      const { says, source, needsForesight } = policyNamed(policy.result.name);
      return policyReport(
        policy,
        { says, source, foresight: needsForesight },
        optimum,
        order.forPage,
      );
    }),
    stopped: isStopped,
    ...(curves !== undefined && {
      curves: curves.curves.map(curveReport),
      curveNotes: curves.notes,
    }),
    basis,
    warnings,
  };
  return { ...report, warnings: [...warnings, ...warningsOf(report)] };
}
