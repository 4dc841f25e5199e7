// How many tasks, as pure functions.

export { type DemandMemory, demandPolicy } from './scaling/demand-policy.ts';
export type { Observation, ScaleDecision, ScalingPolicy } from './scaling/policy.ts';
