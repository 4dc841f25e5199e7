// What a command loads: a program that needs no HTTPS, no container and no queue waits for none of
// what these take.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FIXTURES, temporaryFolder } from './support/app.ts';
import { startCli } from './support/cli.ts';

const APP = `
app: plain
services:
  api:
    source: ${FIXTURES}
    command: node program.mjs
    health: /health
    lambda: { memory: 512 }
    fargate: { cpu: 256, memory: 512, tasks: { min: 1 } }
`;

/** Each with what it is for. */
const LATE: Readonly<Record<string, RegExp>> = {
  https: /^node:(tls|http2)$|\/dist\/engine\/tls\//,
  containers: /\/node_modules\/dockerode\//,
  queues: /^node:sqlite$|\/node_modules\/@(aws-sdk|smithy)\//,
  authorizers: /\/node_modules\/jose\//,
};

/** What a command has loaded, and of it by use what could wait. With `until` it is ended after that. */
async function loads(args: readonly string[], until?: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'fulcrum.yml'), APP);
  const env = { NODE_OPTIONS: `--import=${join(FIXTURES, 'loads.mjs')}`, LOADS: folder };
  const cli = startCli(args, { cwd: folder, env });
  if (until !== undefined) {
    await cli.until(until);
    cli.child.kill('SIGTERM');
  }
  await cli.finished;
  const urls = readFileSync(join(folder, String(cli.child.pid)), 'utf8').split('\n');
  const late = Object.entries(LATE).flatMap(([use, pattern]) =>
    urls.some((url) => pattern.test(url)) ? [use] : [],
  );
  return { urls, late };
}

it('the version is told without the rest of the program', async () => {
  const { urls } = await loads(['--version']);
  expect(urls.filter((url) => /\/(dist|node_modules)\//.test(url))).toEqual([]);
});

it('a plain app loads nothing for what it does not have', async () => {
  const { urls, late } = await loads(['dev', '--json', '--port', '0'], '"ready"');
  expect(urls.some((url) => url.endsWith('/dist/engine/engine.js'))).toBe(true);
  expect(late).toEqual([]);
});

it('help is given without what a command needs', async () => {
  const { urls } = await loads(['--help']);
  expect(urls.filter((url) => /\/dist\/(engine|ops|config)\//.test(url))).toEqual([]);
  expect(urls.filter((url) => /\/node_modules\/(?!commander\/)/.test(url))).toEqual([]);
});

it('a file is checked without the engine', async () => {
  const { urls, late } = await loads(['validate']);
  expect(urls.filter((url) => url.includes('/dist/engine/'))).toEqual([]);
  expect(late).toEqual([]);
});
