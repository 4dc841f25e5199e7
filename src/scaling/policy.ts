// What a scaling policy is: it sees what was observed, remembers what it likes, and answers how many
// tasks there should be and why. Policies are siblings; the engine, the simulator and the AWS
// controller call the same ones.

import type { Millis } from '../base/units.ts';
import type { FargateSettings } from '../model/fargate.ts';

export interface Observation {
  readonly settings: FargateSettings;
  /** Tasks that run, healthy or not yet. */
  readonly running: number;
  readonly desired: number;
  /** Mean requests in flight since the last observation that Fargate could have served. */
  readonly concurrency: number;
  /** Requests since the last observation. */
  readonly requests: number;
  /** Requests since the last observation that only Fargate could serve and that found no task. */
  readonly refused: number;
  /** Mean over the running tasks, percent of what they reserve; undefined without a task. */
  readonly cpuPercent: number | undefined;
  readonly memoryPercent: number | undefined;
}

export interface ScaleDecision<memory> {
  /** Within `tasks.min` and `tasks.max`. */
  readonly desired: number;
  readonly reason: string;
  readonly memory: memory;
}

export interface ScalingPolicy<memory> {
  readonly name: string;
  /** What it remembers before it has seen anything. */
  start(now: Millis): memory;
  decide(observation: Observation, before: memory, now: Millis): ScaleDecision<memory>;
}
