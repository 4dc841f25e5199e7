// Functions in real environments over the Invoke API: by the SDK, the AWS CLI and `fulcrum invoke`,
// in versions, and events that outlive an engine that is killed.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FIXTURES, startApp, type TestApp, temporaryFolder } from './support/app.ts';
import { runCli, startCli } from './support/cli.ts';
import { lambdaClient } from './support/invoke-api.ts';

const WORK = `source: FIXTURES/function
    command: node bootstrap.mjs`;

const APP = `
app: shop
region: eu-west-2
functions:
  work:
    ${WORK}
    environment: { NAME: latest }
    lambda: { timeout: 10s }
    versions:
      1: { environment: { NAME: one } }
      2: { environment: { NAME: two }, lambda: { provisioned: 1, memory: 256 } }
    aliases: { live: 2, canary: { 2: 50, 1: 50 } }
  single:
    ${WORK}
    lambda: { reserved: 1, timeout: 2s }
`;

const start = (yaml = APP) => startApp(yaml);
const json = (payload: Uint8Array | undefined): unknown =>
  JSON.parse(Buffer.from(payload ?? []).toString());

const NAMES = ['NAME', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'];

async function who(app: TestApp, Qualifier?: string) {
  const response = await lambdaClient(app.invoke).send(
    new InvokeCommand({
      FunctionName: 'shop-work',
      Qualifier,
      Payload: JSON.stringify({ do: 'env', names: NAMES }),
    }),
  );
  return { ...(json(response.Payload) as object), ExecutedVersion: response.ExecutedVersion };
}

describe('versions', () => {
  it('run in environments of their own, with what is provisioned for them', async () => {
    const app = await start();
    expect(await who(app)).toEqual({
      NAME: 'latest',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      ExecutedVersion: '$LATEST',
    });
    expect(await who(app, '1')).toMatchObject({ NAME: 'one', ExecutedVersion: '1' });
    const two = {
      NAME: 'two',
      AWS_LAMBDA_FUNCTION_VERSION: '2',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'provisioned-concurrency',
      ExecutedVersion: '2',
    };
    expect(await who(app, '2')).toEqual(two);
    expect(await who(app, 'live')).toEqual(two);
    const seen = new Set<unknown>();
    for (let count = 0; count < 32; count += 1)
      seen.add((await who(app, 'canary')).ExecutedVersion);
    expect([...seen].sort()).toEqual(['1', '2']);
    const versions = new Map<string, Set<string>>();
    for (const { stream, line } of app.of('log')) {
      const [, version] = /^START .* Version: (\S+)/.exec(line) ?? [];
      if (version === undefined) continue;
      versions.set(stream, (versions.get(stream) ?? new Set()).add(version));
    }
    const each = [...versions.values()].map((of) => [...of]);
    expect(each.filter((of) => of.length > 1)).toEqual([]);
    expect([...new Set(each.flat())].sort()).toEqual(['$LATEST', '1', '2']);
  });

  it('are told as fulcrum.yml has them', async () => {
    const app = await start();
    const client = lambdaClient(app.invoke);
    const FunctionName = 'work';
    const { Versions } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions?.map(({ Version, MemorySize }) => [Version, MemorySize])).toEqual([
      ['$LATEST', 512],
      ['1', 512],
      ['2', 256],
    ]);
    const { Aliases } = await client.send(new ListAliasesCommand({ FunctionName }));
    expect(Aliases).toMatchObject([
      { Name: 'live', FunctionVersion: '2' },
      { Name: 'canary', RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } } },
    ]);
  });

  it('share the concurrency of their function', async () => {
    const app = await start();
    const client = lambdaClient(app.invoke);
    const invoke = (Qualifier: string, event: object) =>
      client.send(
        new InvokeCommand({ FunctionName: 'single', Qualifier, Payload: JSON.stringify(event) }),
      );
    const first = invoke('1', { do: 'sleep', ms: 500 });
    await app.until('environment', ({ state }) => state === 'ready');
    await expect(invoke('$LATEST', {})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
    expect(json((await first).Payload)).toBe('slept');
  });
});

describe('a real function', () => {
  it('answers, fails, times out and streams', async () => {
    const app = await start(APP.replace('timeout: 10s', 'timeout: 3s'));
    const client = lambdaClient(app.invoke);
    const invoke = (event: object) =>
      client.send(
        new InvokeCommand({
          FunctionName: 'work',
          Payload: JSON.stringify(event),
          LogType: 'Tail',
        }),
      );
    const log = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
    const ok = await invoke({ do: 'log', lines: ['hello there'] });
    expect(json(ok.Payload)).toBe(1);
    expect(log(ok.LogResult)).toMatch(
      /^START RequestId: [\s\S]*hello there\n[\s\S]*REPORT RequestId: /,
    );
    const failed = await invoke({ do: 'fail', message: 'broken' });
    expect(failed.FunctionError).toBe('Unhandled');
    expect(json(failed.Payload)).toMatchObject({ errorType: 'Oops', errorMessage: 'broken' });
    const late = await invoke({ do: 'sleep', ms: 60_000 });
    expect(late).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(json(late.Payload)).toMatchObject({ errorType: 'Sandbox.Timedout' });
    const gone = await invoke({ do: 'exit', code: 1 });
    expect(json(gone.Payload)).toMatchObject({ errorType: 'Runtime.ExitError' });
    const stream = await client.send(
      new InvokeWithResponseStreamCommand({
        FunctionName: 'work',
        Payload: JSON.stringify({ do: 'stream', chunks: ['a', 'b'], fail: 'at last' }),
      }),
    );
    let text = '';
    for await (const event of stream.EventStream ?? []) {
      text += Buffer.from(event.PayloadChunk?.Payload ?? []).toString();
      if (event.InvokeComplete === undefined) continue;
      expect(event.InvokeComplete.ErrorCode).toBe('Unhandled');
      expect(event.InvokeComplete.ErrorDetails).toContain('at last');
    }
    expect(text).toBe('ab');
    const [work] = app.session.engine.status().services.filter(({ service }) => service === 'work');
    expect(work?.lambda).toMatchObject({ requests: 5, errors: 4 });
  });
});

describe('events', () => {
  const EVENTS = `
app: shop
queues: { jobs: {}, dead: {} }
functions:
  work:
    ${WORK}
    lambda: { timeout: 10s }
    async: { retries: 0, onSuccess: { queue: jobs }, deadLetter: { queue: dead } }
  after:
    ${WORK}
`;

  async function receive(app: TestApp, queue: string) {
    const client = new SQSClient({
      endpoint: new URL(app.session.queueUrl(queue)).origin,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
    });
    onTestFinished(() => client.destroy());
    const { Messages } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: app.session.queueUrl(queue),
        WaitTimeSeconds: 20,
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages?.[0];
  }

  it('end in queues of the app', async () => {
    const app = await start(EVENTS);
    const send = (event: object) =>
      lambdaClient(app.invoke).send(
        new InvokeCommand({
          FunctionName: 'work',
          InvocationType: 'Event',
          Payload: JSON.stringify(event),
        }),
      );
    await send({ do: 'log', lines: ['one'] });
    expect(JSON.parse((await receive(app, 'jobs'))?.Body ?? '')).toMatchObject({
      requestContext: { condition: 'Success', approximateInvokeCount: 1 },
      responsePayload: 1,
    });
    const { $metadata } = await send({ do: 'fail', message: 'broken' });
    const letter = await receive(app, 'dead');
    expect(JSON.parse(letter?.Body ?? '')).toEqual({ do: 'fail', message: 'broken' });
    expect(letter?.MessageAttributes).toMatchObject({
      RequestID: { StringValue: $metadata.requestId },
      ErrorMessage: { StringValue: 'broken' },
    });
  });

  it('can be sent by a function: it knows where the API is', async () => {
    const app = await start(EVENTS);
    const response = await lambdaClient(app.invoke).send(
      new InvokeCommand({
        FunctionName: 'after',
        Payload: JSON.stringify({ do: 'env', names: ['AWS_ENDPOINT_URL_LAMBDA'] }),
      }),
    );
    expect(json(response.Payload)).toEqual({ AWS_ENDPOINT_URL_LAMBDA: app.invoke });
  });
});

describe('a service on Lambda', () => {
  it('is a function with one version', async () => {
    const app = await start(`
app: shop
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
`);
    const client = lambdaClient(app.invoke);
    const requestContext = { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:x' } };
    const event = { requestContext, httpMethod: 'GET', path: '/who', headers: {}, body: '' };
    const invoke = (FunctionName: string) =>
      client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    const answered = await invoke('shop-api');
    expect(answered.ExecutedVersion).toBe('1');
    expect(json(answered.Payload)).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('"pid"'),
    });
    expect((await invoke('api:1')).FunctionError).toBeUndefined();
    await expect(invoke('api:2')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('the AWS CLI', () => {
  const aws = resolve('.cache/python/bin/aws');
  const run = (app: TestApp, ...args: readonly string[]) =>
    new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((done) => {
      const env = {
        PATH: process.env['PATH'],
        AWS_ACCESS_KEY_ID: 'any',
        AWS_SECRET_ACCESS_KEY: 'thing',
        AWS_DEFAULT_REGION: 'eu-west-2',
        AWS_ENDPOINT_URL_LAMBDA: app.invoke,
        AWS_MAX_ATTEMPTS: '1',
      };
      execFile(aws, ['lambda', ...args], { env }, (error, out, err) => {
        done({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });

  it('works with an endpoint URL', async ({ skip }) => {
    if (!existsSync(aws)) {
      skip('the AWS CLI is not installed in .cache/python ("make test" installs it)');
    }
    const app = await start();
    const file = join(temporaryFolder(), 'out.json');
    const invoke = (...args: readonly string[]) => run(app, 'invoke', ...args, file);
    const event = ['--payload', '{"do":"env","names":["NAME"]}'] as const;
    const answered = await invoke('--function-name', 'work:live', '--log-type', 'Tail', ...event);
    expect(answered.err).toBe('');
    expect(JSON.parse(answered.out)).toMatchObject({ StatusCode: 200, ExecutedVersion: '2' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ NAME: 'two' });
    const later = await invoke('--function-name', 'work', '--invocation-type', 'Event');
    expect(JSON.parse(later.out)).toMatchObject({ StatusCode: 202 });
    const missing = await invoke('--function-name', 'nobody');
    expect(missing.code).not.toBe(0);
    expect(missing.err).toContain('(ResourceNotFoundException) when calling the Invoke operation');
    const listed = await run(app, 'list-functions', '--query', 'Functions[].FunctionName');
    expect(JSON.parse(listed.out)).toEqual(['shop-work', 'shop-single']);
    const got = await run(app, 'get-alias', '--function-name', 'work', '--name', 'canary');
    expect(JSON.parse(got.out)).toMatchObject({ FunctionVersion: '2' });
  });
});

describe('fulcrum invoke', () => {
  const place = () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fulcrum.yml'), APP.replaceAll('FIXTURES', FIXTURES));
    return cwd;
  };
  const dev = async (cwd: string) => {
    const engine = startCli(['dev', '--port', '0', '--json'], { cwd });
    await engine.until('"type":"ready"');
    return engine;
  };

  it('prints the answer, the error and the log', async () => {
    const cwd = place();
    await dev(cwd);
    const invoke = (...args: readonly string[]) => runCli(['invoke', ...args], { cwd });
    const event = '{"do":"env","names":["NAME"]}';
    expect(await invoke('work', '--payload', event)).toEqual({
      code: 0,
      out: '{"NAME":"latest"}\n',
      err: '',
    });
    writeFileSync(join(cwd, 'event.json'), '{"do":"log","lines":["from a file"]}');
    const tailed = await invoke('work', '-q', 'live', '--file', 'event.json', '--tail');
    expect(tailed).toMatchObject({ code: 0, out: '1\n' });
    expect(tailed.err).toContain('from a file\n');
    const failed = await invoke('work', '--payload', '{"do":"fail","message":"broken"}');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({ errorType: 'Oops' });
    expect(failed.err).toContain('work failed with Oops: broken  [FUNCTION_FAILED]');
    const asJson = await invoke('work', '--payload', '{"do":"fail","message":"broken"}', '--json');
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out)).toMatchObject({
      ok: false,
      status: 200,
      executedVersion: '$LATEST',
      payload: { errorType: 'Oops' },
      error: { code: 'FUNCTION_FAILED' },
    });
    expect(await invoke('work', '--type', 'dry-run')).toMatchObject({ code: 0, out: '' });
    const later = await invoke('work', '--type', 'event');
    expect(later).toMatchObject({ code: 0, out: '' });
    expect(later.err).toMatch(/^accepted as [0-9a-f-]{36}\n$/);
  });

  it('says what is wrong', async () => {
    const cwd = place();
    const none = await runCli(['invoke', 'work'], { cwd });
    expect(none).toMatchObject({ code: 5, err: expect.stringContaining('[ENGINE_NOT_RUNNING]') });
    await dev(cwd);
    const invoke = (...args: readonly string[]) => runCli(['invoke', ...args], { cwd });
    const unknown = await invoke('wrok');
    expect(unknown.code).toBe(5);
    expect(unknown.err).toContain('[FUNCTION_UNKNOWN]');
    expect(unknown.err).toContain('Use one of: shop-work, shop-single');
    const malformed = await invoke('work', '--payload', '{');
    expect(malformed.err).toContain('InvalidRequestContentException');
    expect(malformed.err).toContain('[INVOKE_REFUSED]');
    expect((await invoke('work', '--file', 'no.json')).code).toBe(2);
    expect((await invoke('work', '--file', 'a', '--payload', '{}')).code).toBe(2);
  });

  const clientOf = (engine: { out(): string }) => {
    const { invoke } = JSON.parse(engine.out().split('\n')[0] ?? '') as { readonly invoke: string };
    const client = lambdaClient(invoke);
    return (event: object) =>
      client.send(
        new InvokeCommand({
          FunctionName: 'single',
          InvocationType: 'Event',
          Payload: JSON.stringify(event),
        }),
      );
  };

  it('runs events that were accepted by an engine that was killed', async () => {
    const cwd = place();
    const first = await dev(cwd);
    const send = clientOf(first);
    // One environment is busy with the first event, so the second waits.
    await send({ do: 'sleep', ms: 60_000 });
    await send({ do: 'log', lines: ['it has survived'] });
    await first.until('"status":429');
    first.child.kill('SIGKILL');
    await first.finished;

    const second = await dev(cwd);
    expect(await second.until('it has survived')).toContain('it has survived');
  });

  it('does not count an attempt that an impatient stop has cut off', async () => {
    const cwd = place();
    const first = await dev(cwd);
    await clientOf(first)({ do: 'sleep', ms: 60_000 });
    await first.until('"state":"ready"');
    first.child.kill('SIGINT');
    await first.until('"type":"stopping"');
    first.child.kill('SIGINT');
    await first.finished;
    expect(first.out()).not.toContain('"type":"invocation"');

    const second = await dev(cwd);
    expect(await second.until('"type":"invocation"')).toContain('"attempt":1');
  });
});
