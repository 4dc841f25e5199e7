// A request to a service that did not come through a front door: an event that the Lambda Web Adapter
// makes a request of, once an environment has taken it.

import type { Exit } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { Admission } from '../../fleet/lambda-account.ts';
import type { Tracing } from '../../model/platform-event.ts';
import type { BadAnswer, BadRequest } from '../../payload/http-message.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { Call } from '../http1/upstream.ts';
import type { Collected } from './collect.ts';

/** What a request that came as an event is asked besides. */
export interface EventRequest {
  readonly requestId: string;
  readonly wantsLog: boolean;
  readonly tracing: Tracing;
  /** Once, before anything is sent. Bad: there is nothing that could be sent. */
  taken(by: Taken): BadRequest | undefined;
  /** "stream": the body of the answer is wanted as it comes. */
  answerBegins(head: ResponseHead, call: Pick<Call, 'resume'>): 'whole' | 'stream' | BadAnswer;
  /** "wait": `resume` is called when more can be taken. "too-large": nothing more is. */
  answerData(chunk: Buffer): 'more' | 'wait' | 'too-large';
  /** All of a stream was given; no `settled` follows. */
  streamed(logTail: Buffer): void;
  /** The payload that a whole answer becomes. */
  payload(answer: Collected): Buffer | BadAnswer;
}

/** The environment that has taken a request. */
export interface Taken {
  readonly unit: Admission;
  /** Where the program listens. */
  readonly port: number;
  readonly environment: string;
  readonly cold: boolean;
  readonly startedAt: Millis;
  readonly startedWall: Millis;
  readonly initMs: Millis | undefined;
  readonly logGroup: string;
  readonly logStream: string;
}

/** How an invocation of a service failed. */
export type ServiceFailure =
  | { readonly kind: 'exited'; readonly exit: Exit }
  | { readonly kind: 'timed-out'; readonly startedWall: Millis }
  /** The adapter reported it. `payload` is the JSON of the error. */
  | { readonly kind: 'reported'; readonly payload: Buffer }
  | { readonly kind: 'too-large' }
  /** The environment did not start, or the engine stops. */
  | { readonly kind: 'no-environment' };
