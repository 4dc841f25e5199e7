// A thread that measures placement: it is told of a trace and of a program, and answers with their cases.

import { parentPort, workerData } from 'node:worker_threads';
import { levelCounter } from '../src/scaling/level-counter.ts';
import { PLACEMENT_POLICIES } from '../src/scaling/placement-policies.ts';
import { lambdaOnly } from '../src/scaling/rivals/lambda-only.ts';
import { staticBest } from '../src/scaling/rivals/static-best.ts';
import type { ComparedPolicy } from '../src/sim/result.ts';
import { simulate } from '../src/sim/run.ts';
import {
  LOADS,
  type PlacedTrace,
  PROGRAMS,
  type Program,
  profileOf,
  STARTS,
  traces,
} from './policy-cases.ts';

const SEED = 1;
/** Ours first. */
const POLICIES = [
  levelCounter,
  ...PLACEMENT_POLICIES.filter(({ name }) => name !== levelCounter.name),
];

/** A trace at a mean load, for a program and a delay. */
export interface PolicyCase {
  readonly trace: string;
  readonly program: string;
  readonly startSeconds: number;
  readonly load: number;
  readonly lowerUsd: number;
  readonly upperUsd: number;
  /** The same of Lambda alone and of the best fleet that never changes, cold starts included. */
  readonly lambdaOnly: number;
  readonly bestStatic: number;
  readonly policies: readonly ComparedPolicy[];
}

/** Indexes of a trace and of a program. */
export type Task = readonly [trace: number, program: number];

if (parentPort !== null) {
  const port = parentPort;
  const { windowSeconds } = workerData as { readonly windowSeconds: number };
  const all = await traces(windowSeconds);
  port.on('message', ([trace, program]: Task) => {
    const [placed, of] = [all[trace], PROGRAMS[program]];
    if (placed === undefined || of === undefined) throw new Error('there is no such case');
    port.postMessage(casesOf(placed, of));
  });
  port.postMessage('ready');
}

function casesOf(trace: PlacedTrace, program: Program): readonly PolicyCase[] {
  return STARTS.flatMap((start) =>
    LOADS.flatMap((load) => {
      const profile = profileOf(program, start);
      const found = simulate({
        demand: trace.at(load),
        profile,
        policies: POLICIES,
        seed: SEED,
        points: 1,
      });
      const { optimum, policies } = found;
      // A window of made-up traffic may have no request.
      if (optimum.lowerUsd === 0) return [];
      return {
        trace: trace.name,
        program: program.name,
        startSeconds: start.startSeconds,
        load,
        ...optimum,
        lambdaOnly: ratioOf(policies, lambdaOnly.name),
        bestStatic: ratioOf(policies, staticBest.name),
        policies,
      };
    }),
  );
}

const ratioOf = (policies: readonly ComparedPolicy[], of: string): number =>
  policies.find(({ name }) => name === of)?.ratio ?? Number.NaN;
