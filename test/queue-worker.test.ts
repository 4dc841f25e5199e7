// The pattern of long work, end to end: an HTTP service puts jobs into a queue, a function works on
// them, and what cannot be worked on ends with the dead letters. All of it as the example has it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it, onTestFinished } from 'vitest';
import { QueueStore } from '../src/engine/queue/queue-store.ts';
import { startApp } from './support/app.ts';

const example = fileURLToPath(new URL('../examples/queue-worker', import.meta.url));

/** The example, with waits that a test can live with. */
const yaml = readFileSync(`${example}/fulcrum.yml`, 'utf8')
  .replaceAll(/source: (\w+)/g, `source: ${example}/$1`)
  .replace('timeout: 5s', 'timeout: 2s')
  .replace('visibility: 30s', 'visibility: 2s');

it('works on jobs, and buries what it cannot work on', async () => {
  const app = await startApp(yaml);
  const get = async (path: string): Promise<unknown> => (await fetch(`${app.url}${path}`)).json();
  const put = async (body: string) => {
    const answer = await fetch(`${app.url}/jobs`, { method: 'POST', body });
    expect(answer.status).toBe(202);
    return ((await answer.json()) as { job: string }).job;
  };
  const four = await put('{"text": "count these four words"}');
  const bad = await put('not json');
  const one = await put('{"text": "one"}');
  const results = new Map<string, number>();
  await expect
    .poll(async () => {
      const more = (await get('/results')) as { job: string; words: number }[];
      for (const { job, words } of more) results.set(job, words);
      return results;
    })
    .toEqual(
      new Map([
        [four, 4],
        [one, 1],
      ]),
    );
  await expect.poll(() => get('/jobs')).toEqual({ waiting: 0, underWay: 0, failed: 1 });
  const tries = app.of('log').filter(({ line }) => line.includes(`job ${bad} failed`));
  expect(tries).toHaveLength(3);
  expect(tries[0]).toMatchObject({ service: 'worker', compute: 'lambda' });
  const batches = app.of('batch');
  expect(batches.reduce((sum, { failed }) => sum + failed, 0)).toBe(3);
  const [, worker] = app.session.engine.status().services;
  expect(worker).toMatchObject({
    service: 'worker',
    lambda: { requests: batches.length, errors: 0 },
  });
  expect(new Set(batches.map((batch) => batch.queue))).toEqual(new Set(['jobs']));
});

const SERVICE = `
app: shop
services:
  work:
    source: FIXTURES
    command: node queue-service.mjs
    lambda: { timeout: 2s }
    queue: { name: jobs, partialFailures: true }
queues:
  jobs: { visibility: 2s, deadLetter: { queue: dead, after: 1 } }
  dead: {}
`;

async function startService(...bodies: readonly string[]) {
  const app = await startApp(SERVICE);
  const client = new SQSClient({
    endpoint: app.of('ready')[0]?.queue ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(() => client.destroy());
  const QueueUrl = app.session.queueUrl('jobs');
  for (const MessageBody of bodies) {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  return app;
}

it('gives batches to a service on Lambda through the adapter', async () => {
  const app = await startService('good', 'bad');
  const left = () =>
    app.session.engine
      .status()
      .queues.map(({ queue, visible, inFlight, delayed }) => [queue, visible + inFlight + delayed]);
  await expect.poll(left).toEqual([
    ['dead', 1],
    ['jobs', 0],
  ]);
  const lines = app.of('log').flatMap(({ line, source }) => (source === 'program' ? [line] : []));
  expect(lines.sort()).toEqual(['works on bad', 'works on good']);
});

it('ends what is under way before the engine stops, and keeps the rest', async () => {
  const app = await startService('slow');
  await app.until('log', ({ line }) => line === 'works on slow');
  await app.stop();
  expect(app.of('batch')).toMatchObject([{ messages: 1, failed: 0 }]);
  const store = new QueueStore(join(app.folder, '.fulcrum', 'queues.db'));
  onTestFinished(() => store.close());
  expect(store.states('shop-jobs')).toEqual([]);
});
