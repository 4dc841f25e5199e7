// What a runtime that keeps no rule is answered, and what the caller of such a function gets.

import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { FIXTURES, temporaryFolder } from '../support/app.ts';
import { differs } from './differences.ts';
import { IMPLEMENTATIONS, WITH_CONTAINERS } from './implementations.ts';
import { recordsIn, recordsOf } from './records.ts';
import {
  brokeItsStartOff,
  type FunctionSetup,
  hasty,
  itWhere,
  jsonOf,
  type LambdaUnderTest,
  needs,
  type RunningFunction,
  timedOut,
} from './under-test.ts';

const MAX_PAYLOAD = 6_291_556;

interface Reply {
  readonly step: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly same?: boolean;
}

type Start = (context: TestContext, more?: Partial<FunctionSetup>) => Promise<Raw>;

type Raw = RunningFunction & { reply(step: string): Promise<Reply> };

function starter(under: LambdaUnderTest): Start {
  return async (context, more = {}) => {
    needs(context, under.missing());
    // In a container it is the log, where a file could not be seen.
    const file = under.hidden === undefined ? join(temporaryFolder(), 'record') : undefined;
    const running = await under.start({
      folder: join(FIXTURES, 'functions', 'raw'),
      command: ['node', 'runtime.mjs'],
      handler: 'raw',
      ...more,
      environment: { RECORD: file ?? '/dev/stdout', ...more.environment },
    });
    const { first: reply } =
      file === undefined ? recordsIn<Reply>(() => running.log()) : recordsOf<Reply>(file);
    return { ...running, reply };
  };
}

/** What the next invocation gets, to see that the environment goes on or another took its place. */
const NEXT = { do: 'head' };

async function goesOn(under: LambdaUnderTest, context: TestContext, running: Raw): Promise<void> {
  const answer = jsonOf(await running.invoke(NEXT));
  needs(context, brokeItsStartOff(under, answer));
  expect(answer).toBe('done');
}

// What depends on the connection, which from a container goes through a relay.
describe.each(WITH_CONTAINERS)('$name', (under) => {
  const start = starter(under);

  it('sends the head fields that belong to an invocation', async (context) => {
    const running = await start(context, { timeoutS: 3 });
    const before = Date.now();
    const answer = await running.invoke({ do: 'head' }, { clientContext: '{"custom":{}}' });
    expect([answer.error, jsonOf(answer)]).toEqual([undefined, 'done']);
    const { status, headers, body } = await running.reply('next');
    expect([status, body]).toEqual([200, '{"do":"head"}']);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'lambda-runtime-invoked-function-arn': expect.stringMatching(/^arn:aws:lambda:/),
      'lambda-runtime-client-context': '{"custom":{}}',
    });
    expect(headers).not.toHaveProperty('lambda-runtime-cognito-identity');
    expect(headers).not.toHaveProperty('lambda-runtime-aws-tenant-id');
    const deadline = Number(headers['lambda-runtime-deadline-ms']);
    expect(deadline).toBeGreaterThanOrEqual(before + 3000);
    expect(deadline).toBeLessThanOrEqual(Date.now() + 3000);
    expect(await running.reply('response')).toMatchObject(accepted);
    const { 'lambda-runtime-trace-id': trace, 'lambda-runtime-invocation-id': attempt } = headers;
    if (!differs(under, 'trace-id')) expect(trace).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/);
    if (!differs(under, 'invocation-id')) expect(attempt).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('does not take half an answer for a whole one', async (context) => {
    const running = await start(context, { timeoutS: hasty(under) });
    const answer = await running.invoke({ do: 'half' });
    expect(String(answer.payload)).not.toContain('only half of');
    if (!differs(under, 'broken-answer')) expect(answer.error).toBe('Unhandled');
    await goesOn(under, context, running);
  });

  it('does not take a stream that breaks off for a whole one', async (context) => {
    const running = await start(context, { timeoutS: hasty(under) });
    const answer = await running.invoke({ do: 'cut-stream' });
    if (!differs(under, 'broken-answer')) expect(answer.error).toBe('Unhandled');
    else expect(String(answer.payload)).toBe(timedOut(under));
    await goesOn(under, context, running);
  });

  it('gives the same event to whoever asks again', async (context) => {
    const running = await start(context);
    for (const what of ['ask-again', 'hundred']) {
      expect(jsonOf(await running.invoke({ do: what }))).toBe('done');
    }
    expect(await running.reply('again')).toMatchObject({ status: 200, same: true });
    expect(await running.reply('hundred')).toMatchObject({ status: 200, same: true });
    await goesOn(under, context, running);
  });

  itWhere(!differs(under, 'crowd'))(
    'gives the first event to all who wait for it, and takes one answer',
    async (context) => {
      const running = await start(context, { environment: { SCRIPT: 'crowd' } });
      await goesOn(under, context, running);
      expect(await running.reply('crowd')).toMatchObject({ status: 200, same: true });
      await goesOn(under, context, running);
    },
  );

  it('answers what is no HTTP, and calls it does not know', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'garbage' }))).toBe('right');
    const status = async (step: string): Promise<number> => (await running.reply(step)).status;
    expect({
      'no-http': await status('no-http'),
      'bad-field': await status('bad-field'),
      unknown: await status('unknown'),
      method: await status('method'),
      ping: await status('ping'),
      restore: await status('restore'),
    }).toEqual({
      'no-http': 400,
      'bad-field': 400,
      unknown: 404,
      method: 405,
      ping: 200,
      restore: 404,
    });
    await goesOn(under, context, running);
  });

  it('does not hear an answer that comes too late', async (context) => {
    const running = await start(context, { timeoutS: hasty(under) });
    const late = await running.invoke({ do: 'late' });
    expect(String(late.payload)).toContain(timedOut(under));
    await goesOn(under, context, running);
  });
});

describe.each(IMPLEMENTATIONS)('$name', (under) => {
  const start = starter(under);

  it('takes one answer and refuses the second', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'twice' }))).toBe('one');
    expect(await running.reply('first')).toMatchObject(accepted);
    const second = await running.reply('second');
    expect([second.status, JSON.parse(second.body)]).toEqual([
      403,
      notAllowed('RuntimeResponseSentState', 'InvocationResponse'),
    ]);
    await goesOn(under, context, running);
  });

  it('refuses an error after a response', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'error-after-response' }))).toBe('one');
    const error = await running.reply('error');
    expect([error.status, JSON.parse(error.body)]).toEqual([
      403,
      notAllowed('RuntimeResponseSentState', 'InvocationErrorResponse'),
    ]);
    await goesOn(under, context, running);
  });

  it('refuses an answer to another invocation', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'wrong-id' }))).toBe('right');
    for (const step of ['response', 'error']) {
      const { status, body } = await running.reply(step);
      expect([status, JSON.parse(body)]).toEqual([
        400,
        { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
      ]);
    }
    expect(await running.reply('right')).toMatchObject(accepted);
  });

  itWhere(!differs(under, 'invocation-id'))(
    'refuses an answer to another attempt',
    async (context) => {
      const running = await start(context);
      expect(jsonOf(await running.invoke({ do: 'invocation-id' }))).toBe('right');
      const { status, body } = await running.reply('wrong');
      expect([status, JSON.parse(body)]).toEqual([
        400,
        expect.objectContaining({ errorType: 'InvalidInvocationId' }),
      ]);
      expect(await running.reply('right')).toMatchObject(accepted);
    },
  );

  it.for(['size', 'size-chunked'].flatMap((how) => [-1, 0, 1].map((more) => ({ how, more }))))(
    'takes $how of the limit and $more bytes',
    async ({ how, more }, context) => {
      const running = await start(context);
      const bytes = MAX_PAYLOAD + more;
      const answer = await running.invoke({ do: how, bytes });
      const reply = await running.reply('size');
      if (more <= 0) {
        expect([answer.error, answer.payload.length]).toEqual([undefined, bytes]);
        expect(reply).toMatchObject(accepted);
      } else {
        expect(jsonOf(answer)).toMatchObject({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage:
            'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
        });
        expect([reply.status, JSON.parse(reply.body)]).toEqual([
          413,
          {
            errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
            errorType: 'RequestEntityTooLarge',
          },
        ]);
      }
      await goesOn(under, context, running);
    },
  );

  it('takes the mode "streaming"', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'mode', mode: 'streaming' }))).toBe('done');
    expect(await running.reply('streaming')).toMatchObject(accepted);
  });

  it.for(['buffered', 'Streaming'])('refuses the mode "%s"', async (mode, context) => {
    const running = await start(context);
    const answer = await running.invoke({ do: 'mode', mode });
    const { status, body } = await running.reply(mode);
    expect([status, JSON.parse(body)]).toEqual([
      400,
      {
        errorMessage: 'Invalid function response mode',
        errorType: 'InvalidFunctionResponseMode',
      },
    ]);
    if (differs(under, 'refused-mode')) expect(answer).toMatchObject({ status: 502 });
    else expect(jsonOf(answer)).toMatchObject({ errorType: 'Runtime.InvalidResponseModeHeader' });
    if (!differs(under, 'refused-mode')) await goesOn(under, context, running);
  });

  itWhere(!differs(under, 'error-in-stream'))(
    'refuses an error once a stream has begun',
    async (context) => {
      const running = await start(context, { timeoutS: 5 });
      const answer = await running.invoke({ do: 'error-in-stream' });
      expect([answer.error, String(answer.payload)]).toEqual([undefined, 'firstsecond']);
      expect(await running.reply('error')).toMatchObject({ status: 403 });
      expect(await running.reply('response')).toMatchObject(accepted);
    },
  );

  it('refuses /init/error once the runtime has asked for an event', async (context) => {
    const running = await start(context);
    expect(jsonOf(await running.invoke({ do: 'init-error' }))).toBe('right');
    const { status, body } = await running.reply('init-error');
    expect([status, JSON.parse(body)]).toEqual([403, notAllowed('Running', 'InitError')]);
  });

  it('hands on the error that a runtime reports as it is', async (context) => {
    const running = await start(context);
    const failed = await running.invoke({ do: 'error-type', type: 'Function.Known' });
    expect(jsonOf(failed)).toEqual({
      errorMessage: 'as told',
      errorType: 'AsTold',
      stackTrace: [],
    });
  });

  it('hands on the error that a runtime reports in its initialisation', async (context) => {
    const running = await start(context, { environment: { SCRIPT: 'init-error' } });
    for (const _ of ['once', 'again']) {
      const failed = await running.invoke(NEXT);
      expect(jsonOf(failed)).toMatchObject({
        errorMessage: 'not today',
        errorType: 'Function.NotToday',
      });
      if (!differs(under, 'error-header'))
        expect([failed.status, failed.error]).toEqual([200, 'Unhandled']);
    }
    expect(await running.reply('init-error')).toMatchObject(accepted);
  });

  it('says that the runtime exited in its initialisation', async (context) => {
    const running = await start(context, { environment: { SCRIPT: 'exit' } });
    for (const _ of ['once', 'again']) {
      const failed = await running.invoke(NEXT);
      if (differs(under, 'init-exit')) {
        expect([failed.status, String(failed.payload)]).toEqual([502, '']);
        continue;
      }
      expect([failed.status, failed.error]).toEqual([200, 'Unhandled']);
      expect(jsonOf(failed)).toEqual({
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(
          /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 3$/,
        ),
      });
    }
  });

  it('does not wait for ever for a runtime that never asks', async (context) => {
    const running = await start(context, {
      timeoutS: hasty(under),
      environment: { SCRIPT: 'never' },
    });
    const failed = await running.invoke(NEXT);
    if (!differs(under, 'error-header'))
      expect([failed.status, failed.error]).toEqual([200, 'Unhandled']);
    expect(String(failed.payload)).toContain(timedOut(under));
  });
});

const accepted = { status: 202, body: expect.stringMatching(/^\{"status":"OK"\}\n?$/) };

function notAllowed(from: string, to: string) {
  return {
    errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
    errorType: 'InvalidStateTransition',
  };
}
