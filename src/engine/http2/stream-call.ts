// What a call to a program that speaks HTTP/2 and those who make it say to each other. Nothing here
// loads node:http2.

import type { ResponseHead } from '../http1/head.ts';
import type { UpstreamFailure } from '../http1/upstream-call.ts';

export type StreamFailure =
  | UpstreamFailure
  /** The program gave up this request alone. */
  | { readonly kind: 'reset'; readonly problem: string };

export interface StreamRequest {
  readonly method: string;
  /** With the pseudo fields; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Something follows the head. */
  readonly body: boolean;
}

export interface StreamSink {
  /** The body may be written from now on. Called once at most. */
  begun(): void;
  head(head: ResponseHead): void;
  data(chunk: Buffer): void;
  /** Lines "name: value" that followed the answer. */
  end(trailers: readonly string[]): void;
  fail(failure: StreamFailure): void;
  /** What was written has been taken. */
  drain(): void;
}

export interface StreamCall {
  /** To be called once. */
  start(): void;
  /** False when the program does not keep up: wait for `drain`. */
  write(chunk: Buffer): boolean;
  endBody(trailers: readonly string[]): void;
  pause(): void;
  resume(): void;
  /** Nobody wants the answer any more. No further callback follows. */
  abort(): void;
}

export interface StreamUpstream {
  call(request: StreamRequest, sink: StreamSink): StreamCall;
  /** Ends every session; calls under way fail. */
  close(): void;
}
