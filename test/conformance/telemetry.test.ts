// What an extension that ships logs gets from the Telemetry API.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES, temporaryFolder } from '../support/app.ts';
import { differs } from './differences.ts';
import { IMPLEMENTATIONS } from './implementations.ts';
import { recordsOf } from './records.ts';
import { jsonOf, needs } from './under-test.ts';

interface Note {
  readonly step: string;
  readonly status: number;
  readonly body: unknown;
  readonly event: TelemetryEvent;
}

interface TelemetryEvent {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const duration = expect.any(Number);
const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
const tracing = { type: 'X-Amzn-Trace-Id', value: TRACE };
const init = { initializationType: 'on-demand', phase: 'init' };
const span = (name: string) => ({ name, start: expect.stringMatching(ISO), durationMs: duration });

/** In the order in which they happen. [LDG:telemetry-schema-reference] */
const lifeOf = (requestId: unknown) => [
  ['platform.initStart', { ...init, functionName: 'conformance-fn', functionVersion: '$LATEST' }],
  ['platform.telemetrySubscription', { name: 'recorder', state: 'Subscribed' }],
  ['platform.initRuntimeDone', { ...init, status: 'success' }],
  ['platform.initReport', { ...init, status: 'success', metrics: { durationMs: duration } }],
  ['platform.start', { requestId, version: '$LATEST', tracing }],
  ['function', 'the function says so'],
  [
    'platform.runtimeDone',
    {
      requestId,
      status: 'success',
      metrics: { durationMs: duration, producedBytes: 6 },
      spans: [span('responseLatency'), span('responseDuration'), span('runtimeOverhead')],
      tracing,
    },
  ],
  [
    'platform.report',
    {
      requestId,
      status: 'success',
      metrics: {
        durationMs: duration,
        billedDurationMs: duration,
        memorySizeMB: 1024,
        maxMemoryUsedMB: duration,
        initDurationMs: duration,
      },
      spans: [span('extensionOverhead')],
    },
  ],
];

describe.each(IMPLEMENTATIONS)('$name', (under) => {
  it.for(['HTTP', 'TCP'])('sends by %s what happened', async (protocol, context) => {
    needs(context, under.missing(), under.missingExtensions());
    const folder = temporaryFolder();
    const running = await under.start({
      folder: join(FIXTURES, 'functions', 'raw'),
      command: ['node', 'runtime.mjs'],
      handler: 'raw',
      extensions: { recorder: join(FIXTURES, 'extensions', 'recorder.mjs') },
      environment: {
        RECORD: join(folder, 'runtime'),
        EXTENSION_RECORD: folder,
        EXTENSION_DO: `telemetry:${protocol}`,
      },
    });
    const { first, of } = recordsOf<Note>(join(folder, 'recorder.jsonl'));
    expect(jsonOf(await running.invoke({ do: 'log' }, { traceId: TRACE }))).toBe('done');
    const { status, body } = await first('subscribe');
    if (differs(under, 'telemetry')) {
      expect([status, body]).toEqual([
        202,
        { errorMessage: 'Telemetry API is not supported', errorType: 'Telemetry.NotSupported' },
      ]);
      return;
    }
    expect([status, body]).toEqual([200, 'OK']);
    expect(await first('bad-types')).toMatchObject({
      status: 400,
      body: { errorType: 'ValidationError' },
    });
    const events = (): readonly TelemetryEvent[] => of('telemetry').map(({ event }) => event);
    // Between invocations the extension stands still: what is left comes before it is told to end.
    await expect.poll(() => running.log()).toContain('REPORT RequestId: ');
    await running.stop();
    for (const { time } of events()) expect(time).toMatch(ISO);
    const [requestId] = events()
      .filter(({ type }) => type === 'platform.start')
      .map(({ record }) => (record as { readonly requestId: string }).requestId);
    const life = lifeOf(requestId);
    const inOrder = events().filter(({ type }) => life.some(([known]) => known === type));
    expect(inOrder.map(({ type, record }) => [type, record])).toMatchObject(life);
    expect(events().map(({ record }) => record)).toContain('the extension says so');
    const extension = events().find(({ type }) => type === 'platform.extension');
    expect(extension?.record).toMatchObject({ name: 'recorder', events: ['INVOKE', 'SHUTDOWN'] });
  });
});
