// How many tasks, as pure functions.

export { type AlarmMemory, type AlarmPoint, evaluateAlarm, startAlarm } from './scaling/alarm.ts';
export {
  type AlarmView,
  type AutoscalingDecision,
  type AutoscalingMemory,
  type AutoscalingSeen,
  autoscale,
  startAutoscaling,
} from './scaling/autoscaling.ts';
export { type DemandMemory, demandPolicy } from './scaling/demand-policy.ts';
export { type DemandForecast, levelCounter, levelCounterOf } from './scaling/level-counter.ts';
export type { LevelCounterMemory } from './scaling/level-counter-memory.ts';
export { type CounterRule, RULES as COUNTER_RULES } from './scaling/level-counter-rules.ts';
export type {
  PlacementPolicy,
  PlacementReason,
  PlacementSeen,
  PlacementTerms,
} from './scaling/placement.ts';
export type { Observation, ScaleDecision, ScalingPolicy } from './scaling/policy.ts';
