// Extensions beside and inside a runtime: what they are told, what is refused, and what their failures do.

import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { FIXTURES, temporaryFolder } from '../support/app.ts';
import { differs } from './differences.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import { recordsOf } from './records.ts';
import { type FunctionSetup, hasty, jsonOf, needs, timedOut } from './under-test.ts';

interface Note {
  readonly step: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
}

const HEAD = { do: 'head' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const RECORDER = { recorder: join(FIXTURES, 'extensions', 'recorder.mjs') };

describe.each(IMPLEMENTATIONS)('$name', (under) => {
  async function start(
    context: TestContext,
    environment: Readonly<Record<string, string>>,
    more: Partial<FunctionSetup> = { extensions: RECORDER },
  ) {
    needs(
      context,
      under.missing(),
      more.extensions === undefined ? undefined : under.missingExtensions(),
    );
    const folder = temporaryFolder();
    const running = await under.start({
      folder: join(FIXTURES, 'functions', 'raw'),
      command: ['node', 'runtime.mjs'],
      handler: 'raw',
      timeoutS: 10,
      ...more,
      environment: {
        RECORD: join(folder, 'runtime'),
        EXTENSION_RECORD: folder,
        SCRIPT: 'asked-to-end',
        ...environment,
      },
    });
    const reports = (): number => running.log().split('REPORT RequestId: ').length - 1;
    return {
      ...running,
      runtime: recordsOf<Note>(join(folder, 'runtime')),
      extension: recordsOf<Note>(join(folder, 'recorder.jsonl')),
      /** Resolves when so many invocations are complete, extensions and all. */
      complete: (count: number) => expect.poll(reports).toBe(count),
    };
  }

  it('starts an extension before the runtime and tells it of every invocation', async (context) => {
    const running = await start(context, {});
    const started = Date.now();
    for (const count of [1, 2]) {
      expect(jsonOf(await running.invoke(HEAD))).toBe('done');
      await running.complete(count);
    }
    await running.stop();
    const registered = await running.extension.first('registered');
    expect(registered.status).toBe(200);
    expect(registered.headers['lambda-extension-identifier']).toMatch(UUID);
    expect(registered.body).toMatchObject({
      functionName: 'conformance-fn',
      functionVersion: '$LATEST',
      handler: 'raw',
      ...(!differs(under, 'account-id') && { accountId: '000000000000' }),
    });
    const [first, second, last, ...more] = running.extension.of('event');
    expect(more).toEqual([]);
    const ids = running.runtime
      .of('next')
      .map(({ headers }) => headers['lambda-runtime-aws-request-id']);
    expect([first?.body['requestId'], second?.body['requestId']]).toEqual(ids);
    expect(first?.headers['lambda-extension-event-identifier']).toMatch(UUID);
    expect(first?.body).toMatchObject({
      eventType: 'INVOKE',
      invokedFunctionArn: expect.stringMatching(/^arn:aws:lambda:/),
      ...(!differs(under, 'trace-id') && {
        tracing: { type: 'X-Amzn-Trace-Id', value: expect.stringMatching(/^Root=1-/) },
      }),
    });
    expect(first?.body['deadlineMs']).toBeGreaterThan(started);
    expect(last?.body).toMatchObject({
      eventType: 'SHUTDOWN',
      shutdownReason: differs(under, 'shutdown-reason') ? 'SandboxTerminated' : 'spindown',
    });
    expect(last?.body['deadlineMs']).toBeGreaterThan(started);
  });

  it('sets for an extension what is not the runtime’s own', async (context) => {
    const running = await start(context, { GREETING: 'hi' });
    await running.invoke(HEAD);
    const { variables } = await running.extension.first('started');
    expect(variables).toMatchObject({
      GREETING: 'hi',
      AWS_LAMBDA_FUNCTION_NAME: 'conformance-fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\./),
      AWS_REGION: 'eu-west-1',
    });
    const missing = ['_HANDLER', 'AWS_EXECUTION_ENV'];
    if (!differs(under, 'extension-variables')) {
      missing.push('AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME');
      missing.push('LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR');
    }
    for (const name of missing) expect(variables).not.toHaveProperty(name);
  });

  it.for([
    { what: 'no extension', script: 'asked-to-end', extensions: undefined, asked: false },
    { what: 'an internal extension', script: 'internal', extensions: undefined, asked: true },
    { what: 'an external extension', script: 'asked-to-end', extensions: RECORDER, asked: true },
  ])('asks a runtime to end with $what: $asked', async (given, context) => {
    const { extensions, asked } = given;
    const running = await start(
      context,
      { SCRIPT: given.script },
      extensions ? { extensions } : {},
    );
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    await running.complete(1);
    await running.stop();
    expect(running.runtime.of('signal')).toHaveLength(asked ? 1 : 0);
    expect(running.extension.of('signal')).toEqual([]);
  });

  it('does not wait for ever for an extension that does not end', async (context) => {
    const running = await start(context, { EXTENSION_DO: 'stays' });
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    await running.complete(1);
    await running.stop();
    expect(running.extension.of('event').at(-1)?.body).toMatchObject({ eventType: 'SHUTDOWN' });
  });

  it('refuses what an extension may not ask', async (context) => {
    const running = await start(context, { EXTENSION_DO: 'refusals' });
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    await running.extension.first('late-name');
    const refused = (step: string) => {
      const [one] = running.extension.of(step);
      return [one?.status, one?.body['errorType'], one?.body['errorMessage']];
    };
    const unknown = '11111111-2222-4333-8444-555555555555';
    const transition =
      'State transition from Registered to Registered failed for extension recorder. Error: State transition is not allowed';
    expect(Object.fromEntries(REFUSALS.map((step) => [step, refused(step)]))).toEqual({
      'no-name': [403, 'Extension.InvalidExtensionName', 'Empty extension name'],
      'bad-event': [403, 'Extension.InvalidEventType', 'SLEEP: ErrorInvalidEventType'],
      'no-id': [
        403,
        'Extension.MissingExtensionIdentifier',
        'Missing Lambda-Extension-Identifier header',
      ],
      'bad-id': [
        403,
        'Extension.InvalidExtensionIdentifier',
        'Invalid Lambda-Extension-Identifier',
      ],
      'unknown-id': [403, 'Extension.UnknownExtensionIdentifier', `Unknown extension ${unknown}`],
      again: [403, 'Extension.InvalidExtensionState', transition],
      'no-type': [403, 'Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'],
      'late-name': [403, 'Extension.RegistrationClosed', 'Extension registration closed already'],
    });
  });

  it('takes ten extensions', async (context) => {
    const running = await start(context, { SCRIPT: 'many' }, {});
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    const eleventh = await running.runtime.first('own-11');
    expect([eleventh.status, JSON.parse(String(eleventh.body))]).toEqual([
      403,
      { errorMessage: 'Extension limit (10) reached', errorType: 'Extension.TooManyExtensions' },
    ]);
    const [tenth] = running.runtime.of('own-10');
    expect(tenth?.status).toBe(200);
  });

  it.for([
    { does: 'init-error', type: 'Extension.InitError' },
    { does: 'exits-first', type: 'Extension.Crash' },
  ])('fails INIT when an extension $does', async ({ does, type }, context) => {
    const running = await start(context, { EXTENSION_DO: does });
    const failed = await running.invoke(HEAD);
    if (differs(under, 'init-exit'))
      expect([failed.status, String(failed.payload)]).toEqual([502, '']);
    else {
      expect([failed.status, failed.error]).toEqual([200, 'Unhandled']);
      expect(jsonOf(failed)).toMatchObject({ errorType: type });
    }
    // Before it registers there is no runtime; afterwards one may have begun.
    if (does === 'exits-first') expect(running.runtime.all()).toEqual([]);
    expect(running.runtime.of('next')).toEqual([]);
  });

  it.for(['crash', 'exit-error'])(
    'starts anew when an extension ends with %s in an invocation',
    async (does, context) => {
      const running = await start(context, { EXTENSION_DO: does });
      for (const count of [1, 2]) {
        await running.invoke(HEAD);
        await expect.poll(() => running.extension.of('event').length).toBe(count);
      }
      const pids = new Set(running.extension.of('started').map((one) => JSON.stringify(one)));
      expect(pids.size).toBe(2);
    },
  );

  it('does not hear a runtime that answers while it is ended', async (context) => {
    const running = await start(
      context,
      { SCRIPT: 'will-not-end' },
      { extensions: RECORDER, timeoutS: hasty(under) },
    );
    const late = await running.invoke({ do: 'late' });
    expect(String(late.payload)).toContain(timedOut(under));
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    expect(await running.runtime.first('late')).toMatchObject({ status: 202 });
    const shutdown = running.extension
      .of('event')
      .find(({ body }) => body['eventType'] === 'SHUTDOWN');
    expect(shutdown?.body['shutdownReason']).toMatch(/^timeout$/i);
  });

  it('ends an invocation that an extension holds up', async (context) => {
    const running = await start(
      context,
      { EXTENSION_DO: 'never-asks-again' },
      { extensions: RECORDER, timeoutS: hasty(under) },
    );
    const held = await running.invoke(HEAD);
    if (differs(under, 'held-answer')) {
      expect(String(held.payload)).toBe(timedOut(under));
      return;
    }
    expect(jsonOf(held)).toBe('done');
    await running.complete(1);
    expect(running.log()).toMatch(/REPORT RequestId: .*\tStatus: timeout/);
    expect(jsonOf(await running.invoke(HEAD))).toBe('done');
    await expect.poll(() => running.extension.of('started').length).toBe(2);
  });
});

const REFUSALS = [
  'no-name',
  'bad-event',
  'no-id',
  'bad-id',
  'unknown-id',
  'again',
  'no-type',
  'late-name',
];
