// Requests as they are sent: their heads and bodies made once.

import type { RequestSpec } from '../../cost/measure/requests.ts';
import type { UpstreamRequest } from '../../engine/http1/upstream-call.ts';

export interface PreparedRequest extends UpstreamRequest {
  readonly content: Buffer | undefined;
  /** Of head and body. */
  readonly bytes: number;
}

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** `address` is the Host of those that name no other. */
export function prepare(
  { method, path, headers, body }: RequestSpec,
  address: string,
): PreparedRequest {
  const content = body === undefined ? undefined : Buffer.from(body);
  const has = (name: string) => Object.keys(headers).some((one) => one.toLowerCase() === name);
  const length = content?.length ?? 0;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(has('host') ? [] : [`Host: ${address}`]),
    ...(has('user-agent') ? [] : ['User-Agent: fulcrum-measure']),
    ...(has('accept') ? [] : ['Accept: */*']),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(content !== undefined && !has('content-type')
      ? [`Content-Type: ${looksLikeJson(body ?? '') ? 'application/json' : 'text/plain'}`]
      : []),
    ...(content !== undefined || METHODS_WITH_BODY.has(method)
      ? [`Content-Length: ${length}`]
      : []),
  ];
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  return {
    head,
    method,
    body: content === undefined || length === 0 ? 'none' : 'plain',
    upgrade: false,
    content: length === 0 ? undefined : content,
    bytes: head.length + length,
  };
}

function looksLikeJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
