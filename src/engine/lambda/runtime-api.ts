// The Runtime, Extensions, Telemetry and metadata APIs of one environment, at an address of its own
// that its programs find in AWS_LAMBDA_RUNTIME_API. It speaks HTTP and keeps the calls that wait;
// what is allowed is the session's, what follows from it the environment's.

import type { Clock } from '../../base/ports.ts';
import type { Extension, Refusal, RuntimeSession } from '../../fleet/runtime-session.ts';
import { fieldValue } from '../front-door/alb-headers.ts';
import type { Exchange, ResponseStart } from '../http1/exchange.ts';
import { LoopbackServer } from '../http1/loopback-server.ts';
import { AnswerCall, type AnswerListener } from './answer-call.ts';
import {
  BodyCall,
  errorTypeOf,
  Poll,
  replyJson,
  replyRefusal,
  replyText,
  replyUnknown,
} from './runtime-calls.ts';
import type { Telemetry } from './telemetry.ts';

/** What a call may be about, as the environment knows it. */
export interface RuntimeApiOwner {
  /** A runtime or an extension asked for its next event, or registered. */
  moved(): void;
  runtimeInitFailed(errorType: string, payload: Buffer): void;
  extensionRegistered(extension: Extension): void;
  extensionFailed(extension: Extension, phase: 'init' | 'exit', errorType: string): void;
}

export interface RuntimeApiFacts {
  readonly functionName: string;
  readonly version: string;
  readonly handler: string;
  readonly accountId: string;
  readonly availabilityZoneId: string;
  /** Secret of the metadata endpoint. */
  readonly metadataToken: string;
}

export interface RuntimeApiParts {
  readonly clock: Clock;
  readonly session: RuntimeSession;
  readonly facts: RuntimeApiFacts;
  readonly telemetry: Telemetry;
  readonly owner: RuntimeApiOwner;
  readonly answers: AnswerListener;
}

/** An event for the runtime: the head fields, and the body. */
export interface RuntimeEvent {
  /** Lines "Name: value\r\n". */
  readonly fields: string;
  readonly payload: Buffer;
}

const RUNTIME = '/2018-06-01/runtime/';
const INVOCATION = `${RUNTIME}invocation/`;
const EXTENSION = '/2020-01-01/extension/';
const METADATA = '/2026-01-15/metadata/execution-environment';

/** Nothing a runtime sends has a larger head. [LDG:gettingstarted-limits] */
const HEAD_BYTES = 1024 * 1024;
/** A long poll waits as long as it takes: connections are closed with the environment. */
const NEVER_IDLE = Number.POSITIVE_INFINITY;

const MALFORMED_BODY = Buffer.from('400 Bad Request');
const MALFORMED: ResponseStart = {
  status: 400,
  reason: 'Bad Request',
  fields: 'Content-Type: text/plain; charset=utf-8\r\n',
  body: { kind: 'length', bytes: MALFORMED_BODY.length },
};

export class RuntimeApi {
  readonly #parts: RuntimeApiParts;
  readonly #server: LoopbackServer;
  readonly #runtimePolls = new Set<Poll>();
  readonly #extensionPolls = new Map<string, Poll>();
  /** What the runtime has or gets next. */
  #event: RuntimeEvent | undefined;
  #extensionEvent: { readonly id: string; readonly text: string } | undefined;

  constructor(parts: RuntimeApiParts) {
    this.#parts = parts;
    const limits = { headBytes: HEAD_BYTES, lineBytes: HEAD_BYTES, idleMs: NEVER_IDLE };
    this.#server = new LoopbackServer(parts.clock, limits, {
      request: (exchange) => this.#route(exchange),
      malformed: (_problem, reply) => reply(MALFORMED, MALFORMED_BODY),
    });
  }

  /** Resolves to "127.0.0.1:port". */
  async listen(): Promise<string> {
    const port = await this.#server.listen(0);
    return `127.0.0.1:${port}`;
  }

  close(): void {
    this.#server.close();
  }

  /** Hands an invocation to the runtime. */
  deliver(event: RuntimeEvent): void {
    this.#event = event;
    for (const poll of this.#runtimePolls) this.#sendEvent(poll.exchange, event);
    this.#runtimePolls.clear();
  }

  deliverToExtensions(ids: readonly string[], text: string, id: string): void {
    this.#extensionEvent = { id, text };
    for (const extension of ids) {
      const poll = this.#extensionPolls.get(extension);
      if (poll === undefined) continue;
      this.#extensionPolls.delete(extension);
      this.#sendExtensionEvent(poll.exchange);
    }
  }

  #sendEvent(exchange: Exchange, { fields, payload }: RuntimeEvent): void {
    exchange.respond({
      status: 200,
      reason: 'OK',
      fields,
      body: { kind: 'length', bytes: payload.length },
    });
    exchange.write(payload);
    exchange.end();
  }

  #sendExtensionEvent(exchange: Exchange): void {
    const { id = '', text = '{}' } = this.#extensionEvent ?? {};
    replyText(exchange, 200, text, `Lambda-Extension-Event-Identifier: ${id}\r\n`);
  }

  #route(exchange: Exchange): void {
    const { method, target } = exchange.head;
    if (method === 'GET' && target === `${INVOCATION}next`) this.#runtimeNext(exchange);
    else if (method === 'POST' && target.startsWith(INVOCATION)) this.#answer(exchange, target);
    else this.#routeRest(exchange, `${method} ${target}`);
  }

  #routeRest(exchange: Exchange, call: string): void {
    switch (call) {
      case `POST ${RUNTIME}init/error`:
        this.#runtimeInitError(exchange);
        return;
      case `POST ${EXTENSION}register`:
        this.#register(exchange);
        return;
      case `GET ${EXTENSION}event/next`:
        this.#extensionNext(exchange);
        return;
      case `POST ${EXTENSION}init/error`:
        this.#extensionError(exchange, 'init');
        return;
      case `POST ${EXTENSION}exit/error`:
        this.#extensionError(exchange, 'exit');
        return;
      case 'PUT /2022-07-01/telemetry':
        this.#subscribe(exchange);
        return;
      case 'PUT /2020-08-15/logs':
        replyJson(exchange, 202, {
          errorMessage: 'Logs API is not supported',
          errorType: 'Logs.NotSupported',
        });
        return;
      case 'GET /2018-06-01/ping':
        replyText(exchange, 200, 'pong', 'Content-Type: text/plain; charset=utf-8\r\n');
        return;
      default:
        if (exchange.head.target.startsWith(METADATA)) this.#metadata(exchange);
        else replyUnknown(exchange);
    }
  }

  #runtimeNext(exchange: Exchange): void {
    const { session, owner } = this.#parts;
    const asked = session.runtimeAsks();
    if (asked === 'deliver' && this.#event !== undefined) {
      this.#sendEvent(exchange, this.#event);
    } else if (typeof asked === 'object') {
      replyRefusal(exchange, asked);
    } else {
      this.#runtimePolls.add(new Poll(exchange, (poll) => this.#runtimePolls.delete(poll)));
      owner.moved();
    }
  }

  #answer(exchange: Exchange, target: string): void {
    const slash = target.indexOf('/', INVOCATION.length);
    const kind = target.slice(slash + 1);
    if (slash === -1 || (kind !== 'response' && kind !== 'error')) {
      replyUnknown(exchange);
      return;
    }
    const id = target.slice(INVOCATION.length, slash);
    new AnswerCall(exchange, kind, id, this.#parts).begin();
  }

  #runtimeInitError(exchange: Exchange): void {
    const { session, owner } = this.#parts;
    const refusal = session.runtimeInitFails();
    new BodyCall(exchange, (body) => {
      if (refusal !== undefined) {
        replyRefusal(exchange, refusal);
        return;
      }
      replyJson(exchange, 202, { status: 'OK' });
      owner.runtimeInitFailed(errorTypeOf(exchange.head), body);
    });
  }

  #register(exchange: Exchange): void {
    const { session, owner, facts } = this.#parts;
    new BodyCall(exchange, (body) => {
      const events = registeredEvents(body);
      if (events === undefined) {
        replyRefusal(exchange, {
          status: 403,
          errorType: 'InvalidRequestFormat',
          errorMessage: 'Invalid request format',
        });
        return;
      }
      const name = fieldValue(exchange.head, 'lambda-extension-name') ?? '';
      const registered = session.register({ name, events });
      if ('status' in registered) {
        replyRefusal(exchange, registered);
        return;
      }
      const features = fieldValue(exchange.head, 'lambda-extension-accept-feature') ?? '';
      const wantsAccount = features.split(',').some((one) => one.trim() === 'accountId');
      const { functionName, version: functionVersion, handler, accountId } = facts;
      const answer = { functionName, functionVersion, handler };
      replyText(
        exchange,
        200,
        JSON.stringify(wantsAccount ? { ...answer, accountId } : answer),
        `Lambda-Extension-Identifier: ${registered.id}\r\n`,
      );
      owner.extensionRegistered(registered);
      owner.moved();
    });
  }

  #extensionNext(exchange: Exchange): void {
    const { session, owner } = this.#parts;
    const id = fieldValue(exchange.head, 'lambda-extension-identifier') ?? '';
    const asked = session.extensionAsks(id);
    if (typeof asked === 'object') {
      replyRefusal(exchange, asked);
      return;
    }
    this.#extensionPolls.set(
      id,
      new Poll(exchange, (poll) => {
        if (this.#extensionPolls.get(id) === poll) this.#extensionPolls.delete(id);
      }),
    );
    owner.moved();
  }

  #extensionError(exchange: Exchange, phase: 'init' | 'exit'): void {
    const { session, owner } = this.#parts;
    new BodyCall(exchange, () => {
      const id = fieldValue(exchange.head, 'lambda-extension-identifier') ?? '';
      const type = fieldValue(exchange.head, 'lambda-extension-function-error-type') ?? '';
      const failed = type === '' ? MISSING_ERROR_TYPE : session.extensionFails(id, phase);
      if ('status' in failed) {
        replyRefusal(exchange, failed);
        return;
      }
      replyJson(exchange, 202, { status: 'OK' });
      owner.extensionFailed(failed, phase, type);
    });
  }

  #subscribe(exchange: Exchange): void {
    const { session, telemetry } = this.#parts;
    new BodyCall(exchange, (body) => {
      const id = fieldValue(exchange.head, 'lambda-extension-identifier') ?? '';
      const extension = session.find(id);
      if (extension === undefined) {
        replyRefusal(exchange, UNKNOWN_EXTENSION);
        return;
      }
      const open = session.phase === 'extensions' || session.phase === 'runtime';
      const refusal = open ? telemetry.subscribe(extension, body) : SUBSCRIPTION_CLOSED;
      if (refusal === undefined) replyText(exchange, 200, '"OK"');
      else replyRefusal(exchange, refusal);
    });
  }

  #metadata(exchange: Exchange): void {
    const { facts } = this.#parts;
    const { head } = exchange;
    if (head.method !== 'GET') {
      replyText(exchange, 405, '');
    } else if (fieldValue(head, 'authorization') !== `Bearer ${facts.metadataToken}`) {
      replyText(exchange, 401, '');
    } else {
      replyText(
        exchange,
        200,
        JSON.stringify({ AvailabilityZoneID: facts.availabilityZoneId }),
        'Cache-Control: private, max-age=43200, immutable\r\n',
      );
    }
  }
}

const MISSING_ERROR_TYPE: Refusal = {
  status: 403,
  errorType: 'Extension.MissingHeader',
  errorMessage: 'Lambda-Extension-Function-Error-Type not found',
};

const UNKNOWN_EXTENSION: Refusal = {
  status: 403,
  errorType: 'Extension.UnknownExtensionIdentifier',
  errorMessage: 'Unknown extension',
};

const SUBSCRIPTION_CLOSED: Refusal = {
  status: 403,
  errorType: 'Telemetry.SubscriptionClosed',
  errorMessage: 'Telemetry API subscription is closed already',
};

function registeredEvents(body: Buffer): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { events = [] } = parsed as { readonly events?: unknown };
    if (!Array.isArray(events) || !events.every((one) => typeof one === 'string')) return undefined;
    return events;
  } catch {
    return undefined;
  }
}
