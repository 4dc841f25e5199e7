// The placement policy that an app runs with, by name.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import type { App } from '../model/app.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import { PLACEMENT_POLICIES, placementPolicy } from '../scaling/placement-policies.ts';

export const DEFAULT_POLICY = 'level-counter';

/** Those that need no foresight, by name. */
export const livePolicies = (): readonly string[] =>
  PLACEMENT_POLICIES.filter(({ needsForesight }) => !needsForesight).map(({ name }) => name);

/** Throws PLACEMENT_POLICY_UNKNOWN or PLACEMENT_POLICY_FORESEES. */
export function livePolicy(name: string = DEFAULT_POLICY): PlacementPolicy {
  const policy = placementPolicy(name);
  const known = livePolicies();
  const facts = { policy: name, near: closest(name, known), known };
  if (policy === undefined) throw new Fault('PLACEMENT_POLICY_UNKNOWN', facts);
  if (policy.needsForesight) throw new Fault('PLACEMENT_POLICY_FORESEES', facts);
  return policy;
}

/** Services that a placement policy does not scale, and why. */
export function notPlaced({ services }: App): readonly string[] {
  return services.flatMap(({ name, lambda, fargate }) => {
    if (fargate?.autoscaling !== undefined) {
      return [`"autoscaling" decides how many tasks ${name} has, not --policy`];
    }
    if (lambda !== undefined && fargate !== undefined) return [];
    const where = lambda === undefined ? 'Fargate' : 'Lambda';
    return [`${name} runs on ${where} alone, so --policy decides nothing of it`];
  });
}
