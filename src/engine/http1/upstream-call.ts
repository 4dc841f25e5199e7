// What a pool of connections, a connection and the call it carries say to each other.

import type { Socket } from 'node:net';
import type { Clock } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { ResponseHead } from './head.ts';

export interface UpstreamSettings {
  readonly port: number;
  readonly connectTimeoutMs: Millis;
  readonly maxHeadBytes: number;
  readonly clock: Clock;
}

export type UpstreamFailure =
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'connect-timeout'; readonly problem: string }
  | { readonly kind: 'closed'; readonly problem: string }
  | { readonly kind: 'malformed'; readonly problem: string };

export interface UpstreamRequest {
  /** The whole head with its empty line, in latin1. */
  readonly head: string;
  readonly method: string;
  /** What follows the head. */
  readonly body: 'none' | 'plain' | 'chunked';
  readonly upgrade: boolean;
}

/** What the connection tells the call it carries. */
export interface ConnectionCall {
  readonly request: UpstreamRequest;
  head(head: ResponseHead): void;
  data(chunk: Buffer): void;
  packet(): void;
  drain(): void;
  end(): void;
  upgraded(head: ResponseHead, socket: Socket, early: Buffer): void;
  fail(failure: UpstreamFailure): void;
}
