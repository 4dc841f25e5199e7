// What the queues promise when the engine is killed: everything that was accepted is there again.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FIXTURES, temporaryFolder } from './support/app.ts';
import { runCli, startCli } from './support/cli.ts';

const YAML = `
app: shop
services:
  api: { source: ${FIXTURES}, command: node program.mjs, lambda: {} }
queues:
  jobs: { visibility: 12h, deadLetter: { queue: failed, after: 3 } }
  failed: {}
`;

function appFolder(yaml = YAML): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fulcrum.yml'), yaml);
  return cwd;
}

async function startEngine(cwd: string) {
  const cli = startCli(['dev', '--json', '--port', '0'], { cwd });
  const [first = ''] = (await cli.until('\n')).split('\n');
  const { queue = '' } = JSON.parse(first) as { queue?: string };
  const client = new SQSClient({
    endpoint: queue,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  const QueueUrl = `${queue}/000000000000/shop-jobs`;
  return {
    cli,
    send: (MessageBody: string, DelaySeconds = 0) =>
      client.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds })),
    async receive(most = 10): Promise<readonly Message[]> {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: most,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages;
    },
    remove: (message: Message | undefined) =>
      client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle })),
    async kill() {
      cli.child.kill('SIGKILL');
      await cli.finished;
    },
  };
}

describe('an engine that is killed', () => {
  it('has lost no message it had accepted, in the midst of sending', async () => {
    const cwd = appFolder();
    const first = await startEngine(cwd);
    const accepted = new Set<string | undefined>();
    const sender = async (name: number): Promise<void> => {
      for (let at = 0; ; at += 1) {
        const sent = await first.send(`${name}/${at}`).catch(() => undefined);
        if (sent === undefined) return;
        accepted.add(sent.MessageId);
        if (accepted.size === 200) await first.kill();
      }
    };
    await Promise.all([1, 2, 3, 4].map(sender));
    const second = await startEngine(cwd);
    const there = new Set<string | undefined>();
    for (;;) {
      const messages = await second.receive();
      if (messages.length === 0) break;
      for (const { MessageId } of messages) there.add(MessageId);
    }
    expect([...accepted].filter((id) => !there.has(id))).toEqual([]);
    expect(accepted.size).toBeGreaterThanOrEqual(200);
  });

  it('knows what was in flight, delayed and deleted', async () => {
    const cwd = appFolder();
    const first = await startEngine(cwd);
    for (const body of ['deleted', 'in flight']) await first.send(body);
    await first.send('delayed', 900);
    const messages = await first.receive();
    await first.remove(messages.find(({ Body }) => Body === 'deleted'));
    await first.kill();
    const second = await startEngine(cwd);
    const { out } = await runCli(['status', '--json'], { cwd });
    expect(JSON.parse(out)).toMatchObject({
      queues: [
        { queue: 'failed', visible: 0, inFlight: 0, delayed: 0 },
        { queue: 'jobs', visible: 0, inFlight: 1, delayed: 1 },
      ],
    });
    const text = await runCli(['status'], { cwd });
    expect(text.out).toMatch(/jobs +0 visible, 1 in flight, 1 delayed, the oldest [\d.]+ m?s old/);
    expect(second.cli.err()).toBe('');
    const old = messages.find(({ Body }) => Body === 'in flight');
    await second.remove(old);
    const after = await runCli(['status', '--json'], { cwd });
    expect(JSON.parse(after.out).queues[1]).toMatchObject({ inFlight: 0, delayed: 1 });
  });

  it('keeps a queue that left the file as long as it has messages', async () => {
    const cwd = appFolder();
    const first = await startEngine(cwd);
    await first.send('kept');
    await first.kill();
    const without = YAML.replace(/ {2}jobs: .*\n/, '');
    writeFileSync(join(cwd, 'fulcrum.yml'), without);
    const second = await startEngine(cwd);
    const [message] = await second.receive();
    expect(message?.Body).toBe('kept');
    await second.remove(message);
    await second.kill();
    const third = await startEngine(cwd);
    await expect(third.receive()).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });
});

describe('a file that is no database', () => {
  it('is a fault that names it, and is left as it is', async () => {
    const cwd = appFolder();
    const file = join(cwd, '.fulcrum', 'queues.db');
    mkdirSync(join(cwd, '.fulcrum'));
    writeFileSync(file, 'something else entirely');
    const { code, err } = await runCli(['dev', '--port', '0'], { cwd });
    expect([code, err]).toEqual([6, expect.stringContaining(`The queues in ${file} cannot be`)]);
    expect(readFileSync(file, 'utf8')).toBe('something else entirely');
  });
});
