import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { realClock } from '../../host/clock.ts';
import type { StreamFailure } from './stream-call.ts';
import { streamUpstream } from './stream-upstream.ts';

describe('calls on streams of HTTP/2', () => {
  it('fail when their sessions are closed in the middle of an answer', async () => {
    const server = createServer((_request, response) => {
      response.write('half');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
    });
    const upstream = streamUpstream({
      port: (server.address() as AddressInfo).port,
      clock: realClock(),
      connectTimeoutMs: 10_000,
      maxHeadBytes: 65_536,
    });
    const data = Promise.withResolvers<string>();
    const end = Promise.withResolvers<StreamFailure | 'complete'>();
    const call = upstream.call(
      { headers: { ':path': '/', ':method': 'POST' }, method: 'POST', body: true },
      {
        begun: () => call.endBody([]),
        head: () => {},
        data: (chunk) => data.resolve(chunk.toString()),
        drain: () => {},
        end: () => end.resolve('complete'),
        fail: end.resolve,
      },
    );
    call.start();
    expect(await data.promise).toBe('half');
    upstream.close();
    expect(await end.promise).toEqual({ kind: 'closed', problem: 'in the middle of its answer' });
  });
});
