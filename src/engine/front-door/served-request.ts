// What becomes of one request, gathered on its way and told once at its end: one event, the metrics
// of the load balancer, the meter.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import type { Exchange } from '../http1/exchange.ts';

export interface ServedRequest {
  readonly exchange: Exchange;
  readonly startedAt: Millis;
  /** The same moment on the wall clock. */
  readonly startedWall: Millis;
  readonly traceId: string;
  /** X-Forwarded-For as the client sent it. */
  readonly forwardedFor: string | undefined;
  evaluations: number;
  service: string | undefined;
  compute: Compute | undefined;
  track: string | undefined;
  instance: string | undefined;
  reason: string;
  cold: boolean;
  status: number;
  /** The status is the front door's own, not the program's. */
  own: boolean;
  fault: Fault | undefined;
  /** When the request went out to its target. */
  sentAt: Millis | undefined;
  /** Called once, when it is over. */
  finished: (() => void) | undefined;
  told: boolean;
}
