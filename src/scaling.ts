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
export type { Observation, ScaleDecision, ScalingPolicy } from './scaling/policy.ts';
