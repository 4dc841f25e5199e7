// What the app itself has billed by the month besides its programs: alarms and secrets.

import { MS_PER_MINUTE } from '../../base/units.ts';
import { type App, programsOf } from '../../model/app.ts';
import { monitoringQuantities } from '../rules/cloudwatch.ts';
import { parameterQuantities, secretQuantities } from '../rules/platform.ts';
import type { ResourceQuantities } from './set-up.ts';

/** Alarms that Application Auto Scaling makes for a policy of target tracking. */
const TRACKING_ALARMS = 2;

export function platformResources(app: App): readonly ResourceQuantities[] {
  return [...alarmsOf(app), ...secretsOf(app)];
}

function alarmsOf({ alarms, services }: App): readonly ResourceQuantities[] {
  const policies = services.flatMap(({ fargate }) => fargate?.autoscaling ?? []);
  const ofPolicies = policies.flatMap(({ tracking, steps }) => [
    ...tracking.flatMap(({ periodMs }) => Array.from({ length: TRACKING_ALARMS }, () => periodMs)),
    ...steps.map(({ alarm }) => alarm.periodMs),
  ]);
  const quantities = (periods: readonly number[]) => {
    const fast = periods.filter((periodMs) => periodMs < MS_PER_MINUTE).length;
    return monitoringQuantities({ alarms: periods.length - fast, highResolutionAlarms: fast });
  };
  return [
    { name: 'alarms', on: 'both', quantities: quantities(alarms.map(({ periodMs }) => periodMs)) },
    { name: 'alarms of scaling', on: 'fargate', quantities: quantities(ofPolicies) },
  ];
}

/** Standard parameters are free; whether one is advanced, its name does not say. */
function secretsOf(app: App): readonly ResourceQuantities[] {
  const all = programsOf(app).flatMap(({ secrets }) => Object.values(secrets));
  const count = (store: 'ssm' | 'secretsmanager') =>
    new Set(all.filter((one) => one.store === store).map(({ name }) => name)).size;
  return [
    {
      name: 'secrets',
      on: 'both',
      quantities: [
        ...secretQuantities({ secrets: count('secretsmanager') }),
        ...parameterQuantities({ standard: count('ssm') }),
      ],
    },
  ];
}
