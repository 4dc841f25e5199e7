// How programs and people meet the queues: variables on both computes, the AWS CLI, `fulcrum dev`.

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FIXTURES, startApp, temporaryFolder } from './support/app.ts';
import { startCli } from './support/cli.ts';

const YAML = `
app: shop
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: /health
    lambda: {}
    fargate: { tasks: { min: 1 } }
queues:
  image-jobs: {}
routes:
  - { path: /lambda/*, service: api, compute: lambda }
  - { path: /*, service: api, compute: fargate }
`;

type Env = Readonly<Record<string, string | undefined>>;

/** What the program sees on each compute, on a machine with these variables. */
async function variables(env: Env) {
  const app = await startApp(YAML, { machine: { env: { PATH: process.env['PATH'], ...env } } });
  const of = async (path: string) => (await (await fetch(`${app.url}${path}`)).json()) as Env;
  return {
    queue: app.of('ready')[0]?.queue,
    lambda: await of('/lambda/env'),
    fargate: await of('/env'),
  };
}

describe('a program', () => {
  it('is told where the queues are, on both computes', async () => {
    const { queue, lambda, fargate } = await variables({ HOME: temporaryFolder() });
    for (const env of [lambda, fargate]) {
      expect(env).toMatchObject({
        AWS_ENDPOINT_URL_SQS: queue,
        IMAGE_JOBS_QUEUE_URL: `${queue}/000000000000/shop-image-jobs`,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_REGION: 'us-east-1',
      });
    }
  });

  it('keeps the endpoint and the credentials of this machine', async () => {
    const { fargate } = await variables({
      HOME: temporaryFolder(),
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9',
      AWS_PROFILE: 'mine',
    });
    expect(fargate).toMatchObject({
      AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:9',
      AWS_PROFILE: 'mine',
    });
    expect(fargate['AWS_ACCESS_KEY_ID']).toBeUndefined();
  });

  it('keeps the credentials in the home folder', async () => {
    const HOME = temporaryFolder();
    mkdirSync(join(HOME, '.aws'));
    writeFileSync(join(HOME, '.aws', 'credentials'), '');
    const { fargate } = await variables({ HOME });
    expect(fargate['AWS_ACCESS_KEY_ID']).toBeUndefined();
  });
});

const AWS = fileURLToPath(new URL('../.cache/python/bin/aws', import.meta.url));

describe.skipIf(!existsSync(AWS))('the AWS CLI', () => {
  it('makes, fills, reads and empties a queue', async () => {
    const app = await startApp(YAML);
    const endpoint = app.of('ready')[0]?.queue ?? '';
    const run = promisify(execFile);
    const sqs = async (...args: readonly string[]): Promise<unknown> => {
      const { stdout } = await run(
        AWS,
        ['sqs', ...args, '--endpoint-url', endpoint, '--output', 'json'],
        {
          env: {
            PATH: process.env['PATH'],
            AWS_DEFAULT_REGION: 'us-east-1',
            AWS_ACCESS_KEY_ID: 'local',
            AWS_SECRET_ACCESS_KEY: 'local',
          },
        },
      );
      return stdout === '' ? undefined : JSON.parse(stdout);
    };
    const url = `${endpoint}/000000000000/shop-image-jobs`;
    expect(await sqs('list-queues')).toEqual({ QueueUrls: [url] });
    await sqs(
      ...['send-message', '--queue-url', url, '--message-body', 'hello'],
      ...['--message-attributes', '{"kind":{"DataType":"String","StringValue":"image"}}'],
    );
    const got = (await sqs(
      ...['receive-message', '--queue-url', url, '--message-attribute-names', 'All'],
    )) as { Messages: readonly { Body: string; ReceiptHandle: string }[] };
    expect(got).toMatchObject({
      Messages: [{ Body: 'hello', MessageAttributes: { kind: { StringValue: 'image' } } }],
    });
    const handle = got.Messages[0]?.ReceiptHandle ?? '';
    await sqs('delete-message', '--queue-url', url, '--receipt-handle', handle);
    expect(await sqs('receive-message', '--queue-url', url)).toBeUndefined();
    const missing = sqs('get-queue-url', '--queue-name', 'nothing');
    await expect(missing).rejects.toThrow('AWS.SimpleQueueService.NonExistentQueue');
  });
});

describe('fulcrum dev', () => {
  it('says where each queue is', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fulcrum.yml'), YAML.replaceAll('FIXTURES', FIXTURES));
    const cli = startCli(['dev', '--port', '0'], { cwd });
    await expect
      .poll(cli.err)
      .toMatch(/queue image-jobs +http:\/\/127\.0\.0\.1:\d+\/000000000000\/shop-image-jobs/);
  });
});
