// External extensions: they start before the runtime, get every event, and receive telemetry.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApp, type TestApp, temporaryFolder } from './support/app.ts';
import { call, failure, targetOf } from './support/invoke.ts';

async function start(extensions: string, more = '', assume = '{}') {
  const report = join(temporaryFolder(), 'report');
  const app = await startApp(`
app: fn
functions:
  work:
    source: FIXTURES/function
    command: node bootstrap.mjs
    handler: index.handler
    extensions: ${extensions}
    lambda: { timeout: 3s }
    environment: { REPORT_FILE: ${report}${more} }
local: { maxEnvironments: 1, assume: ${assume} }
`);
  const reported = (): readonly Reported[] =>
    existsSync(report)
      ? readFileSync(report, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Reported)
      : [];
  return { app, target: targetOf(app, 'work'), reported };
}

interface Reported {
  readonly registered?: Readonly<Record<string, string>>;
  readonly variables?: readonly string[];
  readonly subscribed?: number;
  readonly event?: Readonly<Record<string, unknown>>;
  /** When the event came. */
  readonly at?: number;
  readonly telemetry?: {
    readonly type: string;
    readonly record: Readonly<Record<string, unknown>>;
  };
}

const lines = (app: TestApp) => app.of('log').map(({ line }) => line);

describe('an extension', () => {
  it('registers, gets INVOKE and SHUTDOWN, and the runtime is asked to stop', async () => {
    const { app, target, reported } = await start('extensions');
    await call(target, {});
    await app.stop();
    const all = reported();
    expect(all.find(({ registered }) => registered)?.registered).toEqual({
      functionName: 'fn-work',
      functionVersion: '1',
      handler: 'index.handler',
      accountId: '000000000000',
    });
    const variables = all.find((one) => one.variables)?.variables ?? [];
    expect(variables).toContain('AWS_LAMBDA_RUNTIME_API');
    expect(variables).toContain('AWS_LAMBDA_FUNCTION_NAME');
    expect(variables.filter((name) => /^_HANDLER|LAMBDA_TASK_ROOT|LOG_STREAM/.test(name))).toEqual(
      [],
    );
    const events = all.flatMap(({ event }) => (event === undefined ? [] : [event]));
    expect(events.map(({ eventType }) => eventType)).toEqual(['INVOKE', 'SHUTDOWN']);
    expect(events[0]).toMatchObject({
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn-work',
      tracing: { type: 'X-Amzn-Trace-Id' },
    });
    expect(events[1]).toMatchObject({ shutdownReason: 'spindown' });
    expect(lines(app)).toContain('runtime got SIGTERM');
    expect(lines(app)).toContain(
      'EXTENSION\tName: watcher\tState: Registered\tEvents: [INVOKE, SHUTDOWN]',
    );
  });

  it('receives what Lambda, the function and it itself write', async () => {
    const { app, target, reported } = await start('extensions');
    await call(target, { do: 'log', lines: ['hello'] });
    await app.stop();
    const events = reported().flatMap(({ telemetry }) =>
      telemetry === undefined ? [] : [telemetry],
    );
    const types = events.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'platform.telemetrySubscription',
        'platform.extension',
        'platform.initRuntimeDone',
        'platform.initReport',
        'platform.start',
        'platform.runtimeDone',
        'platform.report',
      ]),
    );
    expect(types.indexOf('platform.start')).toBeLessThan(types.indexOf('platform.runtimeDone'));
    expect(types.indexOf('platform.runtimeDone')).toBeLessThan(types.indexOf('platform.report'));
    const recordOf = (type: string) => events.find((event) => event.type === type)?.record;
    expect(events.filter(({ type }) => type === 'function').map(({ record }) => record)).toContain(
      'hello',
    );
    expect(recordOf('extension')).toBe('the extension is ready');
    const { spans } = recordOf('platform.runtimeDone') as { spans: { name: string }[] };
    expect(spans.map(({ name }) => name)).toEqual([
      'responseLatency',
      'responseDuration',
      'runtimeOverhead',
    ]);
    expect(recordOf('platform.report')).toMatchObject({
      status: 'success',
      metrics: { memorySizeMB: 512 },
    });
  });

  it('is told why the environment ends when an invocation times out', async () => {
    const { target, reported } = await start('extensions');
    expect(await failure(target, { do: 'sleep', ms: 60_000 })).toMatchObject({
      type: 'Sandbox.Timedout',
    });
    await call(target, {});
    const reasons = reported().flatMap(({ event }) => event?.['shutdownReason'] ?? []);
    expect(reasons).toEqual(['timeout']);
  });

  it('hears of it in capitals where that is assumed', async () => {
    const { app, target, reported } = await start('extensions', '', '{ shutdownReason: upper }');
    await call(target, {});
    await app.stop();
    const reasons = reported().flatMap(({ event }) => event?.['shutdownReason'] ?? []);
    expect(reasons).toEqual(['SPINDOWN']);
  });

  it('has what a runtime that stays leaves of the shutdown window', async () => {
    const { app, target, reported } = await start(
      'extensions',
      ', STAYS: "yes"',
      '{ sigtermShare: 50 }',
    );
    await call(target, {});
    await app.stop();
    expect(lines(app)).toContain('runtime got SIGTERM');
    const last = reported().find(({ event }) => event?.['eventType'] === 'SHUTDOWN');
    // Half of 2 s; timers may be a little early.
    expect(Number(last?.event?.['deadlineMs']) - (last?.at ?? 0)).toBeLessThan(1100);
  });

  it('that never registers keeps INIT from its end', async () => {
    const { target } = await start('extensions-ill');
    const error = await failure(target, {});
    expect(error.type).toBe('Sandbox.Timedout');
  });
});
