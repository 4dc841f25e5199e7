// Ten thousand requests at once: every one is answered, and the engine stays small.

import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readProcess } from '../src/host/process-table.ts';
import { FIXTURES, temporaryFolder } from './support/app.ts';
import { startCli } from './support/cli.ts';

const YAML = `
app: burst
services:
  api:
    source: ${FIXTURES}
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
    fargate: { cpu: 2048, memory: 4096, tasks: { min: 1, max: 1 }, concurrency: 200, stopTimeout: 5s }
local: { maxEnvironments: 4 }
`;

/** The status of one request on a connection of its own, or what went wrong with it. */
function ask(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.on('connect', () => {
      socket.write('GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve(text.slice(9, 12)));
  });
}

it('answers them all', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'fulcrum.yml'), YAML);
  const cli = startCli(['dev', '--json', '--port', '0'], { cwd });
  const [first = ''] = (await cli.until('\n')).split('\n');
  const port = Number(new URL((JSON.parse(first) as { url: string }).url).port);
  const answers = await Promise.all(Array.from({ length: 10_000 }, () => ask(port)));
  const counted = new Map<string, number>();
  for (const answer of answers) counted.set(answer, (counted.get(answer) ?? 0) + 1);
  expect(Object.fromEntries(counted)).toEqual({ 200: 10_000 });
  const memory = readProcess(cli.child.pid ?? 0)?.memoryBytes ?? 0;
  expect(memory / 1e6).toBeLessThan(600);
});
