// The local engine, in this process, on an app of one function.

import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startApp, temporaryFolder } from '../support/app.ts';
import { invoke, targetOf } from '../support/invoke.ts';
import type { FunctionSetup, Invoked, InvokeOptions, LambdaUnderTest } from './under-test.ts';

export const fulcrum: LambdaUnderTest = {
  name: 'Fulcrum',
  missing: () => undefined,
  missingExtensions: () => undefined,
  async start(setup) {
    const app = await startApp(yaml(setup));
    const target = targetOf(app, 'fn');
    return {
      async invoke(event: unknown, options: InvokeOptions = {}): Promise<Invoked> {
        const { outcome, chunks } = await invoke(target, event, options);
        if (outcome.kind === 'answered') return answered(outcome.payload);
        if (outcome.kind === 'streamed') {
          const { error } = outcome;
          const whole = answered(Buffer.concat([...chunks]));
          return error === undefined ? whole : { ...whole, streamError: json(error.payload) };
        }
        const { kind, payload } = outcome.error;
        return { status: 200, error: kind, payload };
      },
      log: () =>
        app
          .of('log')
          .map(({ line }) => line)
          .join('\n'),
      stop: () => app.stop(),
    };
  },
};

const json = (text: Buffer): unknown => JSON.parse(text.toString('utf8'));

function answered(payload: Buffer): Invoked {
  return { status: 200, error: undefined, payload };
}

/** JSON is YAML. */
function yaml(setup: FunctionSetup): string {
  const { folder, command, handler, environment = {}, timeoutS = 30, memoryMiB = 1024 } = setup;
  return JSON.stringify({
    app: 'conformance',
    region: 'eu-west-1',
    functions: {
      fn: {
        source: folder,
        command: [...command, handler],
        handler,
        environment,
        ...extensions(setup),
        lambda: { timeout: `${timeoutS}s`, memory: memoryMiB },
      },
    },
    local: { maxEnvironments: 1 },
  });
}

/** A folder of them, as the source folder sees it. */
function extensions({ folder, extensions }: FunctionSetup): { readonly extensions?: string } {
  if (extensions === undefined) return {};
  const home = join(temporaryFolder(), 'extensions');
  mkdirSync(home);
  for (const [name, file] of Object.entries(extensions)) {
    chmodSync(file, 0o755);
    symlinkSync(file, join(home, name));
  }
  return { extensions: relative(folder, home) };
}
