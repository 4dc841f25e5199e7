// What differs between the kinds of front door: a load balancer, an HTTP API, the URL of a function.
// There is one object of a kind for all requests.

import type { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Route } from '../../model/route.ts';
import type { BadAnswer, BadRequest, Field, HttpAnswer } from '../../payload/http-message.ts';
import type { FrontRules } from '../../routing/front-rules.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ResponseStart } from '../http1/exchange.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';

export interface DoorKind {
  readonly front: FrontRules;
  /** Bytes of the head of a request, and of one line of it. */
  readonly headLimits: { readonly total: number; readonly line: number };
  /** A connection with nothing moving for this long is closed. */
  readonly idleTimeoutMs: Millis;
  /** A client's connection older than this takes one more request. */
  readonly keepAliveMs: Millis;
  /** Heads of messages count among the bytes that are paid for. */
  readonly paysForHeads: boolean;
  /** How long it waits for a target; undefined: as long as something may come. */
  readonly timeoutMs: Millis | undefined;
  /** Bytes of JSON in which it takes an answer from Lambda. */
  readonly lambdaAnswerBytes: number;
  /** It asks functions for a stream. */
  readonly streams: boolean;
  /** How services are reached; undefined if it leads to a function alone. */
  readonly services: ServicePassage | undefined;

  /** Notes what it needs of a request. Gives what it refuses whatever the route. */
  begin(request: ServedRequest): Refused | undefined;
  /** What it answers by itself before any route is looked for. */
  answersItself(request: ServedRequest): OwnAnswer | undefined;
  /** Asks who sends it; undefined if there is nothing to ask. */
  admit(request: ServedRequest, route: Route): Promise<Refused | undefined> | undefined;
  /** `request` is undefined for one that could not be read. `more` are lines of the head. */
  ownAnswer(status: number, request: ServedRequest | undefined, more: string): OwnAnswer;
  /** What its logs call a failure on Lambda, or undefined. */
  errorReason(fault: Fault): string | undefined;

  functionEvent(
    request: ServedRequest,
    target: InvocationTarget,
    body: Buffer,
  ): Buffer | BadRequest;
  functionAnswer(payload: Buffer, contentType: string): HttpAnswer | BadAnswer;
  /** Lines of the answer of a function. */
  functionFields(request: ServedRequest, fields: readonly Field[]): string;
}

/** How requests to services and their answers look on the way. */
export interface ServicePassage {
  /** The head of a request as it goes to a program on Lambda, with its empty line. */
  lambdaHead(request: ServedRequest, bodyBytes: number): string;
  /** Hands a request to a task. `early` is what was already read of the body. */
  toFargate(request: ServedRequest, slot: Slot, end: WayEnd, early: readonly Buffer[]): void;
  /** Lines of the answer of a program on Lambda; `bodyless` leaves its Content-Length to it. */
  lambdaFields(request: ServedRequest, head: ResponseHead, bodyless: boolean): string;
}

export interface Refused {
  readonly status: number;
  readonly fault: Fault;
  /** Further lines of the answer. */
  readonly more?: string;
}

export interface OwnAnswer {
  readonly start: ResponseStart;
  readonly body: Buffer;
}

/** Lines "Name: value\r\n". */
export function fieldLines(fields: readonly Field[]): string {
  let lines = '';
  for (const [name, value] of fields) lines += `${name}: ${value}\r\n`;
  return lines;
}
