// A request that waits until it is known who sends it.

import { toFault } from '../../base/fault.ts';
import type { ExchangeUser } from '../http1/exchange.ts';
import type { Refused } from './door-kind.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';

export class Admission implements ExchangeUser {
  readonly #request: ServedRequest;
  readonly #end: WayEnd;
  #gone = false;

  constructor(request: ServedRequest, end: WayEnd) {
    this.#request = request;
    this.#end = end;
    request.exchange.attach(this);
  }

  /** Calls `decided` unless the client goes away first. */
  wait(
    answer: Promise<Refused | undefined>,
    decided: (refused: Refused | undefined) => void,
  ): void {
    void answer
      .catch((error: unknown): Refused => ({ status: 500, fault: toFault(error) }))
      .then((refused) => {
        if (!this.#gone) decided(refused);
      });
  }

  clientGone(): void {
    this.#gone = true;
    this.#end.clientGone(this.#request);
  }

  bodyData(): void {
    // No body is taken yet.
  }

  bodyEnd(): void {
    // No body is taken yet.
  }

  bodyBroken(): void {
    // No body is taken yet.
  }

  clientReady(): void {
    // Nothing is sent yet.
  }

  clientIdle(): void {
    // Asking has a limit of its own.
  }
}
