// Invocations that nobody waits for: tried again by the rules, kept on disk, their records sent on.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import type { AsyncSettings } from '../src/model/app.ts';
import { temporaryFolder } from './support/app.ts';
import {
  answer,
  fail,
  functionOf,
  startInvokeApi,
  TestClock,
  TestTarget,
} from './support/invoke-api.ts';

const MINUTE = 60_000;
const event = (FunctionName = 'fn', Payload = '{"a":1}') =>
  new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload });

const failing = () => new TestTarget('fn', '$LATEST', (one) => fail(one, 'Error', 'no'));
const receiver = (name = 'dest') => new TestTarget(name, '$LATEST', (one) => answer(one, 'ok'));

const bodyOf = ({ invocations }: TestTarget, index = 0): unknown =>
  JSON.parse(invocations[index]?.payload.toString() ?? 'null');

function dropped(seen: readonly unknown[]) {
  return seen.filter(
    (one) => (one as { readonly fault?: { code: string } }).fault?.code === 'ASYNC_EVENT_DROPPED',
  );
}

describe('an event', () => {
  it('is answered at once and runs once', async () => {
    const target = receiver('fn');
    const { client, sum, seen } = await startInvokeApi([functionOf([target])]);
    const response = await client.send(event());
    expect(response).toMatchObject({ StatusCode: 202 });
    expect(response.Payload?.length ?? 0).toBe(0);
    await expect.poll(() => target.invocations.length).toBe(1);
    expect(target.invocations[0]?.requestId).toBe(response.$metadata.requestId);
    await expect.poll(() => seen.at(-1)).toMatchObject({ how: 'Event', status: 200, attempt: 1 });
    expect(sum('AsyncEventsReceived')).toBe(1);
    expect(sum('AsyncEventsDropped')).toBe(0);
  });

  it('is tried again one and two minutes after errors, then dropped', async () => {
    const clock = new TestClock();
    const target = failing();
    const { client, seen, sum } = await startInvokeApi([functionOf([target])], { clock });
    await client.send(event());
    for (const [attempts, wait] of [
      [1, MINUTE],
      [2, 2 * MINUTE],
    ] as const) {
      await expect.poll(() => seen.length).toBe(attempts);
      clock.forward(wait - 10_000);
      expect(target.invocations.length).toBe(attempts);
      clock.forward(10_000);
    }
    await expect.poll(() => dropped(seen).length).toBe(1);
    expect(target.invocations.length).toBe(3);
    expect(new Set(target.invocations.map(({ requestId }) => requestId)).size).toBe(1);
    expect(sum('AsyncEventsDropped')).toBe(1);
  });

  it('is tried as often as its function says', async () => {
    const target = failing();
    const fn = functionOf([target], { async: { retries: 0 } });
    const { client, seen } = await startInvokeApi([fn]);
    await client.send(event());
    await expect.poll(() => dropped(seen).length).toBe(1);
    expect(target.invocations.length).toBe(1);
  });

  it('waits longer after every throttle, and runs when there is room', async () => {
    const clock = new TestClock();
    const target = receiver('fn');
    target.throttle = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1000 };
    const { client, seen } = await startInvokeApi([functionOf([target])], { clock });
    await client.send(event());
    expect(target.throttles).toBe(1);
    clock.forward(1000);
    expect(target.throttles).toBe(2);
    clock.forward(1000);
    expect(target.throttles).toBe(2);
    target.throttle = undefined;
    clock.forward(1000);
    await expect.poll(() => target.invocations.length).toBe(1);
    await expect.poll(() => seen.length).toBe(3);
    expect(seen.map((one) => (one as { status: number }).status)).toEqual([429, 429, 200]);
  });

  it('is dropped when it is too old', async () => {
    const clock = new TestClock();
    const target = failing();
    target.throttle = { reason: 'ConcurrentInvocationLimitExceeded', limit: 1000 };
    const fn = functionOf([target], { async: { maxAgeMs: MINUTE } });
    const { client, seen } = await startInvokeApi([fn], { clock });
    await client.send(event());
    clock.forward(MINUTE);
    expect(dropped(seen)).toMatchObject([{ fault: { facts: { condition: 'EventAgeExceeded' } } }]);
  });
});

describe('the record of an event', () => {
  const start = (target: TestTarget, async: Partial<AsyncSettings>, reserved?: number) => {
    const to = receiver();
    const options = { async, ...(reserved !== undefined && { reserved }) };
    const functions = [functionOf([target], options), functionOf([to])];
    return startInvokeApi(functions).then((api) => ({ ...api, to }));
  };
  const dest = { kind: 'function', name: 'dest' } as const;
  const ARN = 'arn:aws:lambda:eu-west-2:000000000000:function:demo-fn:$LATEST';

  it('goes to onSuccess', async () => {
    const target = new TestTarget('fn', '$LATEST', (one) => answer(one, { b: 2 }));
    const { client, to } = await start(target, { onSuccess: dest });
    const { $metadata } = await client.send(event());
    await expect.poll(() => to.invocations.length).toBe(1);
    expect(bodyOf(to)).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestContext: {
        requestId: $metadata.requestId,
        functionArn: ARN,
        condition: 'Success',
        approximateInvokeCount: 1,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { b: 2 },
    });
  });

  it('goes to onFailure', async () => {
    const { client, to } = await start(failing(), { retries: 0, onFailure: dest });
    await client.send(event());
    await expect.poll(() => to.invocations.length).toBe(1);
    expect(bodyOf(to)).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'Error', errorMessage: 'no' },
    });
  });

  it('goes to onFailure at once when nothing is reserved', async () => {
    const target = failing();
    const { client, to } = await start(target, { onFailure: dest }, 0);
    await client.send(event());
    await expect.poll(() => to.invocations.length).toBe(1);
    expect(target.invocations).toEqual([]);
    expect(bodyOf(to)).toEqual({
      version: '1.0',
      timestamp: expect.any(String),
      requestContext: expect.objectContaining({
        condition: 'RetriesExhausted',
        approximateInvokeCount: 0,
      }),
      requestPayload: { a: 1 },
    });
  });

  it('goes to a queue, and the event itself to the dead letters', async () => {
    const jobs = { kind: 'queue', name: 'jobs' } as const;
    const async = { retries: 0, onFailure: jobs, deadLetter: 'dead' };
    const { client, messages } = await start(failing(), async);
    const { $metadata } = await client.send(event());
    await expect.poll(() => messages.length).toBe(2);
    expect(messages).toMatchObject([
      {
        name: 'dead',
        body: { a: 1 },
        attributes: {
          RequestID: { DataType: 'String', StringValue: $metadata.requestId },
          ErrorCode: { DataType: 'Number', StringValue: '200' },
          ErrorMessage: { DataType: 'String', StringValue: 'no' },
        },
      },
      {
        name: 'jobs',
        body: { requestContext: { condition: 'RetriesExhausted' }, requestPayload: { a: 1 } },
        attributes: undefined,
      },
    ]);
  });

  it('is lost, and counted, when a queue does not take it', async () => {
    const broken = { kind: 'queue', name: 'broken' } as const;
    const async = { retries: 0, onFailure: broken, deadLetter: 'broken' };
    const { client, sum } = await start(failing(), async);
    await client.send(event());
    await expect.poll(() => sum('DestinationDeliveryFailures')).toBe(1);
    expect(sum('DeadLetterErrors')).toBe(1);
  });

  it('is not sent when it is larger than an event', async () => {
    const target = new TestTarget('fn', '$LATEST', (one) => answer(one, 'x'.repeat(1024 * 1024)));
    const { client, seen, sum } = await start(target, { onSuccess: dest });
    await client.send(event());
    await expect.poll(() => sum('DestinationDeliveryFailures')).toBe(1);
    expect(seen).toContainEqual(
      expect.objectContaining({ fault: expect.objectContaining({ code: 'DESTINATION_FAILED' }) }),
    );
  });

  it('does not go in a circle for ever', async () => {
    const target = new TestTarget('fn', '$LATEST', (one) => answer(one, 'again'));
    const self = { kind: 'function', name: 'fn' } as const;
    const { client, sum } = await start(target, { onSuccess: self });
    await client.send(event());
    await expect.poll(() => sum('DestinationDeliveryFailures')).toBe(1);
    expect(target.invocations.length).toBe(17);
  });
});

describe('events outlive the engine', () => {
  it('those that wait and those under way', async () => {
    const clock = new TestClock();
    const stateFolder = temporaryFolder();
    const silent = new TestTarget('slow', '$LATEST', () => {});
    const first = await startInvokeApi([functionOf([failing()]), functionOf([silent])], {
      clock,
      stateFolder,
    });
    await first.client.send(event('fn', '{"n":1}'));
    await first.client.send(event('slow', '{"n":2}'));
    await expect.poll(() => first.seen.length).toBe(1);
    expect(silent.invocations.length).toBe(1);
    first.close();

    const again = [receiver('fn'), receiver('slow')] as const;
    const second = await startInvokeApi([functionOf([again[0]]), functionOf([again[1]])], {
      clock,
      stateFolder,
    });
    await expect.poll(() => again[1].invocations.length).toBe(1);
    expect(again[0].invocations).toEqual([]);
    clock.forward(MINUTE);
    await expect.poll(() => second.seen.length).toBe(2);
    expect(bodyOf(again[0])).toEqual({ n: 1 });
    expect(second.seen.at(-1)).toMatchObject({ attempt: 2 });
    second.close();

    const third = await startInvokeApi([functionOf([receiver('fn')])], { clock, stateFolder });
    expect(third.seen).toEqual([]);
  });

  it('but not their function', async () => {
    const stateFolder = temporaryFolder();
    const silent = new TestTarget('fn', '$LATEST', () => {});
    const first = await startInvokeApi([functionOf([silent])], { stateFolder });
    await first.client.send(event());
    first.close();
    const { seen } = await startInvokeApi([], { stateFolder });
    expect(seen).toMatchObject([{ fault: { code: 'ASYNC_FUNCTION_GONE' } }]);
  });

  it('but not a file that is no database', async () => {
    const stateFolder = temporaryFolder();
    writeFileSync(join(stateFolder, 'async-events.db'), 'x'.repeat(10_000));
    await expect(startInvokeApi([], { stateFolder })).rejects.toMatchObject({
      code: 'ASYNC_STORE_BROKEN',
    });
  });

  it('and a drain waits for those under way', async () => {
    let go: () => void = () => {};
    const target = new TestTarget('fn', '$LATEST', (one) => {
      go = () => answer(one, 'done');
    });
    const { client, api } = await startInvokeApi([functionOf([target])]);
    await client.send(event());
    await expect.poll(() => target.invocations.length).toBe(1);
    client.destroy();
    let drained = false;
    const draining = api.drain().then(() => {
      drained = true;
    });
    await new Promise(setImmediate);
    expect(drained).toBe(false);
    go();
    await draining;
  });
});
