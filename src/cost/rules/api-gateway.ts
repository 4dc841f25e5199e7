// API Gateway: HTTP APIs, REST APIs, WebSocket APIs. A function URL costs nothing but Lambda.
//
// Rules [aws.amazon.com/api-gateway/pricing]:
//   M6. An HTTP API is billed by the request, one for every 512 KB begun. It has no hourly charge,
//       and neither has its VPC link.
//  M13. A REST API is billed by the request. Its cache is billed by the hour and is not modelled.
//  M14. A WebSocket API is billed by messages both ways, one for every 32 KB begun, and by minutes
//       of connection.

import { type Amount, divided, exact, largest, plus, times, up } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

const HTTP_API_STEP_BYTES = 512 * 1024;

const WEBSOCKET_STEP_BYTES = 32 * 1024;

/** So many requests that carry so many bytes each; `bytes` 0: within the first step. */
export interface Requests {
  readonly count: number;
  readonly bytes?: number | undefined;
}

/** Requests that are billed for one of an HTTP API with so many bytes (M6). */
export function httpApiSteps(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / HTTP_API_STEP_BYTES));
}

export function httpApiQuantities(
  requests: readonly Requests[],
  owner?: Owner,
): readonly Quantity[] {
  return [line('entry', 'apigateway.httpRequest', steps(requests, HTTP_API_STEP_BYTES), { owner })];
}

export function restApiQuantities(
  requests: readonly Requests[],
  owner?: Owner,
): readonly Quantity[] {
  const amount = plus(...requests.map(({ count }) => exact(count)));
  return [line('entry', 'apigateway.restRequest', amount, { owner })];
}

export interface WebSocketUse {
  /** Both ways. */
  readonly messages: readonly Requests[];
  /** Of all connections together. */
  readonly connectionMinutes: number;
}

export function webSocketQuantities(use: WebSocketUse, owner?: Owner): readonly Quantity[] {
  return [
    line('entry', 'apigateway.websocketMessage', steps(use.messages, WEBSOCKET_STEP_BYTES), {
      owner,
    }),
    line('entry', 'apigateway.websocketConnectionMinute', exact(use.connectionMinutes), { owner }),
  ];
}

/** One for every step begun, one at least. */
export function steps(requests: readonly Requests[], stepBytes: number): Amount {
  const one = exact(1);
  return plus(
    ...requests.map(({ count, bytes = 0 }) =>
      times(count, largest(one, up(divided(exact(bytes), stepBytes)))),
    ),
  );
}
