import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { loadApp } from '../../config/load.ts';
import { realClock } from '../../host/clock.ts';
import { AppQueues, queueVariable } from './app-queues.ts';

const YAML = `
app: shop
services: { api: { command: run, lambda: {} } }
queues: { jobs: { maxMessage: 1 KB }, ordered: { fifo: true } }
`;

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'fulcrum-test-'));
  const queues = new AppQueues({
    app: loadApp({ name: 'fulcrum.yml', text: YAML }, undefined),
    clock: realClock(),
    rng: seededRng(1, 'queues'),
    file: join(folder, 'state', 'queues.db'),
  });
  await queues.open();
  onTestFinished(() => {
    queues.close();
    rmSync(folder, { recursive: true });
  });
  return queues;
}

it('takes messages of the engine itself, or says why not', async () => {
  const queues = await open();
  const id = queues.send('jobs', 'x', { RequestID: { DataType: 'String', StringValue: 'r' } });
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(queues.status().map(({ queue, visible }) => [queue, visible])).toEqual([
    ['jobs', 1],
    ['ordered', 0],
  ]);
  expect(() => queues.send('jobs', 'x'.repeat(1025))).toThrow('must be shorter than 1024 bytes');
  expect(() => queues.send('nothing', 'x')).toThrow('The specified queue does not exist.');
  expect(() => queues.send('ordered', 'x')).toThrow('must contain the parameter MessageGroupId');
  queues.close();
  expect(() => queues.send('jobs', 'x')).toThrow('The specified queue does not exist.');
});

it('tells programs the URL of every queue', async () => {
  const queues = await open();
  expect(queues.variables()).toEqual({
    AWS_ENDPOINT_URL_SQS: queues.url,
    JOBS_QUEUE_URL: `${queues.url}/000000000000/shop-jobs`,
    ORDERED_QUEUE_URL: `${queues.url}/000000000000/shop-ordered.fifo`,
  });
  expect(queueVariable('image-jobs-2')).toBe('IMAGE_JOBS_2_QUEUE_URL');
});
