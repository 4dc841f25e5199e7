// Target groups of gRPC: real clients and servers of gRPC, every kind of call, through the HTTPS
// listener.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { readLogs } from './support/access-log.ts';
import { startApp, type TestApp } from './support/app.ts';
import { type EchoClient, echoClient } from './support/grpc-client.ts';
import { ask1, ask2, connect2, secureAt } from './support/secure-client.ts';

const APP = `
app: calls
entry: { https: true, idleTimeout: 60s, accessLogs: true }
services:
  api:
    source: FIXTURES
    command: node grpc.mjs
    environment: { VERSION: one }
    fargate:
      cpu: 1024
      memory: 2048
      tasks: { min: 1, max: 2 }
      concurrency: 500
      stopTimeout: 5s
      targetGroup: { protocol: grpc }
`;

interface Called {
  readonly answer: string | undefined;
  readonly head: Metadata;
  readonly code: status;
  readonly details: string;
  readonly tail: Metadata;
}

const started = async (yaml = APP) => {
  const app = await startApp(yaml);
  return { app, at: secureAt(app), client: echoClient(secureAt(app)) };
};

interface Calling {
  on(event: 'metadata', listener: (head: Metadata) => void): unknown;
  on(event: 'status', listener: (end: { code: status; metadata: Metadata }) => void): unknown;
}

/** The end of a call, with all that came with it. */
function ended(make: (done: (error: ServiceError | null, answer?: Buffer) => void) => Calling) {
  return new Promise<Called>((resolve) => {
    let head = new Metadata();
    let given: Buffer | undefined;
    const call = make((_error, answer) => {
      given = answer;
    });
    call.on('metadata', (metadata) => {
      head = metadata;
    });
    call.on('status', ({ code, metadata: tail, ...rest }) => {
      const { details } = rest as unknown as { details: string };
      // The answer is handed over in the same turn.
      setImmediate(() => resolve({ answer: given?.toString(), head, code, details, tail }));
    });
  });
}

const unary = (client: EchoClient, text: string, metadata = new Metadata(), deadlineMs = 30_000) =>
  ended((done) =>
    client.Unary(Buffer.from(text), metadata, { deadline: Date.now() + deadlineMs }, done),
  );

const seenBy = async (client: EchoClient) =>
  JSON.parse((await unary(client, 'seen')).answer ?? '{}') as {
    readonly hanging: number;
    readonly cancelled: number;
    readonly version: string;
  };

const told = (app: TestApp, method: string, code: string) =>
  app.until('request', (event) => event.path.endsWith(method) && event.fault?.code === code);

describe('calls of gRPC', () => {
  it('of one message each way bring metadata before and after the answer', async () => {
    const { client } = await started();
    const metadata = new Metadata();
    metadata.add('x-mine', 'a');
    metadata.add('x-mine', 'b');
    const { answer, head, code, tail } = await unary(client, 'hello', metadata);
    expect([answer, code]).toEqual(['hello', status.OK]);
    expect([head.get('x-head'), head.get('x-fulcrum-compute')]).toEqual([['early'], ['fargate']]);
    expect(tail.get('x-tail')).toEqual(['late']);
    expect(tail.get('tail-bin')).toEqual([Buffer.from([0, 255, 10])]);
    expect(tail.get('x-mine')).toEqual(['a, b']);
  });

  it('reach the task with what a load balancer adds', async () => {
    const { at, client } = await started();
    const { answer } = await unary(client, 'metadata');
    expect(JSON.parse(answer ?? '')).toMatchObject({
      host: `localhost:${at.port}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
    });
  });

  it('bring the status and the details of an error, also without an answer before', async () => {
    const { client } = await started();
    const { code, details, tail } = await unary(client, 'fail');
    expect([code, details]).toEqual([status.NOT_FOUND, 'no such thing']);
    expect(tail.get('x-tail')).toEqual(['late']);
    const missing = await ended((done) =>
      client.makeUnaryRequest(
        '/test.Echo/Nothing',
        (message: Buffer) => message,
        (message: Buffer) => message,
        Buffer.alloc(0),
        done as never,
      ),
    );
    expect(missing.code).toBe(status.UNIMPLEMENTED);
  });

  it('stream from the client', async () => {
    const { client } = await started();
    const { answer, code } = await ended((done) => {
      const call = client.Upload(new Metadata(), done);
      for (let index = 0; index < 50; index += 1) call.write(Buffer.alloc(1000));
      call.end();
      return call;
    });
    expect([answer, code]).toEqual(['50000', status.OK]);
  });

  it('end when the task has heard enough, though the client would go on', async () => {
    const { client } = await started();
    const { answer, tail, code } = await ended((done) => {
      const call = client.Upload(new Metadata(), done);
      call.write(Buffer.from('stop'));
      return call;
    });
    expect([answer, code, tail.get('x-tail')]).toEqual(['stopped after 4', status.OK, ['late']]);
  });

  it('stream from the task', async () => {
    const { client } = await started();
    const sizes: number[] = [];
    const { code, tail } = await ended(() => {
      const call = client.Download(Buffer.from('30,5000'));
      call.on('data', (message: Buffer) => sizes.push(message.length));
      return call;
    });
    expect([code, tail.get('x-tail')]).toEqual([status.OK, ['late']]);
    expect(sizes).toEqual(Array.from({ length: 30 }, () => 5000));
  });

  it('stream both ways at once', async () => {
    const { client } = await started();
    const call = client.Chat();
    const over = ended(() => call);
    for (const word of ['one', 'two', 'three']) {
      const answer = new Promise<Buffer>((resolve) => call.once('data', resolve));
      call.write(Buffer.from(word));
      expect((await answer).toString()).toBe(`re: ${word}`);
    }
    call.end();
    call.resume();
    expect((await over).code).toBe(status.OK);
  });

  it('run side by side, a hundred of them', async () => {
    const { client } = await started(`${APP}`.replace('VERSION: one', 'VERSION: one, STREAMS: 7'));
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) => unary(client, `message ${index}`)),
    );
    expect(all.map(({ answer }) => answer)).toEqual(all.map((_, index) => `message ${index}`));
  });

  it('carry messages of megabytes both ways', async () => {
    const { client } = await started();
    const large = Buffer.alloc(8_000_000, 'm');
    const { answer, code } = await ended((done) => {
      const call = client.Upload(new Metadata(), done);
      call.write(large);
      call.end(large);
      return call;
    });
    expect([answer, code]).toEqual(['16000000', status.OK]);

    const sizes: number[] = [];
    const over = ended(() => {
      const call = client.Download(Buffer.from('3,8000000'));
      call.on('data', (message: Buffer) => sizes.push(message.length));
      return call;
    });
    expect((await over).code).toBe(status.OK);
    expect(sizes).toEqual([8_000_000, 8_000_000, 8_000_000]);
  });
});

describe('a client of gRPC that gives up', () => {
  it('by cancelling cancels the call at the task', async () => {
    const { app, client } = await started();
    let cancel = (): void => {};
    const over = ended((done) => {
      const call = client.Unary(Buffer.from('hang'), new Metadata(), {}, done);
      cancel = () => call.cancel();
      return call;
    });
    await expect.poll(async () => (await seenBy(client)).hanging).toBe(1);
    cancel();
    expect((await over).code).toBe(status.CANCELLED);
    expect((await told(app, 'Unary', 'CLIENT_GONE')).status).toBe(460);
    await expect.poll(async () => (await seenBy(client)).cancelled).toBe(1);
    const [service] = app.session.engine.status().services;
    expect(service?.fargate).toMatchObject({ slotsInUse: 0 });
  });

  it('by its deadline does so too', async () => {
    const { app, client } = await started();
    // The connection is there before the time begins to run.
    await seenBy(client);
    const { code } = await unary(client, 'hang', new Metadata(), 2000);
    expect(code).toBe(status.DEADLINE_EXCEEDED);
    // The task knows the deadline too: whoever is first ends the call.
    await expect.poll(async () => (await seenBy(client)).cancelled).toBe(1);
    const [service] = app.session.engine.status().services;
    expect(service?.fargate).toMatchObject({ slotsInUse: 0 });
  });
});

describe('a target of gRPC', () => {
  it('that ends in the middle of a call is an error, and its replacement answers', async () => {
    const { app, client } = await started();
    const messages: string[] = [];
    const { code } = await ended(() => {
      const call = client.Download(Buffer.from('crash'));
      call.on('data', (message: Buffer) => messages.push(message.toString()));
      call.on('error', () => {});
      return call;
    });
    expect(messages).toEqual(['one', 'two']);
    expect([status.INTERNAL, status.UNAVAILABLE]).toContain(code);
    await told(app, 'Download', 'UPSTREAM_CLOSED');
    await expect.poll(async () => (await unary(client, 'back')).answer).toBe('back');
    expect((await unary(client, 'crash')).code).toBe(status.UNAVAILABLE);
    const { status: answered } = await told(app, 'Unary', 'UPSTREAM_CLOSED');
    expect(answered).toBe(502);
  });

  it('keeps its long calls while it is replaced, and gets no new ones', async () => {
    const { app, client } = await started();
    const call = client.Chat();
    const over = ended(() => call);
    const say = async (word: string) => {
      const answer = new Promise<Buffer>((resolve) => call.once('data', resolve));
      call.write(Buffer.from(word));
      return (await answer).toString();
    };
    expect(await say('before')).toBe('re: before');
    const file = join(app.folder, 'fulcrum.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('VERSION: one', 'VERSION: two'));
    await app.session.engine.redeploy({ services: [], force: false });
    await expect.poll(async () => (await seenBy(client)).version).toBe('two');
    expect(await say('meanwhile')).toBe('re: meanwhile');
    call.end();
    call.resume();
    expect((await over).code).toBe(status.OK);
  });

  it('refuses what is not gRPC as a load balancer does', async () => {
    const { app, at } = await started();
    expect((await ask1(at, '/', { method: 'POST' })).status).toBe(464);
    const session = await connect2(at);
    expect((await ask2(session, { ':path': '/' })).status).toBe(464);
    const { fault } = await told(app, '/', 'PROTOCOL_MISMATCH');
    expect(fault?.facts).toMatchObject({ service: 'api', protocol: 'grpc' });
  });

  it('is healthy by the codes of gRPC', async () => {
    const other = 'health: { matcher: 0, interval: 5s, timeout: 2s }\n    environment';
    const app = await startApp(APP.replace('environment', other));
    const { fault } = await app.until('fault', (event) => event.fault.code === 'APP_UNHEALTHY');
    expect(fault.facts).toMatchObject({
      asked: 'POST /AWS.ALB/healthcheck',
      reason: 'gRPC status 12',
    });
  });

  it('is counted and logged as one', async () => {
    const { app, client } = await started();
    await unary(client, 'hello');
    await unary(client, 'fail');
    await app.stop();
    const lines = readLogs(join(app.folder, '.fulcrum', 'logs', 'access'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      type: 'grpcs',
      elbStatusCode: '200',
      targetStatusCode: '200',
      request: expect.stringMatching(/^POST .*\/test\.Echo\/Unary HTTP\/2\.0$/),
      target: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    });
  });
});

describe('a call of gRPC to a target group of HTTP/1.1', () => {
  it('is refused', async () => {
    const yaml = APP.replace('grpc.mjs', 'program.mjs')
      .replace('environment', 'health: /health\n    environment')
      .replace('protocol: grpc', '');
    const { app, client } = await started(yaml);
    expect((await unary(client, 'hello')).code).toBe(status.UNKNOWN);
    expect((await told(app, 'Unary', 'PROTOCOL_MISMATCH')).status).toBe(464);
  });
});
