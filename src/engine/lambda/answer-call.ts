// The answer of a runtime to an invocation, as it arrives: a response in one piece or in a stream, or
// an error.

import type { RuntimeSession } from '../../fleet/runtime-session.ts';
import { LAMBDA_RESPONSE_BYTES } from '../../model/aws-limits.ts';
import { fieldValue } from '../front-door/alb-headers.ts';
import type { Exchange, ExchangeUser } from '../http1/exchange.ts';
import { errorTypeOf, replyJson, replyRefusal } from './runtime-calls.ts';

export interface RuntimeError {
  readonly type: string;
  /** What the runtime sent, as it is. */
  readonly payload: Buffer;
}

/** The invocation under way. */
export interface AnswerListener {
  /** True when `id` is the attempt that is under way. */
  isAttempt(id: string): boolean;
  answerBegins(call: AnswerCall, contentType: string): void;
  /** "wait": `resume` is called when more can be taken. "too-large": nothing more is. */
  answerData(chunk: Buffer): 'more' | 'wait' | 'too-large';
  /** All of it came; a stream may end with an error. */
  answerEnds(error: RuntimeError | undefined): void;
  /** It cannot be used: too large, or of a mode that does not exist. */
  answerRefused(errorType: string, message: string): void;
  /** The connection broke in the middle of it. */
  answerBroken(): void;
  /** The runtime reported an error instead. */
  answeredError(error: RuntimeError): void;
}

export interface AnswerParts {
  readonly session: RuntimeSession;
  readonly answers: AnswerListener;
}

type State = 'arriving' | 'refused' | 'over';

const TOO_LARGE = {
  status: 413,
  errorType: 'RequestEntityTooLarge',
  errorMessage: `Exceeded maximum allowed payload size (${LAMBDA_RESPONSE_BYTES} bytes).`,
} as const;

const WRONG_MODE = {
  status: 400,
  errorType: 'InvalidFunctionResponseMode',
  errorMessage: 'Invalid function response mode',
} as const;

const WRONG_ATTEMPT = {
  status: 400,
  errorType: 'InvalidInvocationId',
  errorMessage: 'Invalid invocation ID',
} as const;

interface Reason {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

export class AnswerCall implements ExchangeUser {
  readonly #exchange: Exchange;
  readonly #kind: 'response' | 'error';
  readonly #id: string;
  readonly #parts: AnswerParts;
  #state: State = 'arriving';
  /** It is the answer to the invocation under way, and not one that was turned away. */
  #accepted = false;
  /** Why the call is refused; what is left of its body is read and dropped first. */
  #reason: Reason | undefined;
  /** Of an error. */
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(exchange: Exchange, kind: 'response' | 'error', id: string, parts: AnswerParts) {
    this.#exchange = exchange;
    this.#kind = kind;
    this.#id = id;
    this.#parts = parts;
  }

  begin(): void {
    const { session, answers } = this.#parts;
    const { head } = this.#exchange;
    this.#exchange.attach(this);
    const attempt = fieldValue(head, 'lambda-runtime-invocation-id');
    const wrongAttempt =
      attempt !== undefined && session.requestId === this.#id && !answers.isAttempt(attempt);
    const refusal = wrongAttempt ? WRONG_ATTEMPT : session.answerBegins(this.#id, this.#kind);
    this.#accepted = refusal === undefined;
    if (refusal !== undefined) this.#refuse(refusal);
    else if (this.#kind === 'response') this.#beginResponse();
    this.#exchange.receive();
  }

  #beginResponse(): void {
    const { answers } = this.#parts;
    const { head } = this.#exchange;
    const mode = fieldValue(head, 'lambda-runtime-function-response-mode');
    if (mode !== undefined && mode !== 'streaming') {
      this.#refuse(WRONG_MODE);
      answers.answerRefused('Runtime.InvalidResponseModeHeader', WRONG_MODE.errorMessage);
      return;
    }
    const fallback = mode === undefined ? 'application/json' : 'application/octet-stream';
    answers.answerBegins(this, fieldValue(head, 'content-type') ?? fallback);
  }

  /** More can be taken. */
  resume(): void {
    if (this.#state === 'arriving') this.#exchange.resume();
  }

  #refuse(reason: Reason): void {
    this.#state = 'refused';
    this.#reason = reason;
  }

  bodyData(chunk: Buffer): void {
    if (this.#state !== 'arriving') return;
    if (this.#kind === 'error') {
      this.#bytes += chunk.length;
      if (this.#bytes <= LAMBDA_RESPONSE_BYTES) this.#chunks.push(chunk);
      else this.#tooLarge();
      return;
    }
    const taken = this.#parts.answers.answerData(chunk);
    if (taken === 'wait') this.#exchange.pause();
    else if (taken === 'too-large') this.#tooLarge();
  }

  #tooLarge(): void {
    this.#refuse(TOO_LARGE);
    const message = `Response payload size exceeded maximum allowed payload size (${LAMBDA_RESPONSE_BYTES} bytes).`;
    this.#parts.answers.answerRefused('Function.ResponseSizeTooLarge', message);
  }

  bodyEnd(): void {
    const { session, answers } = this.#parts;
    const state = this.#state;
    this.#state = 'over';
    if (this.#accepted) session.answerEnds();
    if (state === 'refused') {
      if (this.#reason !== undefined) replyRefusal(this.#exchange, this.#reason);
      return;
    }
    replyJson(this.#exchange, 202, { status: 'OK' });
    const { head } = this.#exchange;
    if (this.#kind === 'error') {
      answers.answeredError({ type: errorTypeOf(head), payload: Buffer.concat(this.#chunks) });
    } else {
      answers.answerEnds(streamError(this.#exchange.trailers));
    }
  }

  bodyBroken(): void {
    this.#broke();
  }

  clientGone(): void {
    this.#broke();
  }

  #broke(): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'over';
    this.#parts.session.answerEnds();
    this.#parts.answers.answerBroken();
  }

  clientReady(): void {
    // The reply is small.
  }

  clientIdle(): void {
    // The timeout of the function bounds it.
  }
}

/** A stream that failed says so after its last chunk; the body of the error is in base64. */
function streamError(trailers: readonly string[]): RuntimeError | undefined {
  const values = new Map(
    trailers.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const type = values.get('lambda-runtime-function-error-type');
  if (type === undefined) return undefined;
  const body = values.get('lambda-runtime-function-error-body') ?? '';
  return { type, payload: Buffer.from(body, 'base64') };
}
