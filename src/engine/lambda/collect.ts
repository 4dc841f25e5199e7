// Collects the answer of a program as Lambda does: whole, and not more than the front door takes.

import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import { adapterPayload } from '../../payload/adapter-answer.ts';
import { isBad } from '../../payload/http-message.ts';
import { fieldPairs, type ResponseHead } from '../http1/head.ts';

export interface Collected {
  readonly head: ResponseHead;
  readonly body: Buffer;
}

export class Collector {
  /** Bytes seen so far, also those dropped because they were too many. */
  bytes = 0;
  tooLarge = false;
  #head: ResponseHead | undefined;
  #chunks: Buffer[] = [];
  readonly #limitBytes: number;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= this.#limitBytes) {
      this.#chunks.push(chunk);
    } else {
      this.tooLarge = true;
      this.#chunks = [];
    }
  }

  /** Undefined before a head came. */
  take(): Collected | undefined {
    if (this.#head === undefined) return undefined;
    const [only] = this.#chunks;
    const whole = this.#chunks.length === 1 && only !== undefined;
    return { head: this.#head, body: whole ? only : Buffer.concat(this.#chunks) };
  }
}

/** A body this small fits whatever it holds: no byte takes more than 6 in JSON, headers stand twice. */
const SURELY_FITS_BYTES = Math.floor(ALB_LAMBDA_BODY_BYTES / 6) - 128 * 1024;

/** Bytes of the JSON in which the answer travels from the function to the front door. */
export function jsonBytes({ head, body }: Collected): number {
  if (body.length <= SURELY_FITS_BYTES) return body.length;
  const payload = adapterPayload('alb', { status: head.status, fields: fieldPairs(head), body });
  return isBad(payload) ? body.length : payload.length;
}
