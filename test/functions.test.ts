// Functions on the local Lambda: a runtime of its own in real processes, and what goes wrong in it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp } from './support/app.ts';
import { gateOf } from './support/gate.ts';
import { call, failure, invoke, targetOf } from './support/invoke.ts';

const yaml = (settings = '{ timeout: 10s }', more = '', local = '{}') => `
app: fn
functions:
  work:
    source: FIXTURES/function
    command: node bootstrap.mjs
    handler: index.handler
    lambda: ${settings}
${more}
local: ${local}
`;

async function start(settings?: string, more?: string, local?: string) {
  const app = await startApp(yaml(settings, more, local));
  return { app, target: targetOf(app, 'work') };
}

const platformLines = (app: TestApp) =>
  app
    .of('log')
    .filter(({ source }) => source === 'platform')
    .map(({ line }) => line);

interface Echo {
  readonly event: unknown;
  readonly context: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly served: number;
}

describe('an invocation', () => {
  it('reaches the runtime with its context, and the answer comes back', async () => {
    const { target } = await start();
    const before = Date.now();
    const echo = (await call(target, { hello: 'world' })) as Echo;
    expect(echo.event).toEqual({ hello: 'world' });
    expect(echo.context).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-invoked-function-arn':
        'arn:aws:lambda:us-east-1:000000000000:function:fn-work',
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    const deadline = Number(echo.context['lambda-runtime-deadline-ms']);
    expect(deadline).toBeGreaterThanOrEqual(before + 10_000);
  });

  it('uses an environment again, and one for each that runs at the same time', async () => {
    const { app, target } = await start();
    const first = (await call(target, {})) as Echo;
    const second = (await call(target, {})) as Echo;
    expect(second.pid).toBe(first.pid);
    expect(second.served).toBe(2);
    const gate = gateOf(app);
    const asked = [1, 2, 3].map(() => call(target, { do: 'until', file: gate.file }));
    const ready = () => app.of('environment').filter(({ state }) => state === 'ready').length;
    await expect.poll(ready).toBe(3);
    gate.open();
    expect(await Promise.all(asked)).toEqual(['there', 'there', 'there']);
    expect(ready()).toBe(3);
  });

  it('sets the variables of Lambda', async () => {
    const { target } = await start('{ memory: 256, timeout: 10s, logFormat: json }');
    const names = [
      '_HANDLER',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_FORMAT',
      'TZ',
    ];
    expect(await call(target, { do: 'env', names })).toEqual({
      _HANDLER: 'index.handler',
      AWS_LAMBDA_FUNCTION_NAME: 'fn-work',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn-work',
      AWS_LAMBDA_LOG_FORMAT: 'JSON',
      TZ: ':UTC',
    });
  });

  it('is reported: START, what was printed, END, REPORT; the tail goes to who wants it', async () => {
    const { app, target } = await start();
    const { outcome } = await invoke(
      target,
      { do: 'log', lines: ['one', 'two'] },
      { wantsLog: true, requestId: '11111111-2222-4333-8444-555555555555' },
    );
    const id = '11111111-2222-4333-8444-555555555555';
    const tail = outcome.logTail.toString('utf8').trimEnd().split('\n');
    expect(tail[0]).toBe(`START RequestId: ${id} Version: 1`);
    expect(tail).toContain('one');
    expect(tail).toContain('two');
    expect(tail.at(-2)).toBe(`END RequestId: ${id}`);
    expect(tail.at(-1)).toMatch(
      /^REPORT RequestId: .*\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 512 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms$/,
    );
    expect(platformLines(app)).toHaveLength(3);
  });
});

describe('when a function fails', () => {
  it('what the runtime reports goes to the caller as it is', async () => {
    const { app, target } = await start();
    expect(await failure(target, { do: 'fail', message: 'no luck' })).toMatchObject({
      kind: 'Unhandled',
      type: 'Oops',
      code: 'FUNCTION_FAILED',
      body: { errorType: 'Oops', errorMessage: 'no luck', stackTrace: [] },
    });
    await call(target, {});
    expect(app.of('environment').filter(({ state }) => state === 'starting')).toHaveLength(1);
    expect(platformLines(app).find((line) => line.startsWith('REPORT'))).toContain(
      'Status: error\tError Type: Oops',
    );
  });

  it('a runtime that exits is an error with its status, and the next gets a new one', async () => {
    const { target } = await start();
    const first = (await call(target, {})) as Echo;
    const error = await failure(
      target,
      { do: 'exit', code: 7 },
      { requestId: '11111111-2222-4333-8444-555555555555' },
    );
    expect(error.body).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage:
        'RequestId: 11111111-2222-4333-8444-555555555555 Error: Runtime exited with error: exit status 7',
    });
    const next = (await call(target, {})) as Echo;
    expect(next.pid).not.toBe(first.pid);
    expect(next.served).toBe(1);
  });

  it.each([
    [{ do: 'exit', code: 0 }, 'Runtime exited without providing a reason'],
    [{ do: 'kill', signal: 'SIGKILL' }, 'Runtime exited with error: signal: killed'],
    [{ do: 'kill', signal: 'SIGSEGV' }, 'Runtime exited with error: signal: segmentation fault'],
  ])('%j is told as "%s"', async (event, message) => {
    const { target } = await start();
    const { body } = await failure(target, event);
    expect((body as { errorMessage: string }).errorMessage).toContain(message);
  });

  it('a timeout is told in the words of Lambda; /tmp is kept, the processes are not', async () => {
    const { app, target } = await start('{ timeout: 3s }', '', '{ maxEnvironments: 1 }');
    await call(target, { do: 'write', text: 'still here' });
    const { type, body } = await failure(target, { do: 'sleep', ms: 60_000 });
    expect(type).toBe('Sandbox.Timedout');
    expect((body as { errorMessage: string }).errorMessage).toMatch(
      /^RequestId: .* Error: Task timed out after 3\.00 seconds$/,
    );
    expect(await call(target, { do: 'read' })).toBe('still here');
    expect((await call(target, {})) as Echo).toMatchObject({ served: 2 });
    expect(platformLines(app).filter((line) => line.includes('Status: timeout'))).toHaveLength(1);
  });

  it('one that uses too much memory is killed', async () => {
    const { app, target } = await start('{ memory: 128, timeout: 20s }');
    const { body, code } = await failure(target, { do: 'memory', mib: 400 });
    expect((body as { errorMessage: string }).errorMessage).toContain('signal: killed');
    expect(code).toBe('APP_OUT_OF_MEMORY');
    expect(app.of('fault').map(({ fault }) => fault.code)).toContain('APP_OUT_OF_MEMORY');
  });

  it('INIT that fails starts over in the first invocation', async () => {
    const { app, target } = await start('{ timeout: 3s }', '    environment: { INIT: exit }');
    const { body } = await failure(target, {});
    expect(body).toMatchObject({ errorType: 'Runtime.ExitError' });
    const reports = platformLines(app).filter((line) => line.startsWith('INIT_REPORT'));
    expect(reports.map((line) => /Phase: \w+/.exec(line)?.[0])).toEqual([
      'Phase: init',
      'Phase: invoke',
    ]);
  });

  it('what a runtime says about its INIT is the error', async () => {
    const { target } = await start('{ timeout: 3s }', '    environment: { INIT: error }');
    expect((await failure(target, {})).body).toEqual({
      errorType: 'Runtime.NoHandler',
      errorMessage: 'no handler',
    });
  });

  it('an answer may have 6 MB and 100 bytes, and not one more', async () => {
    const { target } = await start('{ timeout: 20s, memory: 1024 }', '', '{ maxEnvironments: 1 }');
    const most = 6 * 1024 * 1024 + 100;
    for (const bytes of [most - 1, most]) {
      const { outcome } = await invoke(target, { do: 'large', bytes });
      expect(outcome.kind === 'answered' && outcome.payload.length).toBe(bytes);
    }
    expect((await failure(target, { do: 'large', bytes: most + 1 })).body).toEqual({
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    expect((await call(target, {})) as Echo).toMatchObject({ served: 4 });
  });
});

describe('what is assumed about AWS', () => {
  it('may be changed: the id of an attempt, the status of a reported error', async () => {
    const local = '{ assume: { invocationId: false, reportedStatus: success } }';
    const { app, target } = await start(undefined, undefined, local);
    const { context } = (await call(target, {})) as Echo;
    expect(context).not.toHaveProperty('lambda-runtime-invocation-id');
    expect((await failure(target, { do: 'fail', message: 'x' })).code).toBe('FUNCTION_FAILED');
    await expect
      .poll(() => platformLines(app).filter((line) => line.startsWith('REPORT')).length)
      .toBe(2);
    expect(platformLines(app).join()).not.toContain('Status:');
  });

  it('may be changed: the older lines and bodies, and who handled an error', async () => {
    const assume = '{ timeoutError: message, runtimeError: handled, reportStyle: lines }';
    const { app, target } = await start('{ timeout: 3s }', '', `{ assume: ${assume} }`);
    expect((await failure(target, { do: 'fail', message: 'x' })).kind).toBe('Handled');
    const { body } = await failure(target, { do: 'sleep', ms: 60_000 });
    expect(body).toEqual({
      errorMessage: expect.stringMatching(/^\d{4}-.*Z \S+ Task timed out after 3\.00 seconds$/),
    });
    await failure(target, { do: 'exit', code: 1 });
    const lines = platformLines(app);
    expect(lines.join('\n')).toMatch(
      /RequestId: \S+ Error: Runtime exited with error: exit status 1\nRuntime\.ExitError\nEND /,
    );
    expect(
      lines.filter((line) => /Z \S+ Task timed out after 3\.00 seconds$/.test(line)),
    ).toHaveLength(1);
    expect(lines.join()).not.toContain('Status:');
  });

  it('JSON logs have the platform events instead of lines', async () => {
    const { app, target } = await start('{ timeout: 10s, logFormat: json }');
    await call(target, {});
    await expect.poll(() => platformLines(app).length).toBe(3);
    const events = platformLines(app).map((line) => JSON.parse(line) as { type: string });
    expect(events.map(({ type }) => type)).toEqual([
      'platform.initStart',
      'platform.start',
      'platform.report',
    ]);
  });
});

describe('a streamed answer', () => {
  it('reaches a caller who takes it as it comes, and is whole for one who does not', async () => {
    const { target } = await start();
    const event = { do: 'stream', chunks: ['a', 'b', 'c'] };
    const { outcome, chunks, contentType } = await invoke(target, event, { streams: true });
    expect(outcome).toMatchObject({ kind: 'streamed', error: undefined });
    expect(Buffer.concat([...chunks]).toString()).toBe('abc');
    expect(contentType).toBe('text/plain');
    const whole = await invoke(target, event);
    expect(whole.outcome.kind === 'answered' && whole.outcome.payload.toString()).toBe('abc');
  });

  it('that fails half-way says so after what came', async () => {
    const { app, target } = await start();
    const event = { do: 'stream', chunks: ['a'], fail: 'broke' };
    const { outcome, chunks } = await invoke(target, event, { streams: true });
    expect(Buffer.concat([...chunks]).toString()).toBe('a');
    if (outcome.kind !== 'streamed') throw new Error(outcome.kind);
    expect(outcome.error?.payload.toString()).toBe('{"errorType":"Error","errorMessage":"broke"}');
    await expect
      .poll(() => platformLines(app).find((line) => line.startsWith('REPORT')))
      .toContain('Error Type: Error');
  });
});

describe('between invocations', () => {
  it.runIf(process.platform === 'linux')('a function stands still, and then goes on', async () => {
    const { target } = await start();
    const { pid } = (await call(target, {})) as Echo;
    await call(target, { do: 'background' });
    const isStopped = () => /^\d+ \(.*\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    await expect.poll(isStopped).toBe(true);
    const before = (await call(target, { do: 'ticks' })) as number;
    await expect
      .poll(async () => {
        await call(target, { do: 'sleep', ms: 50 });
        return (await call(target, { do: 'ticks' })) as number;
      })
      .toBeGreaterThan(before);
    await expect.poll(isStopped).toBe(true);
  });
});
