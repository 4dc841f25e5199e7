// The kind of front door that is the URL of one function. [LDG:urls-configuration],
// [LDG:urls-invocation]

import { STATUS_CODES } from 'node:http';
import type { Rng } from '../../base/ports.ts';
import type { App, FunctionUrl } from '../../model/app.ts';
import {
  FUNCTION_URL_HEAD_BYTES,
  HTTP_API_IDLE_MS,
  LAMBDA_RESPONSE_BYTES,
} from '../../model/aws-limits.ts';
import { awsNames } from '../../model/metric.ts';
import type { EmptyKeys } from '../../payload/api-event.ts';
import { functionUrlAnswer, functionUrlEvent } from '../../payload/function-url.ts';
import {
  type BadAnswer,
  type BadRequest,
  type Field,
  type HttpAnswer,
  isBad,
} from '../../payload/http-message.ts';
import { PreludeReader } from '../../payload/prelude.ts';
import { type FrontRules, functionUrlFront } from '../../routing/front-rules.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { targetRequest } from './alb-headers.ts';
import { CorsAnswers } from './cors.ts';
import { type DoorKind, fieldLines, type OwnAnswer, type Refused } from './door-kind.ts';
import type { ServedRequest } from './served-request.ts';
import { isPrelude } from './streamed-answer.ts';

/** Stands for the account of a caller nobody knows. */
const ANONYMOUS = 'anonymous';

const NOTHING = Buffer.alloc(0);

export class UrlDoor implements DoorKind {
  readonly front: FrontRules;
  readonly headLimits = { total: FUNCTION_URL_HEAD_BYTES, line: FUNCTION_URL_HEAD_BYTES };
  readonly idleTimeoutMs = HTTP_API_IDLE_MS;
  readonly keepAliveMs = Number.POSITIVE_INFINITY;
  readonly paysForHeads = false;
  readonly timeoutMs = undefined;
  readonly lambdaAnswerBytes = LAMBDA_RESPONSE_BYTES;
  readonly streams: boolean;
  readonly services = undefined;
  readonly #rng: Rng;
  readonly #cors: CorsAnswers | undefined;
  readonly #urlId: string;
  readonly #emptyKeys: EmptyKeys;

  constructor(app: App, name: string, url: FunctionUrl, rng: Rng) {
    this.front = functionUrlFront(app.local.assume);
    this.streams = url.invokeMode === 'stream';
    this.#rng = rng;
    this.#cors = url.cors && new CorsAnswers(url.cors);
    this.#emptyKeys = app.local.assume.emptyKeys;
    this.#urlId = awsNames(app.name).functionUrl(name);
  }

  begin(request: ServedRequest): Refused | undefined {
    request.api = { requestId: this.#rng.uuid(), match: undefined, authorizer: undefined };
    return undefined;
  }

  answersItself(request: ServedRequest): OwnAnswer | undefined {
    const fields = this.#cors?.preflight(request.exchange.head);
    if (fields === undefined) return undefined;
    const lines = fieldLines([...fields, ...idFields(request)]);
    const body = { kind: 'length', bytes: 0 } as const;
    return { start: { status: 200, reason: 'OK', fields: lines, body }, body: NOTHING };
  }

  admit(): Promise<Refused | undefined> | undefined {
    return undefined;
  }

  /** 502 was captured as this text; the others follow the words of Lambda's own API. */
  ownAnswer(status: number, request: ServedRequest | undefined, more: string): OwnAnswer {
    const reason = STATUS_CODES[status] ?? '';
    const message = status === 429 ? 'Rate Exceeded.' : reason;
    const text = status >= 500 ? 'Internal Server Error' : JSON.stringify({ message });
    const body = Buffer.from(text);
    const own = request === undefined ? [] : this.#added(request);
    const fields = `${more}content-type: application/json\r\n${fieldLines(own)}`;
    const framing = { kind: 'length', bytes: body.length } as const;
    return { start: { status, reason, fields, body: framing }, body };
  }

  errorReason(): string | undefined {
    return undefined;
  }

  functionEvent(
    request: ServedRequest,
    _target: InvocationTarget,
    body: Buffer,
  ): Buffer | BadRequest {
    const { exchange, api, startedWall } = request;
    const call = {
      accountId: ANONYMOUS,
      apiId: this.#urlId,
      domainName: exchange.head.host.replace(/:\d+$/, ''),
      requestId: api?.requestId ?? '',
      timeMs: startedWall,
      iam: undefined,
    };
    return functionUrlEvent(targetRequest(request, body), call, this.#emptyKeys);
  }

  /** A function that streams is also understood where the URL does not ask for a stream. */
  functionAnswer(payload: Buffer, contentType: string): HttpAnswer | BadAnswer {
    return isPrelude(contentType) ? wholeStream(payload) : functionUrlAnswer(payload);
  }

  /** Its own CORS fields and those of the function both go to the client. */
  functionFields(request: ServedRequest, fields: readonly Field[]): string {
    return fieldLines([...fields, ...this.#added(request)]);
  }

  #added(request: ServedRequest): readonly Field[] {
    const cors = this.#cors?.fields(request.exchange.head) ?? [];
    return [...cors, ...idFields(request)];
  }
}

function idFields({ api, traceId }: ServedRequest): readonly Field[] {
  const id = ['x-amzn-requestid', api?.requestId ?? ''] as const;
  return [id, ['x-amzn-trace-id', traceId]];
}

function wholeStream(payload: Buffer): HttpAnswer | BadAnswer {
  const reader = new PreludeReader();
  const step = reader.push(payload);
  if (step.kind === 'head') return { ...step.head, reason: undefined, body: step.body };
  if (step.kind === 'bad') return step.bad;
  const bad = reader.end();
  return bad !== undefined && isBad(bad) ? bad : { problem: 'ends within its prelude' };
}
