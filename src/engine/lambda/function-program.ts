// What a function is started with: its command, its extensions, and the variables Lambda sets.
// [LDG:configuration-envvars, LDG:runtimes-extensions-api, RIE rapidcore/env/environment.go]

import type { Child } from '../../base/ports.ts';
import type { FunctionCode, LambdaSettings } from '../../model/app.ts';
import { LAMBDA_OPEN_FILES } from '../../model/aws-limits.ts';
import {
  containerOf,
  type EngineInputs,
  type EnginePorts,
  folderOf,
  programEnvironment,
} from '../program.ts';
import type { EnvironmentSpec } from './environment.ts';

/** What was found on this machine for a function. */
export interface FunctionFiles {
  /** Starts the runtime. */
  readonly command: string | readonly string[];
  readonly extensions: readonly ExtensionFile[];
}

/** An executable that starts before the runtime, as those in /opt/extensions. */
export interface ExtensionFile {
  /** Name of the file: the name under which it registers. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

export interface FunctionProgram {
  readonly ports: EnginePorts;
  readonly inputs: EngineInputs;
  readonly program: FunctionCode;
  readonly settings: LambdaSettings;
  readonly files: FunctionFiles;
  readonly functionName: string;
  readonly version: string;
}

export interface SandboxAddress {
  /** "127.0.0.1:port". */
  readonly api: string;
  readonly metadataToken: string;
}

/** Where images of functions have the function. [LDG:images-create] */
const IMAGE_TASK_ROOT = '/var/task';

type Variables = Readonly<Record<string, string>>;

/** Variables an extension does not get, besides those that begin with "_". */
const NOT_FOR_EXTENSIONS = new Set([
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_XRAY_CONTEXT_MISSING',
  'AWS_XRAY_DAEMON_ADDRESS',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

export function spawnRuntime(
  from: FunctionProgram,
  spec: EnvironmentSpec,
  address: SandboxAddress,
  onLine: (line: string) => void,
): Child {
  return spawn(from, spec, address, {
    command: from.files.command,
    entrypoint: undefined,
    env: runtimeVariables(from, spec, address),
    onLine,
  });
}

export function spawnExtension(
  from: FunctionProgram,
  spec: EnvironmentSpec,
  address: SandboxAddress,
  extension: { readonly path: string; readonly onLine: (line: string) => void },
): Child {
  const all = runtimeVariables(from, spec, address);
  const variables = Object.fromEntries(
    Object.entries(all).filter(([key]) => !NOT_FOR_EXTENSIONS.has(key) && !key.startsWith('_')),
  );
  return spawn(from, spec, address, {
    command: [extension.path],
    entrypoint: [extension.path],
    env: variables,
    onLine: extension.onLine,
  });
}

interface Part {
  readonly command: string | readonly string[];
  /** In a container: what is started instead of what the image says. */
  readonly entrypoint: readonly string[] | undefined;
  readonly env: Variables;
  readonly onLine: (line: string) => void;
}

function spawn(
  { ports, inputs, program, settings }: FunctionProgram,
  { temporary }: EnvironmentSpec,
  { api }: SandboxAddress,
  { command, entrypoint, env, onLine }: Part,
): Child {
  const { calls = [], container } = containerOf(inputs, program, {
    entrypoint,
    sandbox: api,
    temporary,
  });
  return ports.processes.spawn({
    command,
    cwd: folderOf(inputs, program),
    label: `${program.name}-lambda`,
    // INIT runs at full speed whatever the memory; the share is set when it is over.
    limits: { memoryMiB: settings.memoryMiB, openFiles: LAMBDA_OPEN_FILES },
    ...(container !== undefined && { container, calls: [...calls, api] }),
    onLine,
    env,
  });
}

/** What the program sets goes over what it may set; the rest is Lambda's own. */
function runtimeVariables(
  { inputs, program, settings, functionName, version }: FunctionProgram,
  { log, provisioned, temporary }: EnvironmentSpec,
  { api, metadataToken }: SandboxAddress,
): Variables {
  const unreserved = { LANG: 'en_US.UTF-8', TZ: ':UTC' };
  const isImage = inputs.images.has(program.key);
  const json = { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'INFO' };
  return programEnvironment(
    { ...inputs, inherited: { ...inputs.inherited, ...unreserved } },
    program,
    {
      _HANDLER: program.handler,
      AWS_LAMBDA_RUNTIME_API: api,
      AWS_LAMBDA_FUNCTION_NAME: functionName,
      AWS_LAMBDA_FUNCTION_VERSION: version,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMiB),
      AWS_LAMBDA_INITIALIZATION_TYPE: provisioned ? 'provisioned-concurrency' : 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: log.group,
      AWS_LAMBDA_LOG_STREAM_NAME: log.stream,
      AWS_LAMBDA_METADATA_API: api,
      AWS_LAMBDA_METADATA_TOKEN: metadataToken,
      LAMBDA_TASK_ROOT: isImage ? IMAGE_TASK_ROOT : folderOf(inputs, program),
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      ...(!isImage && { TMPDIR: temporary }),
      ...(settings.logFormat === 'json' && json),
    },
  );
}

/** "use1-az1" of "us-east-1". [LDG:configuration-metadata-endpoint] */
export function availabilityZoneId(region: string): string {
  const [area = '', ...rest] = region.split('-');
  const number = rest.pop() ?? '1';
  const directions = rest
    .join('')
    .replace(/north|south|east|west|central|gov/g, (word) =>
      word === 'gov' ? 'g' : word.slice(0, 1),
    );
  return `${area}${directions}${number}-az1`;
}
