// The access log of the load balancer: what became of each request, as a line of AWS's format.

import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { App } from '../../model/app.ts';
import { awsNames, LOCAL_ACCOUNT } from '../../model/metric.ts';
import { type AccessLogEntry, accessLogLine } from '../../payload/access-log-line.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { Peer } from '../http1/peer.ts';
import type { AccessLogFile } from './access-log-file.ts';
import { fieldValue } from './alb-headers.ts';
import type { DoorKind } from './door-kind.ts';
import type { ServedRequest } from './served-request.ts';

export interface AccessLog {
  note(request: ServedRequest, now: Millis): void;
  /** A request that could not be read was answered with `status`. */
  malformed(peer: Peer, status: number, sentBytes: number): void;
}

export interface AccessLogParts {
  readonly app: App;
  readonly kind: DoorKind;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly file: Pick<AccessLogFile, 'write'>;
}

export function accessLog(parts: AccessLogParts): AccessLog {
  return new AlbAccessLog(parts);
}

class AlbAccessLog implements AccessLog {
  readonly #parts: AccessLogParts;
  readonly #names: ReturnType<typeof awsNames>;
  readonly #certificate: string;

  constructor(parts: AccessLogParts) {
    this.#parts = parts;
    const { name, region } = parts.app;
    this.#names = awsNames(name);
    this.#certificate = `arn:aws:acm:${region}:${LOCAL_ACCOUNT}:certificate/${name}`;
  }

  note(request: ServedRequest, now: Millis): void {
    const { exchange, startedWall, startedAt } = request;
    const { peer } = exchange;
    const entry: AccessLogEntry = {
      ...this.#ofConnection(peer, request.status, request.grpc),
      ...timesOf(request, now),
      time: isoTime(startedWall + (now - startedAt)),
      target: request.target,
      status: request.status,
      targetStatus: request.own || request.compute === undefined ? undefined : request.status,
      receivedBytes: exchange.headBytesReceived + exchange.bytesReceived,
      sentBytes: exchange.headBytesSent + exchange.bytesSent,
      request: requestLine(exchange),
      userAgent: fieldValue(exchange.head, 'user-agent'),
      targetGroup: request.targetGroup,
      traceId: request.traceId,
      priority: request.rule,
      created: isoTime(startedWall),
      actions: request.actions,
      redirectUrl: request.redirectUrl,
      errorReason: this.#errorReason(request),
      transformedHost: request.rewritten?.host,
      transformedUri: request.rewritten?.target,
      transformStatus: request.rewriteStatus,
    };
    this.#parts.file.write(accessLogLine(entry));
  }

  malformed(peer: Peer, status: number, sentBytes: number): void {
    const time = isoTime(this.#parts.clock.wall());
    const scheme = peer.tls === undefined ? 'http' : 'https';
    const entry: AccessLogEntry = {
      ...this.#ofConnection(peer, status, false),
      ...NOT_SENT,
      time,
      target: undefined,
      status,
      targetStatus: undefined,
      receivedBytes: 0,
      sentBytes,
      request: `- ${scheme}://127.0.0.1:${peer.localPort}- -`,
      userAgent: undefined,
      targetGroup: undefined,
      traceId: undefined,
      priority: undefined,
      created: time,
      actions: undefined,
      redirectUrl: undefined,
      errorReason: undefined,
      transformedHost: undefined,
      transformedUri: undefined,
      transformStatus: undefined,
    };
    this.#parts.file.write(accessLogLine(entry));
  }

  #ofConnection(peer: Peer, status: number, grpc: boolean) {
    const { tls } = peer;
    peer.traceId ??= `TID_${this.#parts.rng.hex(32)}`;
    return {
      type: grpc ? ('grpcs' as const) : typeOf(peer, status),
      balancer: this.#names.loadBalancer,
      client: `${peer.address.includes(':') ? `[${peer.address}]` : peer.address}:${peer.port}`,
      cipher: tls?.cipher,
      protocol: tls?.protocol,
      serverName: tls?.serverName,
      certificate: tls === undefined ? undefined : this.#certificate,
      connectionId: peer.traceId,
    };
  }

  #errorReason({ compute, fault }: ServedRequest): string | undefined {
    if (compute !== 'lambda' || fault === undefined) return undefined;
    return this.#parts.kind.errorReason(fault);
  }
}

function typeOf({ tls, http2 }: Peer, status: number): AccessLogEntry['type'] {
  if (http2) return 'h2';
  if (status === 101) return tls === undefined ? 'ws' : 'wss';
  return tls === undefined ? 'http' : 'https';
}

const NOT_SENT = {
  requestSeconds: undefined,
  targetSeconds: undefined,
  responseSeconds: undefined,
} as const;

/** A failure that comes after the request was sent counts as not sent, as on AWS. */
function timesOf({ startedAt, sentAt, answeredAt, own, status }: ServedRequest, now: Millis) {
  const answered = answeredAt ?? (own ? undefined : now);
  if (sentAt === undefined) return NOT_SENT;
  if (answered === undefined) {
    return status === 460 ? { ...NOT_SENT, requestSeconds: (sentAt - startedAt) / 1000 } : NOT_SENT;
  }
  return {
    requestSeconds: (sentAt - startedAt) / 1000,
    targetSeconds: (answered - sentAt) / 1000,
    // The head goes on to the client in the turn in which it came.
    responseSeconds: 0,
  };
}

function requestLine({ head, peer }: Exchange): string {
  const scheme = peer.tls === undefined ? 'http' : 'https';
  const host = head.host === '' ? '127.0.0.1' : head.host;
  const has = /:\d+$/.test(host);
  const version = peer.http2 ? '2.0' : `1.${head.minorVersion}`;
  const port = has ? '' : `:${peer.localPort}`;
  return `${head.method} ${scheme}://${host}${port}${head.target} HTTP/${version}`;
}

/** With six digits after the second. */
function isoTime(wall: Millis): string {
  return `${new Date(wall).toISOString().slice(0, -1)}000Z`;
}
