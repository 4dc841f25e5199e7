// The fields a load balancer writes, passes on and keeps to itself.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { AlbEntry } from '../../model/app.ts';
import { ALB_TRACE_HEADER_BYTES } from '../../model/aws-limits.ts';
import { type Field, HOP_BY_HOP, type HttpRequest } from '../../payload/http-message.ts';
import type { Addressed } from '../../routing/rewrite.ts';
import type { Slot } from '../fargate/slot.ts';
import type { Exchange } from '../http1/exchange.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';
import type { Peer } from '../http1/peer.ts';
import type { ServedRequest } from './served-request.ts';

/** Written anew for every request. */
const REWRITTEN = new Set([
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
  'expect',
  'host',
]);

/** Asks for a compute in development; never leaves the front door. */
export const FORCE_FIELD = 'x-fulcrum-force';

/** All values of a field, by its lower-case name. */
export function fieldValues(head: RequestHead, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < head.names.length; index += 1) {
    if (head.names[index] === name) values.push(head.fields[2 * index + 1] ?? '');
  }
  return values;
}

/** All values joined as one list, or undefined without the field. */
export function fieldValue(head: RequestHead, name: string): string | undefined {
  const index = head.names.indexOf(name);
  if (index === -1) return undefined;
  if (head.names.indexOf(name, index + 1) === -1) return head.fields[2 * index + 1];
  return fieldValues(head, name).join(', ');
}

export interface Forwarding {
  readonly exchange: Pick<Exchange, 'peer'>;
  readonly forwardedFor: string | undefined;
  readonly traceId: string;
  /** Takes the place of what the client asked for. */
  readonly rewritten: Addressed | undefined;
}

/** What the attributes of a load balancer say about fields. */
export type ForwardingRules = Pick<AlbEntry, 'forwardedFor' | 'clientPort' | 'preserveHost'>;

/** Of front doors that have no such attributes. */
const PLAIN: ForwardingRules = { forwardedFor: 'append', clientPort: false, preserveHost: true };

/**
 * The request line and fields that go to a target, with the empty line. Trailers are not passed on.
 * `framing` is the line that frames the body, or "".
 */
export function targetHead(
  head: RequestHead,
  forwarding: Forwarding,
  framing: string,
  rules: ForwardingRules = PLAIN,
): string {
  const dropped = connectionNames(head);
  const { peer } = forwarding.exchange;
  const { target, host } = forwarding.rewritten ?? head;
  const sent = rules.preserveHost ? host : hostWithPort(host, peer.localPort);
  let text = `${head.method} ${target} HTTP/1.1\r\nHost: ${sent}\r\n`;
  const { names, fields } = head;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (HOP_BY_HOP.has(name) || REWRITTEN.has(name) || dropped?.has(name) === true) continue;
    if (name === 'content-length' || name === FORCE_FIELD) continue;
    text += `${fields[2 * index]}: ${fields[2 * index + 1]}\r\n`;
  }
  const chain = forwardersOf(peer, forwarding.forwardedFor, rules);
  if (chain !== undefined) text += `X-Forwarded-For: ${chain}\r\n`;
  return (
    `${text}X-Forwarded-Proto: ${protocolOf(peer)}\r\nX-Forwarded-Port: ${peer.localPort}\r\n` +
    `X-Amzn-Trace-Id: ${forwarding.traceId}\r\n${framing}\r\n`
  );
}

/** X-Forwarded-For as it goes on, or undefined. [ELB:x-forwarded-headers] */
function forwardersOf(
  { address, port }: Peer,
  before: string | undefined,
  { forwardedFor, clientPort }: ForwardingRules,
): string | undefined {
  if (forwardedFor === 'preserve') return before;
  if (forwardedFor === 'remove') return undefined;
  const plain = !clientPort;
  const client = plain ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  return before === undefined ? client : `${before}, ${client}`;
}

function protocolOf({ tls }: Peer): 'http' | 'https' {
  return tls === undefined ? 'http' : 'https';
}

/**
 * Host as a load balancer sends it on unless told to preserve it: with the port of the listener, but
 * for the usual ports without any. [ELB:edit-load-balancer-attributes, host header preservation]
 */
export function hostWithPort(host: string, port: number): string {
  const colon = host.lastIndexOf(':');
  const has = colon !== -1 && host.indexOf(']', colon) === -1;
  if (port === 80 || port === 443) return has ? host.slice(0, colon) : host;
  return has || host === '' ? host : `${host}:${port}`;
}

/** The same fields as a list, for what does not travel as lines. */
export function targetFields(
  head: RequestHead,
  { exchange: { peer }, forwardedFor, traceId, rewritten }: Forwarding,
  bodyBytes: number,
  rules: ForwardingRules = PLAIN,
): readonly Field[] {
  const dropped = connectionNames(head);
  const { host } = rewritten ?? head;
  const sent = rules.preserveHost ? host : hostWithPort(host, peer.localPort);
  const list: Field[] = [['host', sent]];
  const { names, fields } = head;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (HOP_BY_HOP.has(name) || REWRITTEN.has(name) || dropped?.has(name) === true) continue;
    if (name === 'content-length' || name === FORCE_FIELD) continue;
    list.push([fields[2 * index] ?? '', fields[2 * index + 1] ?? '']);
  }
  const chain = forwardersOf(peer, forwardedFor, rules);
  if (chain !== undefined) list.push(['x-forwarded-for', chain]);
  list.push(
    ['x-forwarded-proto', protocolOf(peer)],
    ['x-forwarded-port', String(peer.localPort)],
    ['x-amzn-trace-id', traceId],
  );
  if (bodyBytes > 0 || names.includes('content-length')) {
    list.push(['content-length', String(bodyBytes)]);
  }
  return list;
}

/** The request as a value, for who makes an event of it. */
export function targetRequest(
  request: Pick<ServedRequest, 'exchange'> & Forwarding,
  body: Buffer,
  rules?: ForwardingRules,
): HttpRequest {
  const { exchange, rewritten } = request;
  const { head, remoteAddress } = exchange;
  return {
    method: head.method,
    target: (rewritten ?? head).target,
    protocol: `HTTP/1.${head.minorVersion}`,
    fields: targetFields(head, request, body.length, rules),
    body,
    sourceIp: remoteAddress,
  };
}

/** The fields of a target's answer that go to the client, without those that frame it. */
export function answerList(head: ResponseHead): readonly Field[] {
  const dropped = connectionNames(head);
  const list: Field[] = [];
  const { names, fields } = head;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (HOP_BY_HOP.has(name) || dropped?.has(name) === true || name === 'content-length') continue;
    list.push([fields[2 * index] ?? '', fields[2 * index + 1] ?? '']);
  }
  return list;
}

/** The lines of a target's answer that go to the client, without those that frame it. */
export function clientFields(head: ResponseHead): string {
  const dropped = connectionNames(head);
  const framed = head.body.kind === 'length';
  let text = '';
  const { names, fields } = head;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (HOP_BY_HOP.has(name) || dropped?.has(name) === true) continue;
    if (framed && name === 'content-length') continue;
    text += `${fields[2 * index]}: ${fields[2 * index + 1]}\r\n`;
  }
  return text;
}

/** The lines that keep the client with the task that has answered, if its service asks for it. */
export function stickyFields(
  { targetCookies, exchange }: Pick<ServedRequest, 'targetCookies' | 'exchange'>,
  { task }: Pick<Slot, 'task'>,
  answer: ResponseHead,
): string {
  if (targetCookies === undefined) return '';
  const secure = exchange.peer.tls !== undefined;
  return targetCookies.linesFor({ request: exchange.head, answer, target: task, secure });
}

/** Names a Connection field declares to be for this connection only, if it names any. */
function connectionNames(head: RequestHead | ResponseHead): ReadonlySet<string> | undefined {
  let found: Set<string> | undefined;
  for (let index = 0; index < head.names.length; index += 1) {
    if (head.names[index] !== 'connection') continue;
    const value = head.fields[2 * index + 1] ?? '';
    if (value === 'keep-alive' || value === 'close') continue;
    found ??= new Set();
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase();
      if (!PROTECTED.has(name)) found.add(name);
    }
  }
  return found;
}

/** A client must not make the front door drop what it relies on itself. */
const PROTECTED = new Set([
  'host',
  'content-length',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-amzn-trace-id',
]);

/** Addresses in an X-Forwarded-For. */
export function countForwarders(forwardedFor: string | undefined): number {
  if (forwardedFor === undefined) return 0;
  let count = 1;
  for (let at = forwardedFor.indexOf(','); at !== -1; at = forwardedFor.indexOf(',', at + 1)) {
    count += 1;
  }
  return count;
}

/**
 * X-Amzn-Trace-Id as a load balancer sends it on: a new Root where there is none; with a Root of the
 * client's, a Self of its own in front. [ELB:load-balancer-request-tracing]
 */
export function traceIdFor(received: string | undefined, rng: Rng, wall: Millis): string {
  const fresh = () =>
    `1-${Math.floor(wall / 1000)
      .toString(16)
      .padStart(8, '0')}-${rng.hex(24)}`;
  if (received === undefined || received.length > ALB_TRACE_HEADER_BYTES) return `Root=${fresh()}`;
  const parts = received.split(';').filter((part) => !/^\s*(self=|$)/i.test(part));
  const hasRoot = parts.some((part) => /^\s*root=/i.test(part));
  return [`${hasRoot ? 'Self' : 'Root'}=${fresh()}`, ...parts].join(';');
}

/** The id by which logs name a request: what its Root says. */
export function rootOf(traceId: string): string {
  return /(?:^|;)\s*root=([^;]*)/i.exec(traceId)?.[1] ?? traceId;
}
