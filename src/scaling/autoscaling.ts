// Application Auto Scaling of one service: what its policies say together, within minimum and
// maximum. [AAS:target-tracking-scaling-policy-overview], [ECS:service-auto-scaling]
//
// Policies start from the tasks that run, not from those desired. Any policy may scale out, and the
// most tasks win. Policies of target tracking scale in only if all that may do so agree; a policy of
// steps does so by itself. What the sources leave open: cooldowns belong to the service, not to one
// policy, and one of scaling out does not keep it from scaling in.
//
// Invariants
//   P1. `desired` changes only with a reason.
//   P2. A policy adds only up to the maximum and removes only down to the minimum.
//   P3. No policy removes tasks during a deployment, while one that scales out is in ALARM, or in
//       the cooldown of the last removal.
//   P4. In the cooldown of an addition, what was added counts: only more than that is added. Example:
//       5 tasks and 2 more are 7; asked for 3 more in the cooldown there are 8.

import { type Millis, sayDuration } from '../base/units.ts';
import type { AlarmState } from '../model/alarm.ts';
import type { AutoscalingSettings, StepScaling, TargetTracking } from '../model/autoscaling.ts';
import {
  type Bounds,
  runSchedules,
  type ScheduleMemory,
  startSchedules,
} from './scheduled-scaling.ts';
import { adjusted, aggregate, stepFor } from './step-scaling.ts';
import { tasksIn, tasksOut } from './target-tracking.ts';

/** What an alarm of a policy says now. */
export interface AlarmView {
  readonly name: string;
  readonly state: AlarmState;
  /** Its action is taken now: it went to ALARM, or has been there for another minute. */
  readonly due: boolean;
  /** The datapoints that were evaluated, the latest first. */
  readonly values: readonly number[];
}

export interface AutoscalingSeen {
  readonly running: number;
  readonly desired: number;
  /** A deployment of the service is in progress. */
  readonly deploying: boolean;
  /** In the order of the policies. */
  readonly tracking: readonly { readonly high: AlarmView; readonly low: AlarmView }[];
  readonly steps: readonly AlarmView[];
}

interface Activity {
  readonly direction: 'out' | 'in';
  /** Desired tasks before the first of the activities that this one goes on with. */
  readonly from: number;
  /** End of its cooldown. */
  readonly until: Millis;
}

export interface AutoscalingMemory {
  readonly schedules: ScheduleMemory;
  readonly last: Activity | undefined;
}

export interface AutoscalingDecision {
  readonly desired: number;
  readonly memory: AutoscalingMemory;
  /** Why `desired` is another, or why it is not though a policy asks for it; else undefined. */
  readonly reason: string | undefined;
  /** The policy or scheduled action behind it. */
  readonly policy: string | undefined;
  /** What schedules did, changed or not. */
  readonly notices: readonly string[];
}

export function startAutoscaling(
  settings: AutoscalingSettings,
  bounds: Bounds,
  now: Millis,
): AutoscalingMemory {
  return { schedules: startSchedules(settings.schedules, bounds, now), last: undefined };
}

export function autoscale(
  settings: AutoscalingSettings,
  seen: AutoscalingSeen,
  before: AutoscalingMemory,
  now: Millis,
): AutoscalingDecision {
  const scheduled = bySchedule(settings, seen, before, now);
  if (scheduled.desired !== seen.desired) return scheduled;
  const { memory, notices } = scheduled;
  const asked = proposalsOf(settings, seen);
  const outs = asked.filter(({ direction }) => direction === 'out');
  const decided =
    mostOf(outs.filter(({ due }) => due)) === undefined
      ? scaleIn(settings, seen, memory, asked, now)
      : scaleOut(settings, seen, memory, outs, now);
  if (decided === undefined) return scheduled;
  return { ...decided, notices };
}

type Decided = Omit<AutoscalingDecision, 'notices'>;

interface Proposal {
  readonly policy: string;
  readonly alarm: string;
  readonly direction: 'out' | 'in';
  readonly due: boolean;
  readonly tasks: number;
  /** It says how many, and not how many more. */
  readonly exact: boolean;
  readonly why: string;
  readonly cooldownMs: Millis;
}

function bySchedule(
  settings: AutoscalingSettings,
  { desired }: AutoscalingSeen,
  before: AutoscalingMemory,
  now: Millis,
): AutoscalingDecision {
  const { schedules, suspended } = settings;
  const ran = runSchedules(schedules, before.schedules, now, suspended.scheduled);
  const memory = { ...before, schedules: ran.memory };
  const { min, max } = ran.memory.bounds;
  const last = ran.done.findLast(({ bounds }) => bounds !== undefined);
  const notices = ran.done.map(({ action, bounds }) =>
    bounds === undefined
      ? `scheduled action ${action.name} failed: the minimum would be above the maximum`
      : `scheduled action ${action.name} set the minimum to ${bounds.min} and the maximum to ${bounds.max}`,
  );
  const to = last === undefined ? desired : clamp(desired, min, max);
  const same = to === desired;
  return {
    desired: to,
    memory,
    reason: same ? undefined : notices.at(-1),
    policy: same ? undefined : last?.action.name,
    notices: same ? notices : notices.slice(0, -1),
  };
}

function scaleOut(
  { suspended }: AutoscalingSettings,
  { desired, running }: AutoscalingSeen,
  memory: AutoscalingMemory,
  outs: readonly Proposal[],
  now: Millis,
): Decided | undefined {
  const most = mostOf(outs.filter(({ due }) => due));
  if (most === undefined) return undefined;
  const { policy } = most;
  const stays = (reason: string) => ({
    desired,
    memory,
    reason: `${causeOf(most)}; ${reason}`,
    policy,
  });
  if (suspended.scaleOut) return stays('scaling out is suspended');
  const { min, max } = memory.schedules.bounds;
  const { last } = memory;
  const cooling = last?.direction === 'out' && now < last.until;
  const from = cooling ? last.from : desired;
  const wanted = cooling && !most.exact ? from + most.tasks - running : most.tasks;
  const to = Math.min(max, Math.max(min, wanted));
  if (to <= desired) {
    if (desired >= max) return stays(`${max} tasks are the most there may be`);
    if (cooling) return stays(`what was added counts for ${sayDuration(last.until - now)} more`);
    return undefined;
  }
  const until = now + most.cooldownMs;
  return {
    desired: to,
    memory: { ...memory, last: { direction: 'out', from, until } },
    reason: causeOf(most),
    policy,
  };
}

function scaleIn(
  settings: AutoscalingSettings,
  { desired, deploying }: AutoscalingSeen,
  memory: AutoscalingMemory,
  asked: readonly Proposal[],
  now: Millis,
): Decided | undefined {
  const most = mostOf(asked.filter(({ direction }) => direction === 'in'));
  if (most === undefined || !asked.some(({ direction, due }) => direction === 'in' && due)) {
    return undefined;
  }
  const { min, max } = memory.schedules.bounds;
  const to = Math.max(min, Math.min(max, most.tasks));
  const out = asked.find(({ direction }) => direction === 'out');
  if (to >= desired || out !== undefined) return undefined;
  const { policy } = most;
  const stays = (reason: string) => ({
    desired,
    memory,
    reason: `${causeOf(most)}; ${reason}`,
    policy,
  });
  if (settings.suspended.scaleIn) return stays('scaling in is suspended');
  if (deploying) return stays('no task is removed during a deployment');
  const { last } = memory;
  if (last?.direction === 'in' && now < last.until) {
    return stays(`no task is removed for ${sayDuration(last.until - now)} more`);
  }
  return {
    desired: to,
    memory: {
      ...memory,
      last: { direction: 'in', from: desired, until: now + most.cooldownMs },
    },
    reason: causeOf(most),
    policy,
  };
}

/** What the policies whose alarms are in ALARM ask for. */
function proposalsOf(settings: AutoscalingSettings, seen: AutoscalingSeen): readonly Proposal[] {
  const { tracking, steps } = settings;
  const mayScaleIn = tracking.map(({ disableScaleIn }) => !disableScaleIn);
  const agreed = seen.tracking.every(
    ({ low }, index) => mayScaleIn[index] !== true || low.state === 'ALARM',
  );
  return [
    ...tracking.flatMap((policy, index) => {
      const alarms = seen.tracking[index];
      if (alarms === undefined) return [];
      const out = trackingProposal(policy, alarms.high, seen.running, 'out');
      const scaleIn = agreed && mayScaleIn[index] === true;
      return scaleIn ? [...out, ...trackingProposal(policy, alarms.low, seen.running, 'in')] : out;
    }),
    ...steps.flatMap((policy, index) => stepProposal(policy, seen.steps[index], seen.running)),
  ];
}

function trackingProposal(
  policy: TargetTracking,
  alarm: AlarmView,
  running: number,
  direction: 'out' | 'in',
): readonly Proposal[] {
  const [value] = alarm.values;
  if (alarm.state !== 'ALARM' || value === undefined) return [];
  const out = direction === 'out';
  const tasks = out ? tasksOut(policy, running, value) : tasksIn(policy, running, value);
  if (tasks === running) return [];
  return [
    {
      policy: policy.name,
      alarm: alarm.name,
      direction,
      due: alarm.due,
      tasks,
      exact: false,
      why: `${policy.metric.name} at ${sayValue(value)} for a target of ${policy.target}, with ${running} running`,
      cooldownMs: out ? policy.scaleOutCooldownMs : policy.scaleInCooldownMs,
    },
  ];
}

function stepProposal(
  policy: StepScaling,
  alarm: AlarmView | undefined,
  running: number,
): readonly Proposal[] {
  if (alarm?.state !== 'ALARM') return [];
  const value = aggregate(policy.aggregation, alarm.values);
  if (value === undefined) return [];
  const step = stepFor(policy.steps, policy.alarm, value);
  if (step === undefined) return [];
  const tasks = adjusted(policy, running, step.by);
  if (tasks === running) return [];
  const { threshold, metric } = policy.alarm;
  const percent = policy.adjustment === 'percent' ? ' percent' : '';
  const sign = policy.adjustment === 'exact' || step.by < 0 ? '' : '+';
  return [
    {
      policy: policy.name,
      alarm: alarm.name,
      direction: tasks > running ? 'out' : 'in',
      due: alarm.due,
      tasks,
      exact: policy.adjustment === 'exact',
      why: `${metric.name} at ${sayValue(value)} for a threshold of ${threshold}: ${sign}${step.by}${percent}, with ${running} running`,
      cooldownMs: policy.cooldownMs,
    },
  ];
}

/** As the events of a service put it. */
function causeOf({ alarm, policy, why }: Proposal): string {
  return `monitor alarm ${alarm} in state ALARM triggered policy ${policy}: ${why}`;
}

function mostOf(proposals: readonly Proposal[]): Proposal | undefined {
  return proposals.reduce<Proposal | undefined>(
    (most, next) => (most === undefined || next.tasks > most.tasks ? next : most),
    undefined,
  );
}

function sayValue(value: number): string {
  return value.toFixed(Number.isInteger(value) ? 0 : 1);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
