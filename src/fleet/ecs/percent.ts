// How many tasks a service may have while tasks are replaced.

import type { DeploymentSettings } from '../../model/fargate.ts';

export interface Bounds {
  /** Healthy tasks that the scheduler leaves, at least. */
  readonly min: number;
  /** Tasks that run or are starting, at most. */
  readonly max: number;
}

/** The lower one is rounded up, the upper one down. [BOTO ecs DeploymentConfiguration] */
export function boundsOf(
  desired: number,
  settings: Pick<DeploymentSettings, 'minimumHealthyPercent' | 'maximumPercent'>,
): Bounds {
  return {
    min: Math.ceil((desired * settings.minimumHealthyPercent) / 100),
    max: Math.floor((desired * settings.maximumPercent) / 100),
  };
}
