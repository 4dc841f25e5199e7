// Failures of choosing a placement policy, for an app that runs or for a simulation.

import { EXIT, entry } from './fault-entry.ts';

export const PLACEMENT_FAULTS = {
  PLACEMENT_POLICY_UNKNOWN: entry<{
    policy: string;
    near: string | undefined;
    known: readonly string[];
  }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '--policy names a placement policy that there is not.',
    say: ({ policy }) => `There is no placement policy "${policy}".`,
    fix: ({ near, known }) =>
      `${near === undefined ? '' : `Did you mean "${near}"? `}There are: ${known.join(', ')}.`,
  }),
  PLACEMENT_POLICY_FORESEES: entry<{ policy: string; known: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '--policy of "fulcrum dev" names a placement policy that has to know the future.',
    say: ({ policy }) =>
      `The placement policy "${policy}" has to know what will come: only a simulation can run it.`,
    fix: ({ known }) => `Use one of: ${known.join(', ')}.`,
  }),
};
