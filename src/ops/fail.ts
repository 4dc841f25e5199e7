// Does a failure to a running app on purpose.

import type { Failure } from '../engine/fargate/failures.ts';
import { askJson, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';

export type { Failure };

/**
 * What was done, a line each. Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE, TASK_UNKNOWN,
 * TASK_AMBIGUOUS, TASK_NOT_SPOT, TASK_NOT_STARTED, ZONE_UNKNOWN.
 */
export async function failApp(
  machine: Machine,
  choice: AppChoice,
  failure: Failure,
): Promise<readonly string[]> {
  return askJson<readonly string[]>(await runningEngine(machine, choice), '/v1/fail', failure);
}
