// The kind of front door that is a load balancer.

import { Fault, type FaultCode } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { AlbEntry } from '../../model/app.ts';
import {
  ALB_HEAD_BYTES,
  ALB_LAMBDA_BODY_BYTES,
  ALB_MAX_FORWARDERS,
} from '../../model/aws-limits.ts';
import { awsNames, targetGroupArn } from '../../model/metric.ts';
import { albAnswer, albEvent } from '../../payload/alb.ts';
import type { BadAnswer, BadRequest, Field, HttpAnswer } from '../../payload/http-message.ts';
import { ALB_FRONT } from '../../routing/front-rules.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { albAnswerOf } from './alb-answers.ts';
import {
  clientFields,
  countForwarders,
  type ForwardingRules,
  targetHead,
  targetRequest,
} from './alb-headers.ts';
import {
  type DoorKind,
  fieldLines,
  type OwnAnswer,
  type Refused,
  type ServicePassage,
} from './door-kind.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { Forward } from './to-fargate.ts';
import { StreamForward } from './to-stream.ts';

/** `error_reason` of its access logs. [ELB:load-balancer-access-logs] */
const ERROR_REASONS: Partial<Record<FaultCode, string>> = {
  LAMBDA_REQUEST_TOO_LARGE: 'LambdaRequestTooLarge',
  LAMBDA_RESPONSE_TOO_LARGE: 'LambdaResponseTooLarge',
  LAMBDA_THROTTLED: 'LambdaThrottling',
  LAMBDA_UPGRADE: 'LambdaWebsocketNotSupported',
  LAMBDA_BAD_REQUEST: 'LambdaBadRequest',
  FUNCTION_ANSWER_INVALID: 'LambdaInvalidResponse',
  INTERNAL: 'LambdaConnectionError',
};

export class AlbDoor implements DoorKind, ServicePassage {
  readonly front = ALB_FRONT;
  readonly headLimits = ALB_HEAD_BYTES;
  readonly idleTimeoutMs: Millis;
  readonly keepAliveMs: Millis;
  readonly paysForHeads = true;
  readonly timeoutMs = undefined;
  readonly lambdaAnswerBytes = ALB_LAMBDA_BODY_BYTES;
  readonly streams = false;
  readonly services = this;
  readonly #rules: ForwardingRules;
  readonly #multiValue: boolean;
  readonly #arnOf: (service: string) => string;

  constructor(app: { readonly name: string; readonly region: string }, entry: AlbEntry) {
    this.idleTimeoutMs = entry.idleTimeoutMs;
    this.keepAliveMs = entry.keepAliveMs;
    this.#rules = entry;
    this.#multiValue = entry.multiValueHeaders;
    const names = awsNames(app.name);
    this.#arnOf = (name) => targetGroupArn(app.region, names.targetGroup(name, 'lambda'));
  }

  begin({ forwardedFor }: ServedRequest): Refused | undefined {
    const count = countForwarders(forwardedFor);
    if (count <= ALB_MAX_FORWARDERS) return undefined;
    const facts = { count, limit: ALB_MAX_FORWARDERS };
    return { status: 463, fault: new Fault('TOO_MANY_FORWARDERS', facts) };
  }

  answersItself(): OwnAnswer | undefined {
    return undefined;
  }

  admit(): Promise<Refused | undefined> | undefined {
    return undefined;
  }

  ownAnswer(status: number, _request: ServedRequest | undefined, more: string): OwnAnswer {
    return albAnswerOf(status, more);
  }

  errorReason({ code, blame }: Fault): string | undefined {
    return ERROR_REASONS[code] ?? (blame === 'client' ? undefined : 'LambdaUnhandled');
  }

  lambdaHead(request: ServedRequest, bodyBytes: number): string {
    const { head } = request.exchange;
    const framed = bodyBytes > 0 || head.names.includes('content-length');
    const framing = framed ? `Content-Length: ${bodyBytes}\r\n` : '';
    return targetHead(head, request, framing, this.#rules);
  }

  toFargate(request: ServedRequest, slot: Slot, end: WayEnd, early: readonly Buffer[]): void {
    const { streams } = slot;
    if (streams === undefined) new Forward(request, slot, end, this.#rules).start(early);
    else new StreamForward(request, slot, end, this.#rules).start(streams);
  }

  lambdaFields(_request: ServedRequest, head: ResponseHead, bodyless: boolean): string {
    const fields = clientFields(head);
    if (bodyless || head.body.kind !== 'none') return fields;
    return fields.replace(/^content-length:[^\r]*\r\n/im, '');
  }

  functionEvent(
    request: ServedRequest,
    target: InvocationTarget,
    body: Buffer,
  ): Buffer | BadRequest {
    return albEvent(targetRequest(request, body, this.#rules), {
      targetGroupArn: this.#arnOf(target.name),
      multiValue: this.#multiValue,
    });
  }

  functionAnswer(payload: Buffer): HttpAnswer | BadAnswer {
    return albAnswer(payload, { multiValue: this.#multiValue });
  }

  functionFields(_request: ServedRequest, fields: readonly Field[]): string {
    return fieldLines(fields);
  }
}
