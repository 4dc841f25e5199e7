// Application Auto Scaling of one service: its policies' alarms, what `scaling/autoscaling.ts` makes
// of them, and the number of tasks that follows.

import type { AutoscalingSettings } from '../../model/autoscaling.ts';
import { type AutoscalingSeen, autoscale, startAutoscaling } from '../../scaling/autoscaling.ts';
import { trackingAlarms } from '../../scaling/target-tracking.ts';
import { Activities, type Scaled, type Scaler, type ScalingStatus } from './scaler.ts';
import { ServiceWatch } from './service-watch.ts';

export function autoScaler(scaled: Scaled, autoscaling: AutoscalingSettings): Scaler {
  const { app, service, settings, store, track, alarms, events } = scaled;
  const watch = new ServiceWatch(scaled);
  const activities = new Activities(scaled);
  const resource = `service/${app.name}/${service.name}`;
  const tracking = autoscaling.tracking.map((policy) => {
    const { high, low } = trackingAlarms(policy, resource, app.local.assume);
    return { high: alarms.watch(high, service.name), low: alarms.watch(low, service.name) };
  });
  const steps = autoscaling.steps.map(({ alarm }) => alarms.watch(alarm, service.name));
  let memory = startAutoscaling(autoscaling, settings.tasks, store.time);
  let rules: string | undefined;
  let held: string | undefined;
  return {
    observe: (now) => watch.observe(now).use,
    act(_now, wall) {
      const { desired, running } = track.counts();
      const seen = {
        running,
        desired,
        deploying: scaled.deploying(),
        tracking: tracking.map(({ high, low }) => ({ high: high.view(), low: low.view() })),
        steps: steps.map((alarm) => alarm.view()),
      };
      const decision = autoscale(autoscaling, seen, memory, store.time);
      memory = decision.memory;
      for (const message of decision.notices) {
        events.emit({ type: 'notice', at: wall, message: `${service.name}: ${message}` });
      }
      const { reason, policy } = decision;
      if (reason !== undefined && decision.desired !== desired) {
        rules = policy;
        held = undefined;
        activities.scale({ from: desired, to: decision.desired, reason, at: wall });
      } else if (reason !== undefined) held = reason;
      else if (!isAsked(seen)) held = undefined;
      track.tick();
    },
    status: () => ({
      by: 'autoscaling',
      ...memory.schedules.bounds,
      ...activities.status(),
      rules,
      held,
      policies: policiesOf(autoscaling),
    }),
  };
}

/** A policy's alarm lasts. */
function isAsked({ tracking, steps }: AutoscalingSeen): boolean {
  const alarms = [...tracking.flatMap(({ high, low }) => [high, low]), ...steps];
  return alarms.some(({ state }) => state === 'ALARM');
}

function policiesOf({
  tracking,
  steps,
  schedules,
}: AutoscalingSettings): ScalingStatus['policies'] {
  return [
    ...tracking.map(({ name, metric, target }) => ({
      policy: name,
      what: `${metric.name} at ${target}`,
    })),
    ...steps.map(({ name, alarm }) => ({
      policy: name,
      what: `${alarm.metric.name} beyond ${alarm.threshold}`,
    })),
    ...schedules.map(({ name, schedule }) => ({
      policy: name,
      what: `${schedule.text}${schedule.timezone === 'UTC' ? '' : ` ${schedule.timezone}`}`,
    })),
  ];
}
