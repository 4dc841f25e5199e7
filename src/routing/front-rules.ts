// What a kind of front door takes, and the statuses it answers with: the part of it that decisions
// depend on.

import type { FaultCode } from '../base/fault.ts';
import type { App, Assumptions, HttpApiEntry } from '../model/app.ts';
import {
  ALB_LAMBDA_BODY_BYTES,
  HTTP_API_BODY_BYTES,
  LAMBDA_REQUEST_BYTES,
} from '../model/aws-limits.ts';
import { compileApiRoutes } from './api-routes.ts';
import { compileRoutes, type RouteTable } from './route-table.ts';

export interface FrontRules {
  /** As it is called in reasons. */
  readonly name: string;
  /** Why a request goes to Lambda that may go nowhere else. */
  readonly onlyLambda: string;
  /** Bytes of a body that it passes to Lambda. */
  readonly lambdaBodyBytes: number;
  /** Bytes of any body it takes. */
  readonly bodyBytes: number;
  /** It asks for a token, unless the route is open. */
  readonly guarded: boolean;
  /** It passes an Upgrade on to a task; one that does not sends the request on as a plain one. */
  readonly upgrades: boolean;
  /** The status it answers with where a load balancer gives `status`. */
  status(status: number, code: FaultCode): number;
}

export const ALB_FRONT: FrontRules = {
  name: 'a load balancer',
  onlyLambda: 'the route names lambda',
  lambdaBodyBytes: ALB_LAMBDA_BODY_BYTES,
  bodyBytes: Number.POSITIVE_INFINITY,
  guarded: false,
  upgrades: true,
  status: (status) => status,
};

/**
 * An HTTP API has 500 for what a program did wrong and 503 for what is not there in time.
 * [AGW:http-api-troubleshooting-lambda]; behind a VPC link inferred from it.
 */
export function httpApiFront(
  { httpApiThrottle }: Assumptions,
  { authorizer }: Pick<HttpApiEntry, 'authorizer'>,
): FrontRules {
  return {
    name: 'an HTTP API',
    onlyLambda: 'the route names lambda',
    lambdaBodyBytes: LAMBDA_REQUEST_BYTES,
    bodyBytes: HTTP_API_BODY_BYTES,
    guarded: authorizer !== undefined,
    upgrades: false,
    status(status, code) {
      if (code === 'LAMBDA_THROTTLED') return httpApiThrottle;
      if (code === 'REQUEST_HEAD_TOO_LARGE') return 431;
      if (status === 502) return 500;
      return status === 504 ? 503 : status;
    },
  };
}

/** [LDG:urls-monitoring], [LDG:urls-configuration] */
export function functionUrlFront({ urlErrorStatus }: Assumptions): FrontRules {
  return {
    name: 'a function URL',
    onlyLambda: 'it came to the URL of the function',
    lambdaBodyBytes: LAMBDA_REQUEST_BYTES,
    bodyBytes: LAMBDA_REQUEST_BYTES,
    guarded: false,
    upgrades: false,
    status(status, code) {
      if (code === 'LAMBDA_THROTTLED') return 429;
      return code === 'LAMBDA_TIMED_OUT' ? urlErrorStatus : status;
    },
  };
}

export function frontRules({ entry, local }: Pick<App, 'entry' | 'local'>): FrontRules {
  return entry.type === 'alb' ? ALB_FRONT : httpApiFront(local.assume, entry);
}

/** The routes as the front door of the app tries them. */
export function routeTable({ entry, routes }: Pick<App, 'entry' | 'routes'>): RouteTable {
  return entry.type === 'alb' ? compileRoutes(routes) : compileApiRoutes(routes);
}
