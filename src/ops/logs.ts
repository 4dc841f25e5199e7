// What the programs print, and what Lambda writes about them.

import { Fault } from '../base/fault.ts';
import type { EngineStatus } from '../engine/control/status.ts';
import type { Compute } from '../model/app.ts';
import type { LogEvent } from '../model/event.ts';
import { askJson, askLines, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';

export interface LogOptions extends AppChoice {
  readonly service: string | undefined;
  readonly compute: Compute | undefined;
  readonly follow: boolean;
}

export type LogLine = LogEvent | { readonly type: 'dropped'; readonly count: number };

/** Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE, SERVICE_UNKNOWN. */
export async function* readLogs(
  machine: Machine,
  { service, compute, follow, ...choice }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const engine = await runningEngine(machine, choice);
  if (service !== undefined) {
    const { services } = await askJson<EngineStatus>(engine, '/v1/status');
    const known = services.map((one) => one.service);
    if (!known.includes(service)) throw new Fault('SERVICE_UNKNOWN', { service, known });
  }
  const query = new URLSearchParams();
  if (service !== undefined) query.set('service', service);
  if (compute !== undefined) query.set('compute', compute);
  if (follow) query.set('follow', '1');
  yield* askLines<LogLine>(engine, `/v1/logs?${query}`, signal);
}
