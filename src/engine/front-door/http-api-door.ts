// The kind of front door that is an HTTP API of API Gateway.
//
// It buffers every answer, writes field names in lower case with the values of one name joined, and
// says its errors as JSON. What it adds towards a program behind a VPC link is what captures of such
// programs show: Forwarded and Via; the load balancer that such a link usually ends at adds the rest.

import { STATUS_CODES } from 'node:http';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { App, HttpApiEntry, PayloadFormat } from '../../model/app.ts';
import {
  HTTP_API_HEAD_BYTES,
  HTTP_API_IDLE_MS,
  LAMBDA_RESPONSE_BYTES,
} from '../../model/aws-limits.ts';
import { awsNames, LOCAL_ACCOUNT } from '../../model/metric.ts';
import type { Route } from '../../model/route.ts';
import type { EmptyKeys, HttpApiCall } from '../../payload/api-event.ts';
import { httpApiAnswer, httpApiEvent } from '../../payload/http-api.ts';
import { httpApi1Answer, httpApi1Event } from '../../payload/http-api-1.ts';
import type { BadAnswer, BadRequest, Field, HttpAnswer } from '../../payload/http-message.ts';
import { type FrontRules, httpApiFront } from '../../routing/front-rules.ts';
import type { Slot } from '../fargate/slot.ts';
import type { ResponseHead } from '../http1/head.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { answerList, fieldValue, targetFields, targetRequest } from './alb-headers.ts';
import { CorsAnswers, isCorsField } from './cors.ts';
import {
  type DoorKind,
  fieldLines,
  type OwnAnswer,
  type Refused,
  type ServicePassage,
} from './door-kind.ts';
import { JwtGate } from './jwt-gate.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import { forwardWhole } from './whole-forward.ts';

const NO_ROUTE = { routeKey: '$default', parameters: {} };

export class HttpApiDoor implements DoorKind, ServicePassage {
  readonly front: FrontRules;
  readonly headLimits = { total: HTTP_API_HEAD_BYTES, line: HTTP_API_HEAD_BYTES };
  readonly idleTimeoutMs = HTTP_API_IDLE_MS;
  readonly keepAliveMs = Number.POSITIVE_INFINITY;
  readonly paysForHeads = false;
  readonly timeoutMs: Millis;
  readonly lambdaAnswerBytes = LAMBDA_RESPONSE_BYTES;
  readonly streams = false;
  readonly services = this;
  readonly #rng: Rng;
  readonly #payload: PayloadFormat;
  readonly #emptyKeys: EmptyKeys;
  readonly #apiId: string;
  readonly #cors: CorsAnswers | undefined;
  readonly #gate: JwtGate | undefined;

  constructor(app: App, entry: HttpApiEntry, clock: Clock, rng: Rng) {
    this.front = httpApiFront(app.local.assume, entry);
    this.timeoutMs = entry.timeoutMs;
    this.#rng = rng;
    this.#payload = entry.payload;
    this.#emptyKeys = app.local.assume.emptyKeys;
    this.#apiId = awsNames(app.name).httpApi;
    this.#cors = entry.cors && new CorsAnswers(entry.cors);
    this.#gate =
      entry.authorizer && new JwtGate(entry.authorizer, app.local.assume.jwtScopeStatus, clock);
  }

  begin(request: ServedRequest): Refused | undefined {
    const requestId = apiRequestId(this.#rng);
    request.api = { requestId, match: undefined, authorizer: undefined };
    return undefined;
  }

  answersItself(request: ServedRequest): OwnAnswer | undefined {
    const fields = this.#cors?.preflight(request.exchange.head);
    if (fields === undefined) return undefined;
    const lines = fieldLines([...fields, ...idField(request)]);
    const start = { status: 204, reason: 'No Content', fields: lines };
    return { start: { ...start, body: { kind: 'none' } }, body: Buffer.alloc(0) };
  }

  admit(request: ServedRequest, route: Route): Promise<Refused | undefined> | undefined {
    if (this.#gate === undefined || route.open) return undefined;
    const token = fieldValue(request.exchange.head, 'authorization');
    return this.#gate.ask(token, route.scopes).then((verdict) => {
      if (verdict.kind === 'refused') return verdict;
      if (request.api !== undefined) request.api.authorizer = { jwt: verdict.jwt };
      return undefined;
    });
  }

  ownAnswer(status: number, request: ServedRequest | undefined, more: string): OwnAnswer {
    const reason = STATUS_CODES[status] ?? '';
    const message = status === 413 ? 'Request Entity Too Large' : reason;
    const body = Buffer.from(JSON.stringify({ message }));
    const own =
      request === undefined
        ? [['apigw-requestid', apiRequestId(this.#rng)] as const]
        : this.#added(request);
    const fields = `${more}content-type: application/json\r\n${fieldLines(own)}`;
    const framing = { kind: 'length', bytes: body.length } as const;
    return { start: { status, reason: message, fields, body: framing }, body };
  }

  errorReason(): string | undefined {
    return undefined;
  }

  lambdaHead(request: ServedRequest, bodyBytes: number): string {
    const { method, target } = request.exchange.head;
    const fields = joined(targetFields(request.exchange.head, request, bodyBytes), '; ');
    return `${method} ${target} HTTP/1.1\r\n${fieldLines(fields)}\r\n`;
  }

  toFargate(request: ServedRequest, slot: Slot, end: WayEnd, early: readonly Buffer[]): void {
    forwardWhole(request, slot, end, {
      early,
      head: (bodyBytes) => this.#linkHead(request, bodyBytes),
      fields: (head) => this.lambdaFields(request, head),
    });
  }

  lambdaFields(request: ServedRequest, head: ResponseHead): string {
    return this.functionFields(request, answerList(head));
  }

  functionEvent(
    request: ServedRequest,
    _target: InvocationTarget,
    body: Buffer,
  ): Buffer | BadRequest {
    const read = targetRequest(request, body);
    const call = this.#call(request);
    return this.#payload === '2.0'
      ? httpApiEvent(read, call, this.#emptyKeys)
      : httpApi1Event(read, call);
  }

  functionAnswer(payload: Buffer): HttpAnswer | BadAnswer {
    return this.#payload === '2.0' ? httpApiAnswer(payload) : httpApi1Answer(payload);
  }

  functionFields(request: ServedRequest, fields: readonly Field[]): string {
    const kept = this.#cors === undefined ? fields : fields.filter(([name]) => !isCorsField(name));
    return fieldLines([...joined(kept, ','), ...this.#added(request)]);
  }

  /** What the API says of itself with every answer. */
  #added(request: ServedRequest): readonly Field[] {
    const cors = this.#cors?.fields(request.exchange.head) ?? [];
    return [...cors, ...idField(request)];
  }

  #linkHead(request: ServedRequest, bodyBytes: number): string {
    const { exchange } = request;
    const { method, target, host } = exchange.head;
    const forwarded = `by=127.0.0.1;for=${exchange.remoteAddress};host=${host};proto=http`;
    const fields = [
      ...joined(targetFields(exchange.head, request, bodyBytes), '; '),
      ['forwarded', forwarded],
      ['via', 'HTTP/1.1 AmazonAPIGateway'],
    ] as const;
    return `${method} ${target} HTTP/1.1\r\n${fieldLines(fields)}\r\n`;
  }

  /** Its name is the one the client called it by, as on AWS, without the port. */
  #call({ api, startedWall, exchange }: ServedRequest): HttpApiCall {
    const { routeKey, parameters } = api?.match ?? NO_ROUTE;
    return {
      accountId: LOCAL_ACCOUNT,
      apiId: this.#apiId,
      domainName: exchange.head.host.replace(/:\d+$/, ''),
      requestId: api?.requestId ?? '',
      timeMs: startedWall,
      routeKey,
      stage: '$default',
      pathParameters: parameters,
      stageVariables: {},
      authorizer: api?.authorizer,
      clientCert: undefined,
    };
  }
}

function idField({ api }: ServedRequest): readonly Field[] {
  return api === undefined ? [] : [['apigw-requestid', api.requestId]];
}

/** "JKJaXmPLvHcESHA=": fifteen characters of base64 and the sign that fills them up. */
function apiRequestId(rng: Rng): string {
  return Buffer.from(rng.hex(22), 'hex').toString('base64');
}

/** Names in lower case, each once; Set-Cookie stays as many fields as it was. */
function joined(fields: readonly Field[], between: ',' | '; '): readonly Field[] {
  const list: Field[] = [];
  const places = new Map<string, number>();
  for (const [written, value] of fields) {
    const name = written.toLowerCase();
    const place = name === 'set-cookie' ? undefined : places.get(name);
    const before = place === undefined ? undefined : list[place];
    if (place === undefined || before === undefined) {
      places.set(name, list.length);
      list.push([name, value]);
    } else {
      const mark = name === 'cookie' ? between : ',';
      list[place] = [name, `${before[1]}${mark}${value}`];
    }
  }
  return list;
}
