// The Invoke API, driven by the AWS SDK: what callers of Lambda get, success and failure.

import { request } from 'node:http';
import {
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  type InvokeCommandInput,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamResponseEvent,
  LambdaServiceException,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  paginateListVersionsByFunction,
  TooManyRequestsException,
  waitUntilFunctionActiveV2,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import {
  answer,
  endStream,
  fail,
  functionOf,
  startInvokeApi,
  TestTarget,
} from './support/invoke-api.ts';

/** Answers with its event and what else it was told. */
const echo = (name = 'fn', version = '$LATEST') =>
  new TestTarget(name, version, (invocation) => {
    const { payload, invokedArn, traceId, clientContext, tenantId } = invocation;
    const event = JSON.parse(payload.toString()) as unknown;
    answer(invocation, { event, version, invokedArn, traceId, clientContext, tenantId });
  });

const ARN = 'arn:aws:lambda:eu-west-2:000000000000:function:demo-fn';

const text = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString();
const json = (payload: Uint8Array | undefined): unknown => JSON.parse(text(payload));

async function refused(promise: Promise<unknown>): Promise<LambdaServiceException> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LambdaServiceException) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe('Invoke', () => {
  it('answers with what the function answered', async () => {
    const { client, seen } = await startInvokeApi([functionOf([echo()])]);
    const response = await client.send(
      new InvokeCommand({ FunctionName: 'demo-fn', Payload: '{"a":"ä"}', LogType: 'Tail' }),
    );
    expect(response).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      LogResult: Buffer.from('the log\n').toString('base64'),
    });
    expect(response.FunctionError).toBeUndefined();
    expect(response.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(json(response.Payload)).toEqual({
      event: { a: 'ä' },
      version: '$LATEST',
      invokedArn: ARN,
      traceId: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
      ),
    });
    expect(seen).toMatchObject([
      {
        type: 'invocation',
        id: response.$metadata.requestId,
        function: 'fn',
        version: '$LATEST',
        how: 'RequestResponse',
        status: 200,
        error: undefined,
      },
    ]);
  });

  it('gives a function without an event an empty one, and no log that nobody wanted', async () => {
    const { client } = await startInvokeApi([functionOf([echo()])]);
    const response = await client.send(new InvokeCommand({ FunctionName: 'fn' }));
    expect(json(response.Payload)).toMatchObject({ event: {} });
    expect(response.LogResult).toBeUndefined();
  });

  it('passes context and tenant on', async () => {
    const { client } = await startInvokeApi([functionOf([echo()])]);
    const context = JSON.stringify({ custom: { a: 'ü' } });
    const response = await client.send(
      new InvokeCommand({
        FunctionName: 'fn',
        ClientContext: Buffer.from(context).toString('base64'),
        TenantId: 'blue',
      }),
    );
    expect(json(response.Payload)).toMatchObject({ clientContext: context, tenantId: 'blue' });
  });

  it.each([
    ['demo-fn', ARN],
    ['fn', ARN],
    ['function:demo-fn', ARN],
    ['000000000000:function:demo-fn', ARN],
    ['arn:aws:lambda:eu-west-2:123456789012:function:demo-fn', ARN],
    ['fn:1', `${ARN}:1`],
    [`${ARN}:live`, `${ARN}:live`],
  ])('finds %s', async (FunctionName, invokedArn) => {
    const aliases = { live: { version: '1', second: undefined } };
    const fn = functionOf([echo(), echo('fn', '1')], { aliases });
    const { client } = await startInvokeApi([fn]);
    const response = await client.send(new InvokeCommand({ FunctionName }));
    expect(json(response.Payload)).toMatchObject({ invokedArn });
    expect(response.ExecutedVersion).toBe(invokedArn === ARN ? '$LATEST' : '1');
  });

  it('spreads the invocations of an alias over its versions', async () => {
    const aliases = { canary: { version: '2', second: { version: '1', share: 0.5 } } };
    const versions = [echo(), echo('fn', '1'), echo('fn', '2')];
    const { client } = await startInvokeApi([functionOf(versions, { aliases })]);
    const ran = new Set<string | undefined>();
    for (let count = 0; count < 64; count += 1) {
      const command = new InvokeCommand({ FunctionName: 'fn', Qualifier: 'canary' });
      ran.add((await client.send(command)).ExecutedVersion);
    }
    expect([...ran].sort()).toEqual(['1', '2']);
  });

  it('says that the function failed, with status 200', async () => {
    const target = new TestTarget('fn', '$LATEST', (invocation) =>
      fail(invocation, 'Runtime.ExitError', 'RequestId: x Error: Runtime exited'),
    );
    const { client, seen } = await startInvokeApi([functionOf([target])]);
    const response = await client.send(new InvokeCommand({ FunctionName: 'fn' }));
    expect(response).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(json(response.Payload)).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(seen).toMatchObject([{ error: 'Runtime.ExitError', fault: { code: 'LAMBDA_EXITED' } }]);
  });

  it('runs nothing with DryRun', async () => {
    const target = echo();
    const { client } = await startInvokeApi([functionOf([target])]);
    const command = new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' });
    expect(await client.send(command)).toMatchObject({ StatusCode: 204 });
    expect(target.invocations).toEqual([]);
  });

  it('gives a function up when the caller leaves', async () => {
    const target = new TestTarget('fn', '$LATEST', () => {});
    const { client } = await startInvokeApi([functionOf([target])]);
    const abort = new AbortController();
    const call = client.send(new InvokeCommand({ FunctionName: 'fn' }), {
      abortSignal: abort.signal,
    });
    const left = expect(call).rejects.toThrow();
    await expect.poll(() => target.invocations.length).toBe(1);
    abort.abort();
    await left;
    await expect.poll(() => target.givenUp).toBe(1);
  });

  it('takes an event of six megabytes', async () => {
    const target = new TestTarget('fn', '$LATEST', (invocation) =>
      answer(invocation, invocation.payload.length),
    );
    const { client } = await startInvokeApi([functionOf([target])]);
    const Payload = JSON.stringify('x'.repeat(6 * 1024 * 1024 - 2));
    const response = await client.send(new InvokeCommand({ FunctionName: 'fn', Payload }));
    expect(json(response.Payload)).toBe(6 * 1024 * 1024);
  });
});

describe('what is refused', () => {
  const big = (bytes: number) => JSON.stringify('x'.repeat(bytes));
  const cases: readonly (readonly [Partial<InvokeCommandInput>, string, number, string])[] = [
    [
      { FunctionName: 'no' },
      'ResourceNotFoundException',
      404,
      `Function not found: ${ARN.replace('demo-fn', 'no')}`,
    ],
    [
      { FunctionName: 'demo-fn:7' },
      'ResourceNotFoundException',
      404,
      `Function not found: ${ARN}:7`,
    ],
    [
      { FunctionName: 'fn', Qualifier: 'no' },
      'ResourceNotFoundException',
      404,
      `Function not found: ${ARN}:no`,
    ],
    [
      { FunctionName: ARN.replace('eu-west-2', 'us-east-1') },
      'ResourceNotFoundException',
      404,
      `Function not found: ${ARN.replace('eu-west-2', 'us-east-1')}`,
    ],
    [{ FunctionName: 'a b' }, 'ValidationException', 400, "Value 'a b' at 'functionName'"],
    [
      { FunctionName: 'fn:1', Qualifier: '2' },
      'InvalidParameterValueException',
      400,
      'does not match the specified qualifier',
    ],
    [
      { InvocationType: 'Later' as 'Event' },
      'ValidationException',
      400,
      'enum value set: [Event, RequestResponse, DryRun]',
    ],
    [
      { Payload: '{"a":' },
      'InvalidRequestContentException',
      400,
      'Could not parse request body into json: ',
    ],
    [
      { ClientContext: 'e30x' },
      'InvalidRequestContentException',
      400,
      'Client context must be a valid Base64-encoded JSON object.',
    ],
    [
      { ClientContext: Buffer.from(big(3000)).toString('base64') },
      'InvalidRequestContentException',
      400,
      'Client context must be',
    ],
    [
      { DurableExecutionName: 'one' },
      'InvalidParameterValueException',
      400,
      'not configured for durable execution',
    ],
    [{ TenantId: 'a,b' }, 'InvalidParameterValueException', 400, 'The tenant ID'],
    [
      { Payload: big(6 * 1024 * 1024) },
      'RequestTooLargeException',
      413,
      '6291458 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    ],
    [
      { InvocationType: 'Event', Payload: big(1024 * 1024) },
      'RequestTooLargeException',
      413,
      '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ],
  ];

  it.each(cases)('%j', async (input, name, status, message) => {
    const target = echo();
    const { client, seen } = await startInvokeApi([functionOf([target])]);
    const error = await refused(client.send(new InvokeCommand({ FunctionName: 'fn', ...input })));
    expect(error.name).toBe(name);
    expect(error.message).toContain(message);
    expect(error.$metadata).toMatchObject({
      httpStatusCode: status,
      requestId: expect.any(String),
    });
    expect(target.invocations).toEqual([]);
    expect(seen).toMatchObject([{ type: 'invocation', status, error: name }]);
    // The connection goes on.
    expect((await client.send(new InvokeCommand({ FunctionName: 'fn' }))).StatusCode).toBe(200);
  });

  it.each([
    'ReservedFunctionConcurrentInvocationLimitExceeded',
    'FunctionInvocationRateLimitExceeded',
  ] as const)('a throttle: %s', async (reason) => {
    const target = echo();
    target.throttle = { reason, limit: 1 };
    const { client } = await startInvokeApi([functionOf([target])]);
    const error = await refused(client.send(new InvokeCommand({ FunctionName: 'fn' })));
    expect(error).toBeInstanceOf(TooManyRequestsException);
    expect(error).toMatchObject({
      message: 'Rate Exceeded.',
      Reason: reason,
      Type: 'User',
      retryAfterSeconds: '1',
      $metadata: { httpStatusCode: 429 },
    });
    expect(target).toMatchObject({ throttles: 1, invocations: [] });
  });

  it('an event that is not JSON by its type', async () => {
    const { url } = await startInvokeApi([functionOf([echo()])]);
    const post = (type: string) =>
      fetch(`${url}/2015-03-31/functions/fn/invocations`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      });
    for (const type of ['application/json', 'application/x-amz-json-1.1; charset=utf-8']) {
      expect((await post(type)).status).toBe(200);
    }
    const refusal = await post('text/xml');
    expect(refusal.status).toBe(415);
    expect(refusal.headers.get('x-amzn-errortype')).toBe('UnsupportedMediaTypeException');
    expect(await refusal.json()).toMatchObject({ Type: 'User' });
  });

  it('a call that is not served', async () => {
    const { url } = await startInvokeApi([]);
    const answered = await fetch(`${url}/2015-03-31/functions`, { method: 'POST', body: '{}' });
    expect(answered.status).toBe(404);
    expect(answered.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
  });

  it('web pages, by Host, Origin and Sec-Fetch-Site', async () => {
    const { url } = await startInvokeApi([functionOf([echo()])]);
    const status = (headers: Record<string, string>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = `${url}/2015-03-31/functions/fn/invocations`;
        const asked = request(path, { method: 'POST', headers }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asked.on('error', reject);
        asked.end('{}');
      });
    const { port } = new URL(url);
    expect(await status({ host: `localhost:${port}` })).toBe(200);
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  });
});

type StreamEvents = AsyncIterable<InvokeWithResponseStreamResponseEvent> | undefined;

async function read(stream: StreamEvents) {
  let body = '';
  let complete: InvokeWithResponseStreamResponseEvent['InvokeComplete'];
  for await (const event of stream ?? []) {
    body += text(event.PayloadChunk?.Payload);
    complete = event.InvokeComplete ?? complete;
  }
  return { body, complete };
}

describe('InvokeWithResponseStream', () => {
  const streaming = (
    run: (...parts: Parameters<ConstructorParameters<typeof TestTarget>[2]>) => void,
  ) => new TestTarget('fn', '$LATEST', run);
  const command = new InvokeWithResponseStreamCommand({ FunctionName: 'fn', LogType: 'Tail' });
  const LogResult = Buffer.from('the log\n').toString('base64');

  it('brings what the function writes, as it writes it', async () => {
    let go: () => void = () => {};
    const target = streaming((invocation) => {
      expect(invocation.streams).toBe(true);
      invocation.begin('text/plain');
      invocation.data(Buffer.from('one '));
      go = () => {
        invocation.data(Buffer.from('two'));
        endStream(invocation);
      };
    });
    const { client } = await startInvokeApi([functionOf([target])]);
    const response = await client.send(command);
    expect(response).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    const events = response.EventStream?.[Symbol.asyncIterator]();
    const first = await events?.next();
    expect(text(first?.value?.PayloadChunk?.Payload)).toBe('one ');
    go();
    expect(text((await events?.next())?.value?.PayloadChunk?.Payload)).toBe('two');
    expect((await events?.next())?.value).toEqual({ InvokeComplete: { LogResult } });
    expect((await events?.next())?.done).toBe(true);
  });

  it('ends with the error of a function that fails half-way', async () => {
    const target = streaming((invocation) => {
      invocation.begin('text/plain');
      invocation.data(Buffer.from('half'));
      endStream(invocation, 'Runtime.TruncatedResponse');
    });
    const { client } = await startInvokeApi([functionOf([target])]);
    const { body, complete } = await read((await client.send(command)).EventStream);
    expect(body).toBe('half');
    expect(complete).toMatchObject({ ErrorCode: 'Unhandled', LogResult });
    expect(JSON.parse(complete?.ErrorDetails ?? '')).toMatchObject({
      errorType: 'Runtime.TruncatedResponse',
    });
  });

  it('ends with the error of a function that never began', async () => {
    const target = streaming((invocation) => fail(invocation, 'Error', 'no'));
    const { client } = await startInvokeApi([functionOf([target])]);
    const { body, complete } = await read((await client.send(command)).EventStream);
    expect(body).toBe('');
    expect(complete).toMatchObject({ ErrorCode: 'Unhandled' });
  });

  it('brings the answer of a function that does not stream in one piece', async () => {
    const { client } = await startInvokeApi([functionOf([echo()])]);
    const { body, complete } = await read((await client.send(command)).EventStream);
    expect(JSON.parse(body)).toMatchObject({ event: {} });
    expect(complete).toEqual({ LogResult });
  });

  it('holds the function back when the caller does not keep up', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const chunks = 512;
    let sent = 0;
    let held = 0;
    const target = streaming((invocation, self) => {
      invocation.begin('text/plain');
      let resumedAt = 0;
      const write = (): void => {
        while (sent < chunks) {
          sent += 1;
          if (invocation.data(chunk)) continue;
          held += 1;
          const wait = (): void => {
            if (self.resumed > resumedAt) {
              resumedAt = self.resumed;
              write();
            } else setImmediate(wait);
          };
          wait();
          return;
        }
        endStream(invocation);
      };
      write();
    });
    const { client } = await startInvokeApi([functionOf([target])]);
    const response = await client.send(command);
    await expect.poll(() => held).toBeGreaterThan(0);
    expect(sent).toBeLessThan(chunks);
    const { body } = await read(response.EventStream);
    expect(body.length).toBe(chunks * chunk.length);
  });

  it('is no event', async () => {
    const { client } = await startInvokeApi([functionOf([echo()])]);
    const InvocationType = 'Event' as 'DryRun';
    const asked = client.send(
      new InvokeWithResponseStreamCommand({ FunctionName: 'fn', InvocationType }),
    );
    expect((await refused(asked)).message).toContain('[RequestResponse, DryRun]');
  });

  it('refuses as Invoke does', async () => {
    const target = echo();
    target.throttle = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1000 };
    const { client } = await startInvokeApi([functionOf([target])]);
    expect((await refused(client.send(command))).name).toBe('TooManyRequestsException');
  });
});

describe('calls that read', () => {
  const aliases = {
    live: { version: '2', second: undefined },
    canary: { version: '2', second: { version: '1', share: 0.1 } },
  };
  const start = () =>
    startInvokeApi([
      functionOf([echo(), echo('fn', '1'), echo('fn', '2')], { aliases, reserved: 7 }),
      functionOf([echo('other')]),
    ]);

  it('tell what a function is', async () => {
    const { client } = await start();
    const configuration = {
      FunctionName: 'demo-fn',
      FunctionArn: ARN,
      Handler: 'index.handler',
      Timeout: 3,
      MemorySize: 256,
      Version: '$LATEST',
      Environment: { Variables: { STAGE: 'test' } },
      State: 'Active',
      LastUpdateStatus: 'Successful',
      Architectures: ['arm64'],
      EphemeralStorage: { Size: 512 },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/demo-fn' },
    };
    expect(
      await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'fn' })),
    ).toMatchObject(configuration);
    expect(await client.send(new GetFunctionCommand({ FunctionName: ARN }))).toMatchObject({
      Configuration: configuration,
      Code: { Location: 'file:///srv/code' },
      Concurrency: { ReservedConcurrentExecutions: 7 },
    });
    expect(
      await client.send(new GetFunctionCommand({ FunctionName: 'fn', Qualifier: 'live' })),
    ).toMatchObject({ Configuration: { Version: '2', FunctionArn: `${ARN}:live` } });
    const waited = await waitUntilFunctionActiveV2(
      { client, maxWaitTime: 5 },
      { FunctionName: 'fn' },
    );
    expect(waited.state).toBe('SUCCESS');
  });

  it('list functions and versions, page by page', async () => {
    const { client } = await start();
    const arns = (
      functions: readonly { readonly FunctionArn?: string | undefined }[] | undefined,
    ) => functions?.map(({ FunctionArn }) => FunctionArn);
    const one = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect(arns(one.Functions)).toEqual([ARN]);
    const two = await client.send(new ListFunctionsCommand({ Marker: one.NextMarker }));
    expect(arns(two.Functions)).toEqual([ARN.replace('fn', 'other')]);
    expect(two.NextMarker).toBeUndefined();
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(all.Functions?.length).toBe(4);
    const versions = [];
    const pages = paginateListVersionsByFunction({ client, pageSize: 2 }, { FunctionName: 'fn' });
    for await (const page of pages) versions.push(...(page.Versions ?? []));
    expect(arns(versions)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`, `${ARN}:2`]);
  });

  it('tell what an alias stands for', async () => {
    const { client } = await start();
    const canary = {
      AliasArn: `${ARN}:canary`,
      Name: 'canary',
      FunctionVersion: '2',
      RoutingConfig: { AdditionalVersionWeights: { 1: 0.1 } },
    };
    expect(
      await client.send(new GetAliasCommand({ FunctionName: 'fn', Name: 'canary' })),
    ).toMatchObject(canary);
    const { Aliases } = await client.send(new ListAliasesCommand({ FunctionName: 'fn' }));
    expect(Aliases).toMatchObject([{ Name: 'live', FunctionVersion: '2' }, canary]);
    const none = new ListAliasesCommand({ FunctionName: 'fn', FunctionVersion: '1' });
    expect((await client.send(none)).Aliases).toEqual([]);
  });

  it('say what is not there', async () => {
    const { client } = await start();
    for (const command of [
      new GetFunctionCommand({ FunctionName: 'no' }),
      new ListVersionsByFunctionCommand({ FunctionName: 'no' }),
      new GetAliasCommand({ FunctionName: 'fn', Name: 'no' }),
    ]) {
      expect((await refused(client.send(command as GetFunctionCommand))).name).toBe(
        'ResourceNotFoundException',
      );
    }
  });
});

describe('its port', () => {
  it('is said to be taken by name', async () => {
    const { url } = await startInvokeApi([]);
    const port = Number(new URL(url).port);
    await expect(startInvokeApi([], { port })).rejects.toMatchObject({ code: 'INVOKE_PORT_TAKEN' });
  });
});

describe('InvokeAsync', () => {
  it('takes an event as it did before Invoke', async () => {
    const target = echo();
    const { client } = await startInvokeApi([functionOf([target])]);
    const invoke = (InvokeArgs: string) =>
      client.send(new InvokeAsyncCommand({ FunctionName: 'fn', InvokeArgs }));
    expect(await invoke('{"a":1}')).toMatchObject({ Status: 202 });
    await expect.poll(() => target.invocations.length).toBe(1);
    expect(target.invocations[0]?.payload.toString()).toBe('{"a":1}');
    const error = await refused(invoke(JSON.stringify('x'.repeat(256 * 1024))));
    expect(error.message).toContain('(limit 262144 bytes)');
  });
});
