// Placement policies by the names that people write, for an app that runs and for a simulation.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import type { App } from '../model/app.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import { PLACEMENT_POLICIES, placementPolicy } from '../scaling/placement-policies.ts';

const DEFAULT_POLICY = 'level-counter';

/** "auto" is what fulcrum.yml calls the choice by price. */
const ALSO_CALLED: Readonly<Record<string, string>> = { auto: DEFAULT_POLICY };

const ALL = 'all';

/** Where a simulation is given none: what is proposed, and the two ways without one. */
const SIMULATED = [DEFAULT_POLICY, 'lambda-only', 'static-best'] as const;

const POLICY_NAMES: readonly string[] = PLACEMENT_POLICIES.map(({ name }) => name);

/** `name` is that of a policy. */
export function policyNamed(name: string): PlacementPolicy {
  const policy = placementPolicy(name);
  if (policy === undefined) throw new RangeError(`must be a policy, was: ${name}`);
  return policy;
}

/**
 * Names of the policies to simulate; `texts` are names with commas between them, or "all".
 * Throws USAGE and PLACEMENT_POLICY_UNKNOWN.
 */
export function policiesOf(texts: readonly string[]): readonly string[] {
  const words = texts
    .flatMap((text) => text.split(','))
    .map((word) => word.trim())
    .filter(Boolean);
  if (words.length === 0 && texts.length > 0) {
    throw new Fault('USAGE', {
      problem: '--policy names no policy.',
      fix: `Name one of: ${POLICY_NAMES.join(', ')}; or ${ALL}.`,
    });
  }
  const names = (words.length === 0 ? SIMULATED : words).flatMap((word) =>
    word.toLowerCase() === ALL ? POLICY_NAMES : [policyAsked(word, [...POLICY_NAMES, ALL]).name],
  );
  return [...new Set(names)];
}

/** The policy of an app that runs. Throws PLACEMENT_POLICY_UNKNOWN or PLACEMENT_POLICY_FORESEES. */
export function livePolicy(text: string = DEFAULT_POLICY): PlacementPolicy {
  const known = PLACEMENT_POLICIES.filter(({ needsForesight }) => !needsForesight).map(
    ({ name }) => name,
  );
  const policy = policyAsked(text, known);
  if (policy.needsForesight) {
    throw new Fault('PLACEMENT_POLICY_FORESEES', { policy: policy.name, known });
  }
  return policy;
}

/** In any case. `known` is what there is to choose from. Throws PLACEMENT_POLICY_UNKNOWN. */
function policyAsked(text: string, known: readonly string[]): PlacementPolicy {
  const word = text.trim().toLowerCase();
  const policy = placementPolicy(ALSO_CALLED[word] ?? word);
  if (policy !== undefined) return policy;
  const near = closest(word, [...known, ...Object.keys(ALSO_CALLED)]);
  throw new Fault('PLACEMENT_POLICY_UNKNOWN', { policy: text.trim(), near, known });
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
