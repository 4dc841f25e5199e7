// Lambda serves everything. No task is started, but those of the minimum.

import type { PlacementPolicy } from '../placement.ts';

/** It remembers nothing. */
export type LambdaOnlyMemory = Readonly<Record<string, never>>;

export const lambdaOnly: PlacementPolicy<LambdaOnlyMemory> = {
  name: 'lambda-only',
  says: 'Lambda serves every request',
  source: 'AWS Lambda, https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html',
  overflow: true,
  needsForesight: false,
  start: () => ({}),
  decide: (_memory, _seen, { minTasks }) => minTasks,
  offered: () => 0,
  why: (_memory, { lambdaUsdPerRequest }) => ({
    text: 'Lambda serves every request',
    figures: { lambdaUsdPerRequest },
  }),
};
