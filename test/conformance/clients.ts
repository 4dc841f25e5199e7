// The runtime clients of the functions in `test/fixtures/functions`, where they can be had.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FIXTURES } from '../support/app.ts';
import type { FunctionSetup } from './under-test.ts';

export type ClientName = 'node' | 'python' | 'go' | 'shell';

export interface RuntimeClient {
  readonly name: ClientName;
  readonly setup: FunctionSetup;
  /** What it answers streams with. Undefined: it cannot stream. */
  readonly streaming: FunctionSetup | undefined;
  /** It says with a trailer that a stream failed half-way. */
  readonly trailers: boolean;
  /** Why it is not here, or undefined. */
  missing(): string | undefined;
}

const folder = (name: string): string => join(FIXTURES, 'functions', name);

export const RIC_MODULES = resolve('.cache/functions/node/node_modules');
const RIC = join(RIC_MODULES, 'aws-lambda-ric');
export const PYTHON = resolve('.cache/python/bin/python');
const GO = resolve('.cache/functions/go/bootstrap');

function node(handler: string): FunctionSetup {
  return { folder: folder('node'), command: ['node', join(RIC, 'index.mjs')], handler };
}

const go: FunctionSetup = { folder: folder('go'), command: [GO], handler: 'bootstrap' };
const shell: FunctionSetup = {
  folder: folder('shell'),
  command: ['./bootstrap'],
  handler: 'bootstrap',
};

export const CLIENTS: readonly RuntimeClient[] = [
  {
    name: 'node',
    setup: node('index.handler'),
    streaming: node('index.streaming'),
    trailers: true,
    missing: () =>
      existsSync(join(RIC, 'rapid-client.node'))
        ? undefined
        : 'aws-lambda-ric is not in .cache/functions/node ("make test" builds it where cmake, g++, make and python3 are)',
  },
  {
    name: 'python',
    setup: {
      folder: folder('python'),
      command: [PYTHON, '-m', 'awslambdaric'],
      handler: 'app.handler',
    },
    streaming: undefined,
    trailers: false,
    missing: () =>
      existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import awslambdaric']).status === 0
        ? undefined
        : 'awslambdaric is not in .cache/python ("make test" installs it where Python 3 is)',
  },
  {
    name: 'go',
    setup: go,
    streaming: go,
    trailers: true,
    missing: () =>
      existsSync(GO)
        ? undefined
        : 'the Go function is not in .cache/functions/go ("make test" builds it where Go is)',
  },
  {
    name: 'shell',
    setup: shell,
    streaming: shell,
    trailers: false,
    missing: () =>
      spawnSync('curl', ['--version']).status === 0 ? undefined : 'curl is not installed',
  },
];
