// Where a request would go now, of an app that runs.

import type { Millis } from '../base/units.ts';
import type { App } from '../model/app.ts';
import { type DescribedRequest, type Explanation, explainRequest } from '../routing/explain.ts';
import { frontRules } from '../routing/front-rules.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { ServicePart } from './app-services.ts';
import type { PlacementStatus } from './control/placement-status.ts';
import type { LambdaFleet } from './lambda/lambda-fleet.ts';

export interface ExplainAnswer {
  /** Undefined when no route takes the request. */
  readonly explanation: Explanation | undefined;
  /** Of the service that it goes to, where a placement policy scales it. */
  readonly placement: PlacementStatus | undefined;
}

export interface LiveApp {
  readonly app: App;
  readonly routes: RouteTable;
  /** Of the front door. */
  readonly port: number;
  readonly services: ReadonlyMap<string, ServicePart>;
  readonly lambda: LambdaFleet;
  readonly now: Millis;
}

export function explainLive(
  { app, routes, port, services, lambda, now }: LiveApp,
  request: DescribedRequest,
): ExplainAnswer {
  const door = { routes, front: frontRules(app), port };
  const explanation = explainRequest(door, request, (service, { priority }) => {
    const part = services.get(service);
    if (part !== undefined) {
      const placement = part.learning?.view(priority, now);
      return { lambda: part.lambda?.view(now), fargate: part.fargate?.view(), placement };
    }
    const called = lambda.function(service);
    return called && { lambda: { throttled: called.throttled(now) }, fargate: undefined };
  });
  const service = explanation?.kind === 'forward' ? explanation.service : '';
  const scaling = services.get(service)?.scaler?.status();
  return { explanation, placement: scaling?.placement };
}
