import { describe, expect, it } from 'vitest';
import { checkProtocols } from './cross-checks-protocol.ts';

const of = (protocol: string) => ({ fargate: { targetGroup: { protocol } } });

const say = (service: object, entry: unknown = { https: true }) =>
  checkProtocols({ api: service }, entry).map(
    ({ path, say: what, fix }) => `${path.join('.')}: ${what} — ${fix}`,
  );

const AT = 'services.api.fargate.targetGroup.protocol';

describe('the protocol of a target group', () => {
  it('goes with a listener for HTTPS that speaks HTTP/2', () => {
    expect(say(of('http2'))).toEqual([]);
    expect(say(of('grpc'), { type: 'alb', https: { port: 8443 } })).toEqual([]);
    expect(say(of('http1'), 'alb')).toEqual([]);
    expect(say({ lambda: {}, fargate: {} }, 'http-api')).toEqual([]);
    for (const entry of [null, 'alb', { https: false }, { type: 'alb' }]) {
      expect(say(of('grpc'), entry)).toEqual([
        `${AT}: needs a listener for HTTPS, and the entry has none — Add "https: true" to "entry", or use "protocol: http1".`,
      ]);
    }
    expect(say(of('http2'), { https: { http2: false } })).toEqual([
      `${AT}: needs clients that speak HTTP/2, and "https.http2" of the entry is off — Remove "http2: false" from "entry.https", or use "protocol: http1".`,
    ]);
  });

  it('does not go with an HTTP API', () => {
    const line = `${AT}: an HTTP API reaches programs with HTTP/1.1 alone — Use "protocol: http1", or "entry: { type: alb, https: true }".`;
    expect(say(of('http2'), 'http-api')).toEqual([line]);
    expect(say(of('grpc'), { type: 'http-api' })).toEqual([line]);
  });

  it('does not go with Lambda', () => {
    for (const protocol of ['http2', 'grpc']) {
      expect(say({ ...of(protocol), lambda: {} })).toEqual([
        `services.api.lambda: does not go with "protocol: ${protocol}" of its target group: programs on Lambda are asked with HTTP/1.1 — Remove "lambda", or use "protocol: http1".`,
      ]);
    }
  });

  it('decides what codes its health check has', () => {
    const health = (matcher: unknown, protocol: string) => ({
      ...of(protocol),
      health: { matcher },
    });
    for (const matcher of [12, '0-5', '0,12', '99']) {
      expect(say(health(matcher, 'grpc'))).toEqual([]);
      expect(say(health(matcher, 'http2'))).toEqual([
        `services.api.health.matcher: must be status codes from 200 to 499, was: ${matcher} — Write as "200", "200-299" or "200,302"; codes of gRPC go with "protocol: grpc".`,
      ]);
    }
    expect(say(health('200-299', 'http2'))).toEqual([]);
    expect(say(health(200, 'grpc'))).toEqual([
      'services.api.health.matcher: must be codes of gRPC from 0 to 99, was: 200 — Write as "12", "0-5" or "0,12"; 0 is OK, 12 is UNIMPLEMENTED.',
    ]);
    expect(say({ health: '/path', fargate: 7 })).toEqual([]);
  });
});
