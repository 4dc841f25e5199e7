// What runs now, and what it has cost.

import type { EngineStatus } from '../engine/control/status.ts';
import { askJson, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';

/** Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE. */
export async function readStatus(machine: Machine, choice: AppChoice): Promise<EngineStatus> {
  return askJson<EngineStatus>(await runningEngine(machine, choice), '/v1/status');
}

export type { EngineStatus };
