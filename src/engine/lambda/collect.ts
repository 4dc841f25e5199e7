// Collects the answer of a program as Lambda does: whole, and not more than a load balancer takes.

import { ALB_LAMBDA_BODY_BYTES } from '../../model/aws-limits.ts';
import type { ResponseHead } from '../http1/head.ts';

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

  head(head: ResponseHead): void {
    this.#head = head;
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= ALB_LAMBDA_BODY_BYTES) {
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

/** A body this small fits as JSON whatever it holds: no byte takes more than 6 in a JSON text. */
const SURELY_FITS_BYTES = Math.floor(ALB_LAMBDA_BODY_BYTES / 6) - 64 * 1024;

const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml|yaml)\b|[^;]*\+(json|xml|yaml)\b)/i;

/**
 * Bytes of the JSON in which the answer travels from the function to the load balancer: text as a
 * JSON string, anything else in base64, as the Lambda Web Adapter encodes it.
 */
export function jsonBytes({ head, body }: Collected): number {
  if (body.length <= SURELY_FITS_BYTES) return body.length;
  const fields = Buffer.byteLength(JSON.stringify(head.fields));
  const encoded = isText(head)
    ? Buffer.byteLength(JSON.stringify(body.toString('utf8')))
    : Math.ceil(body.length / 3) * 4;
  return fields + encoded + 100;
}

function isText(head: ResponseHead): boolean {
  if (head.names.includes('content-encoding')) return false;
  const index = head.names.indexOf('content-type');
  return index === -1 || TEXT_TYPE.test(head.fields[2 * index + 1] ?? '');
}
