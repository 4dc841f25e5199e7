import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../test/support/access-log.ts';
import { type AccessLogEntry, accessLogLine } from './access-log-line.ts';

const ENTRY: AccessLogEntry = {
  type: 'https',
  time: '2026-07-02T22:23:00.186000Z',
  balancer: 'app/my-loadbalancer/50dc6c495c0c9188',
  client: '192.168.131.39:2817',
  target: '10.0.0.1:80',
  requestSeconds: 0.0862,
  targetSeconds: 0.0481,
  responseSeconds: 0.037,
  status: 200,
  targetStatus: 200,
  receivedBytes: 0,
  sentBytes: 57,
  request: 'GET https://www.example.com:443/ HTTP/1.1',
  userAgent: 'curl/7.46.0',
  cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
  protocol: 'TLSv1.2',
  targetGroup:
    'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067',
  traceId: 'Root=1-58337281-1d84f3d73c47ec4e58577259',
  serverName: 'www.example.com',
  certificate: 'arn:aws:acm:us-east-2:123456789012:certificate/12345678',
  priority: 1,
  created: '2026-07-02T22:22:48.364000Z',
  actions: 'forward',
  redirectUrl: undefined,
  errorReason: undefined,
  connectionId: 'TID_0123456789abcdef0123456789abcdef',
  transformedHost: undefined,
  transformedUri: undefined,
  transformStatus: undefined,
};

describe('a line of an access log', () => {
  it('has its fields in the order of AWS', () => {
    expect(accessLogLine(ENTRY)).toBe(
      'https 2026-07-02T22:23:00.186000Z app/my-loadbalancer/50dc6c495c0c9188 ' +
        '192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 ' +
        '"GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 ' +
        'TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 ' +
        '"Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" ' +
        '"arn:aws:acm:us-east-2:123456789012:certificate/12345678" 1 2026-07-02T22:22:48.364000Z ' +
        '"forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_0123456789abcdef0123456789abcdef "-" "-" "-"\n',
    );
  });

  it('has a dash for whatever is not there, and -1 for times', () => {
    const line = accessLogLine({
      ...ENTRY,
      type: 'http',
      target: undefined,
      requestSeconds: undefined,
      targetSeconds: undefined,
      responseSeconds: undefined,
      status: 502,
      targetStatus: undefined,
      userAgent: undefined,
      cipher: undefined,
      protocol: undefined,
      targetGroup: undefined,
      traceId: undefined,
      serverName: undefined,
      certificate: undefined,
      priority: undefined,
      actions: '',
    });
    expect(line).toBe(
      'http 2026-07-02T22:23:00.186000Z app/my-loadbalancer/50dc6c495c0c9188 ' +
        '192.168.131.39:2817 - -1 -1 -1 502 - 0 57 ' +
        '"GET https://www.example.com:443/ HTTP/1.1" "-" - - - "-" "-" "-" - ' +
        '2026-07-02T22:22:48.364000Z "-" "-" "-" "-" "-" "-" "-" ' +
        'TID_0123456789abcdef0123456789abcdef "-" "-" "-"\n',
    );
  });

  it('escapes quotes, backslashes and what cannot be printed', () => {
    const { userAgent } = parseLine(
      accessLogLine({ ...ENTRY, userAgent: 'a "b" \\c\té' }).trimEnd(),
    );
    expect(userAgent).toBe('a \\x22b\\x22 \\x5Cc\\x09\\xE9');
  });

  it('stays one line that can be read, whatever a client sends', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (userAgent, traceId, serverName) => {
        const line = accessLogLine({ ...ENTRY, userAgent, traceId, serverName });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(parseLine(line.trimEnd()).connTraceId).toBe(ENTRY.connectionId);
      }),
    );
  });
});
