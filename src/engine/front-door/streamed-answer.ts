// The answer of a function that comes as a stream: what its prelude says is the head; without one it
// is a 200 with the content type of the stream.

import { type Field, isBad } from '../../payload/http-message.ts';
import { PRELUDE_CONTENT_TYPE, PreludeReader, type StreamHead } from '../../payload/prelude.ts';
import { beginAnswer, isBodyless, NO_BODY, notFinal } from './function-answer-head.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';

export interface StreamOwner {
  /** `problem` ends the sentence "the answer of the function …". Nothing was sent yet. */
  answerInvalid(problem: string): void;
}

export class StreamedAnswer {
  readonly #request: ServedRequest;
  readonly #end: WayEnd;
  readonly #owner: StreamOwner;
  #prelude: PreludeReader | undefined;
  #bodyless = false;

  constructor(request: ServedRequest, end: WayEnd, owner: StreamOwner) {
    this.#request = request;
    this.#end = end;
    this.#owner = owner;
  }

  begin(contentType: string): void {
    if (isPrelude(contentType)) this.#prelude = new PreludeReader();
    else this.#head(200, [['content-type', contentType]]);
  }

  /** False when the client does not keep up. */
  data(chunk: Buffer): boolean {
    if (this.#prelude === undefined) return this.#write(chunk);
    const step = this.#prelude.push(chunk);
    switch (step.kind) {
      case 'more':
        return true;
      case 'bad':
        this.#owner.answerInvalid(step.bad.problem);
        return true;
      case 'head':
        return this.#begin(step.head, step.body);
      case 'body':
        return this.#write(step.body);
    }
  }

  /** All has come. False if it is no answer, which the owner has been told then. */
  isComplete(): boolean {
    const bad = this.#prelude?.end();
    if (bad === undefined || !isBad(bad)) return true;
    this.#owner.answerInvalid(bad.problem);
    return false;
  }

  #begin({ status, fields }: StreamHead, body: Buffer): boolean {
    const problem = notFinal(status);
    if (problem !== undefined) {
      this.#owner.answerInvalid(problem);
      return true;
    }
    this.#prelude = undefined;
    this.#head(status, fields);
    return this.#write(body);
  }

  #head(status: number, fields: readonly Field[]): void {
    const { exchange } = this.#request;
    this.#bodyless = exchange.head.method === 'HEAD' || isBodyless(status);
    const body = this.#bodyless ? NO_BODY : ({ kind: 'chunked' } as const);
    beginAnswer(this.#request, this.#end, { status, reason: undefined, fields }, body);
    exchange.flush();
  }

  #write(chunk: Buffer): boolean {
    if (this.#bodyless || chunk.length === 0) return true;
    return this.#request.exchange.write(chunk);
  }
}

export function isPrelude(contentType: string): boolean {
  return contentType.split(';')[0]?.trim().toLowerCase() === PRELUDE_CONTENT_TYPE;
}
