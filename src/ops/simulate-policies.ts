// The policies that a simulation can run, by name.

import type { PlacementPolicy } from '../scaling/placement.ts';
import { PLACEMENT_POLICIES } from '../scaling/placement-policies.ts';

export const POLICY_NAMES: readonly string[] = PLACEMENT_POLICIES.map(({ name }) => name);

/** `name` is one of `POLICY_NAMES`. */
export function policyNamed(name: string): PlacementPolicy {
  const policy = PLACEMENT_POLICIES.find((one) => one.name === name);
  if (policy === undefined) throw new RangeError(`must be a policy, was: ${name}`);
  return policy;
}
