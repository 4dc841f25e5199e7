// Deploys what fulcrum.yml says now to a running app, and waits for what becomes of it.

import { Fault } from '../base/fault.ts';
import type { EngineStatus } from '../engine/control/status.ts';
import type { RedeployAnswer, RedeployAsk } from '../engine/redeploy.ts';
import type { EngineEvent } from '../model/event.ts';
import { askJson, askLines, runningEngine } from './admin-client.ts';
import type { AppChoice } from './find-app.ts';
import type { Machine } from './machine.ts';

export interface RedeployOptions extends AppChoice, RedeployAsk {
  readonly wait: boolean;
  /** Called once, before the events. */
  readonly answered: (answer: RedeployAnswer) => void;
  readonly listen: (event: EngineEvent) => void;
}

/**
 * Throws ENGINE_NOT_RUNNING, ENGINE_UNREACHABLE, DEPLOYMENT_FAILED, and what the engine throws for
 * `Engine.redeploy`.
 */
export async function redeployApp(
  machine: Machine,
  options: RedeployOptions,
  signal: AbortSignal,
): Promise<RedeployAnswer> {
  const { services, force, wait, answered, listen } = options;
  const engine = await runningEngine(machine, options);
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  // Listening begins before anything is deployed, so that no event is missed.
  const events = askLines<EngineEvent>(engine, '/v1/events', until);
  const first = events.next();
  try {
    // Programs may be built first, which takes as long as it takes.
    const answer = await askJson<RedeployAnswer>(
      engine,
      '/v1/redeploy',
      { services, force },
      signal,
    );
    answered(answer);
    if (!wait || answer.started.length === 0) return answer;
    const whole = await follow(answer, first, events, listen, () =>
      askJson<EngineStatus>(engine, '/v1/status'),
    );
    signal.throwIfAborted();
    if (whole) return answer;
    const reason = 'it stopped before the deployment was over';
    throw new Fault('ENGINE_UNREACHABLE', { url: engine.admin, reason });
  } finally {
    over.abort();
    await first.catch(() => undefined);
  }
}

/** False: the events ended before the deployments did. */
async function follow(
  { started }: RedeployAnswer,
  first: Promise<IteratorResult<EngineEvent>>,
  rest: AsyncGenerator<EngineEvent>,
  listen: (event: EngineEvent) => void,
  ask: () => Promise<EngineStatus>,
): Promise<boolean> {
  const open = new Map(started.map((one) => [one.deployment, one]));
  const services = new Set(started.map(({ service }) => service));
  for (let next = await first; next.done !== true; next = await rest.next()) {
    const event = next.value;
    if ('service' in event && event.service !== undefined && services.has(event.service)) {
      listen(event);
    }
    if (event.type !== 'deployment' || !open.has(event.id)) continue;
    const { service, revision, why: reason } = event;
    if (event.state === 'FAILED') {
      const back = revisionAfter(await ask(), service);
      throw new Fault('DEPLOYMENT_FAILED', {
        service,
        revision,
        reason,
        back: back === revision ? undefined : back,
      });
    }
    if (event.state === 'COMPLETED') open.delete(event.id);
    if (open.size === 0) return true;
  }
  return false;
}

/** What is deployed once a deployment has failed. */
function revisionAfter({ services }: EngineStatus, name: string): number | undefined {
  const found = services.find(({ service }) => service === name);
  return found?.fargate?.deployments.find(({ status }) => status === 'PRIMARY')?.revision;
}
