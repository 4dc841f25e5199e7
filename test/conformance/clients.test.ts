// What a function sees and what its caller gets, whichever runtime client the function uses.

import { readFileSync, statSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { CLIENTS, type ClientName, type RuntimeClient } from './clients.ts';
import { differs } from './differences.ts';
import { WITH_CONTAINERS } from './implementations.ts';
import { stateOf } from './processes.ts';
import {
  brokeItsStartOff,
  type FunctionSetup,
  hasty,
  type Invoked,
  itWhere,
  jsonOf,
  type LambdaUnderTest,
  needs,
  type RunningFunction,
  timedOut,
} from './under-test.ts';

/** Exactly 6 MiB + 100 bytes. [RIE interop/model.go MaxPayloadSize] */
const MAX_PAYLOAD = 6_291_556;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

interface Echo {
  readonly event: unknown;
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly invokedFunctionArn: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryMiB: number;
  readonly clientContext: { readonly custom: unknown } | null;
  readonly traceId: string | null;
  readonly served: number;
  readonly pid: number;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

describe.each(WITH_CONTAINERS)('$name', (under) => {
  describe.each(CLIENTS)('$name', (client) => {
    const start = (context: TestContext, more?: Partial<FunctionSetup>) =>
      begin(under, client, context, more);

    /** In a container the other clients say what they say as processes: it is asked of Node alone. */
    const isAsked = under.hidden === undefined || client.name === 'node';

    it('hands over the event and what belongs to it', async (context) => {
      const running = await start(context, { environment: { GREETING: 'hé "there"' } });
      const event = { do: 'echo', text: 'né', deep: { list: [1, null, true] } };
      const before = Date.now();
      const echo = jsonOf(
        await running.invoke(event, {
          traceId: TRACE,
          clientContext: '{"custom":{"one":"two"},"env":{"three":"four"},"client":{}}',
        }),
      ) as Echo;
      expect(echo.event).toEqual(event);
      expect(echo.requestId).toMatch(UUID);
      expect(echo.deadlineMs).toBeGreaterThan(before + 20_000);
      expect(echo.deadlineMs).toBeLessThanOrEqual(Date.now() + 31_000);
      expect(echo.invokedFunctionArn).toMatch(
        new RegExp(`^arn:aws:lambda:[a-z0-9-]+:\\d{12}:function:${echo.functionName}$`),
      );
      expect(echo).toMatchObject({
        functionVersion: '$LATEST',
        memoryMiB: 1024,
        served: 1,
        clientContext: { custom: { one: 'two' }, env: { three: 'four' } },
        cwd: under.root(client.setup),
      });
      if (!differs(under, 'trace-id')) expect(echo.traceId).toBe(TRACE);
    });

    it('sets the variables that Lambda sets', async (context) => {
      const running = await start(context);
      const { variables, functionName } = jsonOf(await running.invoke({ do: 'echo' })) as Echo;
      expect(variables).toMatchObject({
        _HANDLER: client.setup.handler,
        AWS_LAMBDA_FUNCTION_NAME: functionName,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
        AWS_LAMBDA_RUNTIME_API: expect.stringMatching(under.api),
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_LAMBDA_LOG_GROUP_NAME: expect.stringMatching(/^\/aws\/lambda\//),
        AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('$LATEST'),
        LANG: 'en_US.UTF-8',
        TZ: ':UTC',
      });
      expect(variables).toMatchObject({ LAMBDA_TASK_ROOT: under.root(client.setup) });
      const how = variables['AWS_LAMBDA_INITIALIZATION_TYPE'];
      if (!differs(under, 'initialization-type')) expect(how).toBe('on-demand');
    });

    itWhere(isAsked)('keeps the process for the next invocation', async (context) => {
      const running = await start(context);
      const first = jsonOf(await running.invoke({ do: 'echo' })) as Echo;
      const second = jsonOf(await running.invoke({ do: 'echo' })) as Echo;
      expect([first.served, second.served]).toEqual([1, 2]);
      expect(second.pid).toBe(first.pid);
      expect(second.requestId).not.toBe(first.requestId);
    });

    itWhere(isAsked)('reports a function that failed, and keeps its process', async (context) => {
      const running = await start(context);
      const failed = await running.invoke({ do: 'error' });
      expect(failed.status).toBe(200);
      expect(jsonOf(failed)).toMatchObject({
        errorMessage: 'it was asked to',
        errorType:
          { node: 'RangeError', python: 'ValueError', go: 'errorString' }[client.name as string] ??
          'Function.Asked',
      });
      if (!differs(under, 'error-header')) expect(failed.error).toBe('Unhandled');
      expect(jsonOf(await running.invoke({ do: 'echo' }))).toMatchObject({ served: 2 });
    });

    const exits = [
      { code: 0, says: 'Runtime exited without providing a reason' },
      { code: 1, says: 'Runtime exited with error: exit status 1' },
      { code: 129, says: 'Runtime exited with error: exit status 129' },
    ];
    it.for(exits.filter(({ code }) => code === 1 || isAsked))(
      'says that the runtime exited with $code, and starts it anew',
      async (exit, context) => {
        const running = await start(context);
        const exited = await running.invoke({ do: 'exit', code: exit.code });
        expectFailure(under, exited, 'Runtime.ExitError', exit.says);
        expect(jsonOf(await running.invoke({ do: 'echo' }))).toMatchObject({ served: 1 });
      },
    );

    it('says how the runtime crashed, and starts it anew', async (context) => {
      const running = await start(context);
      const crashed = await running.invoke({ do: 'crash' });
      const { kind, says } = CRASHES[client.name];
      if (kind === 'reported') expect(jsonOf(crashed)).toMatchObject(says);
      else expectFailure(under, crashed, 'Runtime.ExitError', says);
      expect(jsonOf(await running.invoke({ do: 'echo' }))).toMatchObject({ served: 1 });
    });

    it('ends what takes too long, keeps /tmp and starts anew', async (context) => {
      const says = timedOut(under);
      const running = await start(context, { timeoutS: hasty(under) });
      const before = jsonOf(await running.invoke({ do: 'tmp', write: 'kept' })) as Tmp;
      const late = await running.invoke({ do: 'sleep', ms: 30_000 });
      if (differs(under, 'timeout-body')) {
        expect([late.status, String(late.payload)]).toEqual([200, says]);
      } else {
        expectFailure(under, late, 'Sandbox.Timedout', says);
      }
      if (under.hidden === undefined) await expect.poll(() => stateOf(before.pid)).toBe('');
      const after = jsonOf(await running.invoke({ do: 'tmp' })) as Tmp;
      needs(context, brokeItsStartOff(under, after));
      expect(after).toMatchObject({ note: 'kept', served: 1 });
      // In a container of its own it has the same id.
      if (under.hidden === undefined) expect(after.pid).not.toBe(before.pid);
    });

    itWhere(!differs(under, 'memory-limit'))(
      'ends what takes more memory than it has',
      async (context) => {
        const running = await start(context, { memoryMiB: 192 });
        const over = await running.invoke({ do: 'memory' });
        expectFailure(
          under,
          over,
          'Runtime.ExitError',
          'Runtime exited with error: signal: killed',
        );
        expect(jsonOf(await running.invoke({ do: 'echo' }))).toMatchObject({ served: 1 });
      },
    );

    it('writes what the function prints between START and REPORT', async (context) => {
      const running = await start(context);
      expect(jsonOf(await running.invoke({ do: 'log', lines: 3 }))).toEqual({ logged: 3 });
      await expect.poll(() => running.log()).toContain('REPORT RequestId: ');
      await expect.poll(() => running.log()).toContain('line 3');
      const lines = running.log().split('\n');
      const place = (text: string): number => lines.findIndex((line) => line.includes(text));
      const order = [
        'START RequestId: ',
        'line 1',
        'line 2',
        'line 3',
        'END RequestId: ',
        'REPORT ',
      ];
      const places = order.map(place);
      expect(places).not.toContain(-1);
      const ordered = (some: readonly number[]): void =>
        expect(some).toEqual([...some].sort((one, other) => one - other));
      const [began = 0, line1 = 0, line2 = 0, line3 = 0, ...ends] = places;
      // Lines of a container come on a way of their own, and may be late.
      if (under.hidden === undefined) ordered(places);
      ordered([began, line1, line2, line3]);
      ordered([began, ...ends]);
      const report = lines[place('REPORT ')] ?? '';
      expect(report).toMatch(/Duration: [\d.]+ ms/);
      expect(report).toMatch(/Billed Duration: \d+ ms/);
      expect(report).toMatch(/Memory Size: 1024 MB/);
      expect(report).toMatch(/Init Duration: [\d.]+ ms/);
    });

    itWhere(isAsked)(
      'takes an answer of the largest size and refuses one byte more',
      async (context) => {
        const running = await start(context);
        for (const bytes of [MAX_PAYLOAD - 1, MAX_PAYLOAD]) {
          const large = await running.invoke({ do: 'large', bytes });
          expect([large.error, large.payload.length]).toEqual([undefined, bytes]);
        }
        const over = await running.invoke({ do: 'large', bytes: MAX_PAYLOAD + 1 });
        expect(jsonOf(over)).toMatchObject({
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: expect.stringContaining('6291556'),
        });
        expect(jsonOf(await running.invoke({ do: 'sleep', ms: 1 }))).toEqual({ slept: 1 });
      },
    );

    itWhere(isAsked)('hands over bytes as they are', async (context) => {
      const running = await start(context);
      const { payload } = await running.invoke({ do: 'binary' });
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const raw = client.name === 'go' || client.name === 'shell';
      expect(raw ? payload : Buffer.from(String(JSON.parse(String(payload))), 'base64')).toEqual(
        all,
      );
    });

    itWhere(under.hidden === undefined)(
      'stops background work between invocations',
      async (context) => {
        const running = await start(context);
        const { file, pid } = jsonOf(await running.invoke({ do: 'background' })) as Background;
        const count = (): number => statSync(file).size;
        const first = count();
        if (differs(under, 'freeze')) {
          await expect.poll(count).toBeGreaterThan(first);
          return;
        }
        await expect.poll(() => stateOf(pid)).toBe('T');
        const frozen = count();
        const other = await start(context);
        await other.invoke({ do: 'sleep', ms: 50 });
        expect(count()).toBe(frozen);
        await running.invoke({ do: 'sleep', ms: 100 });
        expect(count()).toBeGreaterThan(frozen);
        expect(readFileSync(file, 'latin1')).toMatch(/^\.+$/);
      },
    );

    itWhere(client.streaming !== undefined)('streams', async (context) => {
      const { streaming } = client;
      const running = await start(context, streaming);
      const answer = await running.invoke({ do: 'stream', chunks: 3 });
      expect([answer.error, String(answer.payload)]).toEqual([
        undefined,
        'chunk 1\nchunk 2\nchunk 3\n',
      ]);
      expect(jsonOf(await running.invoke({ do: 'sleep', ms: 1 }))).toEqual({ slept: 1 });
    });

    itWhere(client.trailers && !differs(under, 'stream-error'))(
      'streams more than fits an answer in one piece',
      async (context) => {
        const { streaming } = client;
        const running = await start(context, streaming);
        const event = { do: 'stream', chunks: 8, bytes: 1_000_000 };
        const { error, payload } = await running.invoke(event, { streams: true });
        expect([error, payload.length]).toEqual([undefined, 8_000_000]);
        expect(payload.subarray(7_000_000, 7_000_010).toString()).toBe('chunk 8...');
        expect(jsonOf(await running.invoke(event))).toMatchObject({
          errorType: 'Function.ResponseSizeTooLarge',
        });
      },
    );

    itWhere(client.trailers)(
      'keeps what was streamed when the function fails half-way',
      async (context) => {
        const { streaming } = client;
        const running = await start(context, streaming);
        const answer = await running.invoke({ do: 'stream-error', chunks: 2 });
        expect(String(answer.payload)).toBe('chunk 1\nchunk 2\n');
        const { payload, streamError } = await running.invoke(
          { do: 'stream-error', chunks: 2 },
          { streams: true },
        );
        expect(String(payload)).toBe('chunk 1\nchunk 2\n');
        if (!differs(under, 'stream-error')) {
          expect(streamError).toMatchObject({ errorMessage: 'half-way' });
        }
        expect(jsonOf(await running.invoke({ do: 'sleep', ms: 1 }))).toEqual({ slept: 1 });
      },
    );
  });
});

interface Tmp {
  readonly note: string | null;
  readonly pid: number;
}

interface Background {
  readonly file: string;
  readonly pid: number;
}

/** Exits that only the supervisor sees, and errors that the client reports before it exits. */
type Crash =
  | { readonly kind: 'exit'; readonly says: string }
  | { readonly kind: 'reported'; readonly says: Readonly<Record<string, string>> };

const KILLED: Crash = { kind: 'exit', says: 'Runtime exited with error: signal: killed' };

const CRASHES: Readonly<Record<ClientName, Crash>> = {
  node: { kind: 'exit', says: 'Runtime exited with error: exit status 1' },
  python: KILLED,
  go: { kind: 'reported', says: { errorType: 'string', errorMessage: 'nobody recovers this' } },
  shell: KILLED,
};

function begin(
  under: LambdaUnderTest,
  client: RuntimeClient,
  context: TestContext,
  more: Partial<FunctionSetup> = {},
): Promise<RunningFunction> {
  needs(context, under.missing(), client.missing(), under.missingClient(client.name));
  return under.start({ ...client.setup, ...more });
}

/** What Lambda itself says about an invocation that failed. */
function expectFailure(under: LambdaUnderTest, failed: Invoked, type: string, says: string): void {
  const body = jsonOf(failed) as { readonly errorType: string; readonly errorMessage: string };
  expect(body.errorType).toBe(type);
  expect(body.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: /);
  expect(body.errorMessage.replace(/^.*? Error: /, '')).toBe(says);
  const caller = differs(under, 'error-header') ? [502, undefined] : [200, 'Unhandled'];
  expect([failed.status, failed.error]).toEqual(caller);
}
