// What a function is started with when it names little: the runtime client it has installed, and
// credentials where the machine has none.

import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { FIXTURES, startApp, temporaryFolder } from '../support/app.ts';
import { call, targetOf } from '../support/invoke.ts';
import { CLIENTS } from './clients.ts';
import { needs } from './under-test.ts';

it('finds aws-lambda-ric in the node_modules of the function', async (context) => {
  needs(context, CLIENTS.find(({ name }) => name === 'node')?.missing());
  const folder = join(temporaryFolder(), 'function');
  mkdirSync(folder);
  copyFileSync(join(FIXTURES, 'functions/node/index.mjs'), join(folder, 'index.mjs'));
  symlinkSync(resolve('.cache/functions/node/node_modules'), join(folder, 'node_modules'));
  const app = await startApp(
    JSON.stringify({
      app: 'handler',
      functions: { fn: { source: folder, handler: 'index.handler', lambda: { memory: 512 } } },
    }),
  );
  expect(await call(targetOf(app, 'fn'), { do: 'sleep', ms: 1 })).toEqual({ slept: 1 });
});

it('has credentials where the machine has none', async () => {
  const home = temporaryFolder();
  const app = await startApp(
    JSON.stringify({
      app: 'credentials',
      functions: {
        fn: {
          source: join(FIXTURES, 'function'),
          command: 'node bootstrap.mjs',
          handler: 'index.handler',
        },
      },
    }),
    { machine: { env: { PATH: process.env['PATH'], HOME: home } } },
  );
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
  expect(await call(targetOf(app, 'fn'), { do: 'env', names })).toEqual({
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
});
