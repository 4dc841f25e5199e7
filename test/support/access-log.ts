// Reads access logs as a table over them would: with one regular expression for a line.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const QUOTED = '"([^"]*)"';
const TIME = '(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z)';
const SECONDS = '(-1|\\d+\\.\\d{3})';

/** Field → its expression, in the order of a line. */
const FIELDS = {
  type: '(http|https|h2|grpcs|ws|wss)',
  time: TIME,
  elb: '(app/[^ /]+/[0-9a-f]{16})',
  client: '((?:\\d{1,3}\\.){3}\\d{1,3}:\\d+|\\[[0-9a-f:]+\\]:\\d+)',
  target: '(-|[0-9a-f.:[\\]]+:\\d+)',
  requestProcessingTime: SECONDS,
  targetProcessingTime: SECONDS,
  responseProcessingTime: SECONDS,
  elbStatusCode: '(\\d{3})',
  targetStatusCode: '(-|\\d{3})',
  receivedBytes: '(\\d+)',
  sentBytes: '(\\d+)',
  request: '"((?:-|[!-~]+) [^" ]+ (?:-|HTTP/\\d\\.\\d))"',
  userAgent: QUOTED,
  sslCipher: '([A-Z0-9_-]+)',
  sslProtocol: '(-|TLSv[0-9.]+)',
  targetGroupArn: '(-|arn:aws:elasticloadbalancing:[^ ]+)',
  traceId: QUOTED,
  domainName: QUOTED,
  chosenCertArn: QUOTED,
  matchedRulePriority: '(-1|-|\\d+)',
  requestCreationTime: TIME,
  actionsExecuted: QUOTED,
  redirectUrl: QUOTED,
  errorReason: QUOTED,
  targetPortList: QUOTED,
  targetStatusCodeList: QUOTED,
  classification: QUOTED,
  classificationReason: QUOTED,
  connTraceId: '(TID_[0-9a-f]{32})',
  transformedHost: QUOTED,
  transformedUri: QUOTED,
  requestTransformStatus: QUOTED,
} as const;

export type LoggedField = keyof typeof FIELDS;
export type Logged = Readonly<Record<LoggedField, string>>;

const LINE = new RegExp(`^${Object.values(FIELDS).join(' ')}$`);

/** Throws when the line is not of the format. */
export function parseLine(line: string): Logged {
  const match = LINE.exec(line);
  if (match === null) throw new Error(`not a line of an access log: ${line}`);
  const names = Object.keys(FIELDS) as LoggedField[];
  return Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? ''])) as Logged;
}

/** All lines in the files of a folder, in their order. */
export function readLogs(folder: string): readonly Logged[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'latin1').split('\n'))
    .filter((line) => line !== '')
    .map(parseLine);
}
