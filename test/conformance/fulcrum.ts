// The local engine, in this process, on an app of one function that is invoked with the SDK of AWS.

import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { startApp, type TestApp, temporaryFolder } from '../support/app.ts';
import { lambdaClient } from '../support/invoke-api.ts';
import type {
  FunctionSetup,
  Invoked,
  InvokeOptions,
  LambdaUnderTest,
  RunningFunction,
} from './under-test.ts';

export const fulcrum: LambdaUnderTest = {
  name: 'Fulcrum',
  missing: () => undefined,
  missingExtensions: () => undefined,
  missingClient: () => undefined,
  root: ({ folder }) => folder,
  api: /^127\.[\d.]+:\d+$/,
  hidden: undefined,
  start: async (setup) => runningFunction(await startApp(yaml(setup, extensions(setup)))),
};

export function runningFunction(app: TestApp): RunningFunction {
  return {
    invoke(event: unknown, options: InvokeOptions = {}) {
      const client = tracing(lambdaClient(app.invoke), options);
      return options.streams === true
        ? stream(client, event, options)
        : invoke(client, event, options);
    },
    log: () =>
      app
        .of('log')
        .map(({ line }) => line)
        .join('\n'),
    stop: () => app.stop(),
  };
}

async function invoke(
  client: LambdaClient,
  event: unknown,
  options: InvokeOptions,
): Promise<Invoked> {
  const command = new InvokeCommand(input(event, options));
  const { StatusCode = 0, FunctionError, Payload = [] } = await client.send(command);
  return { status: StatusCode, error: FunctionError, payload: Buffer.from(Payload) };
}

async function stream(
  client: LambdaClient,
  event: unknown,
  options: InvokeOptions,
): Promise<Invoked> {
  const command = new InvokeWithResponseStreamCommand(input(event, options));
  const { StatusCode: status = 0, EventStream = [] } = await client.send(command);
  const chunks: Uint8Array[] = [];
  let streamError: unknown;
  for await (const { PayloadChunk, InvokeComplete } of EventStream) {
    if (PayloadChunk?.Payload !== undefined) chunks.push(PayloadChunk.Payload);
    const details = InvokeComplete?.ErrorDetails;
    if (details !== undefined) streamError = JSON.parse(details);
  }
  return { status, error: undefined, payload: Buffer.concat(chunks), streamError };
}

function input(event: unknown, { clientContext }: InvokeOptions) {
  return {
    FunctionName: 'conformance-fn',
    Payload: JSON.stringify(event),
    ...(clientContext !== undefined && {
      ClientContext: Buffer.from(clientContext).toString('base64'),
    }),
  };
}

/** The SDK has no parameter for the trace: a client of its own puts it on every request. */
function tracing(client: LambdaClient, { traceId }: InvokeOptions): LambdaClient {
  if (traceId === undefined) return client;
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> };
      headers['x-amzn-trace-id'] = traceId;
      return next(args);
    },
    { step: 'build', name: 'tracing' },
  );
  return client;
}

/** JSON is YAML. */
export function yaml(setup: FunctionSetup, more: object): string {
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
        ...more,
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
