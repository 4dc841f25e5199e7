// A function that names only its handler is started with the runtime client it has installed.

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
