// Where a request would go, and why. A running engine is asked, as it knows what is awake; without
// one the answer is that of an app at rest, with its minimum of tasks.

import type { PlacementStatus } from '../engine/control/placement-status.ts';
import type { App } from '../model/app.ts';
import {
  type DescribedRequest,
  explainRequest as describe,
  type Explanation,
} from '../routing/explain.ts';
import { frontRules, routeTable } from '../routing/front-rules.ts';
import { askJson } from './admin-client.ts';
import { type AppChoice, readApp } from './find-app.ts';
import type { Machine } from './machine.ts';

export interface ExplainOptions extends AppChoice {
  readonly request: DescribedRequest;
}

export interface Explained {
  /** `live`: of the running engine. `at rest`: of the file alone. */
  readonly basis: 'live' | 'at rest';
  /** Undefined when no route takes the request; the front door answers 404. */
  readonly explanation: Explanation | undefined;
  /** Of the service it goes to, while it runs and a placement policy scales it. */
  readonly placement?: PlacementStatus | undefined;
}

/** Throws CONFIG_NOT_FOUND, CONFIG_INVALID, STAGE_UNKNOWN, ENGINE_UNREACHABLE. */
export async function explainRequest(
  machine: Machine,
  options: ExplainOptions,
): Promise<Explained> {
  const { app, place } = readApp(machine, options);
  const { request } = options;
  const engine = await machine.findEngine(place.folder);
  if (engine === undefined) return { basis: 'at rest', explanation: atRest(app, request) };
  type Answer = Partial<Pick<Explained, 'explanation' | 'placement'>>;
  const { explanation, placement } = await askJson<Answer>(engine, '/v1/explain', request);
  return { basis: 'live', explanation, ...(placement !== undefined && { placement }) };
}

/** A function is a service on Lambda alone. */
const AT_REST_FUNCTION = { lambda: { throttled: undefined }, fargate: undefined };

function atRest(app: App, request: DescribedRequest): Explanation | undefined {
  const front = { routes: routeTable(app), front: frontRules(app) };
  return describe(front, request, (name) => {
    if (app.functions.some((one) => one.name === name)) return AT_REST_FUNCTION;
    const service = app.services.find((one) => one.name === name);
    if (service === undefined) return undefined;
    const { lambda, fargate } = service;
    const min = fargate?.tasks.min ?? 0;
    const slots = min * (fargate?.concurrency ?? 0);
    return {
      lambda: lambda && { throttled: undefined },
      fargate: fargate && { desired: min, healthy: min, slotsInUse: 0, slots, failOpen: false },
    };
  });
}
