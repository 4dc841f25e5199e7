// A line of the access logs of a load balancer: 33 fields parted by spaces, in AWS's order.
// [ELB:load-balancer-access-logs]

export interface AccessLogEntry {
  readonly type: 'http' | 'https' | 'h2' | 'grpcs' | 'ws' | 'wss';
  /** When the answer was made, or the WebSocket closed. "2026-01-02T03:04:05.678000Z" */
  readonly time: string;
  /** "app/<name>/<id>" */
  readonly balancer: string;
  readonly client: string;
  /** Address and port of the task; undefined for Lambda and where there was none. */
  readonly target: string | undefined;
  /** Seconds; undefined where the request did not get that far. */
  readonly requestSeconds: number | undefined;
  readonly targetSeconds: number | undefined;
  readonly responseSeconds: number | undefined;
  readonly status: number;
  /** Undefined where no target answered. */
  readonly targetStatus: number | undefined;
  /** With heads. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** "GET http://example.com:80/path HTTP/1.1" */
  readonly request: string;
  readonly userAgent: string | undefined;
  readonly cipher: string | undefined;
  readonly protocol: string | undefined;
  readonly targetGroup: string | undefined;
  readonly traceId: string | undefined;
  /** What the client asked for in its handshake. */
  readonly serverName: string | undefined;
  readonly certificate: string | undefined;
  /** 0 is the default rule. */
  readonly priority: number | undefined;
  readonly created: string;
  /** "forward", "rewrite,forward", "redirect", "fixed-response"; empty for none. */
  readonly actions: string | undefined;
  readonly redirectUrl: string | undefined;
  readonly errorReason: string | undefined;
  readonly connectionId: string;
  /** What a rule made of Host and of path and query, where it did. */
  readonly transformedHost: string | undefined;
  readonly transformedUri: string | undefined;
  /** "TransformSuccess" and the like. */
  readonly transformStatus: string | undefined;
}

/** With its line break. */
export function accessLogLine(entry: AccessLogEntry): string {
  const { target, targetStatus } = entry;
  const status = targetStatus === undefined ? '-' : String(targetStatus);
  return (
    `${entry.type} ${entry.time} ${entry.balancer} ${entry.client} ${target ?? '-'} ` +
    `${seconds(entry.requestSeconds)} ${seconds(entry.targetSeconds)} ` +
    `${seconds(entry.responseSeconds)} ${entry.status} ${status} ` +
    `${entry.receivedBytes} ${entry.sentBytes} ` +
    `${quoted(entry.request)} ${quoted(entry.userAgent)} ` +
    `${entry.cipher ?? '-'} ${entry.protocol ?? '-'} ${entry.targetGroup ?? '-'} ` +
    `${quoted(entry.traceId)} ${quoted(entry.serverName)} ${quoted(entry.certificate)} ` +
    `${entry.priority ?? '-'} ${entry.created} ${quoted(entry.actions)} ` +
    `${quoted(entry.redirectUrl)} ${quoted(entry.errorReason)} ` +
    // One target at most, so the lists have one entry. What does not follow the RFC is refused
    // before it could be classified.
    `${quoted(target)} ${quoted(status)} "-" "-" ${entry.connectionId} ` +
    `${quoted(entry.transformedHost)} ${quoted(entry.transformedUri)} ` +
    `${quoted(entry.transformStatus)}\n`
  );
}

function seconds(value: number | undefined): string {
  return value === undefined ? '-1' : Math.max(0, value).toFixed(3);
}

const NEEDS_ESCAPE = /["\\]|[^\x20-\x7e]/;
const ESCAPED = /["\\]|[^\x20-\x7e]/g;

/** A quote, a backslash and what cannot be printed are written as \xHH, so that a line stays one. */
function quoted(text: string | undefined): string {
  if (text === undefined || text === '') return '"-"';
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`;
  const hex = (character: string): string => {
    const code = character.charCodeAt(0);
    return `\\x${(code & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
  };
  return `"${text.replace(ESCAPED, hex)}"`;
}
