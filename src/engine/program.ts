// What all tracks need to start a copy of a program: its environment, its output as log
// events, its last lines for messages.

import { type Fault, toFault } from '../base/fault.ts';
import type {
  Clock,
  Files,
  InContainer,
  Net,
  Processes,
  Rng,
  SpawnOptions,
} from '../base/ports.ts';
import type { PriceSource } from '../cost/prices/price-data.ts';
import { type App, type Compute, type Program, type Service, sayCommand } from '../model/app.ts';
import type { LogEvent } from '../model/event.ts';
import { awsNames } from '../model/metric.ts';
import type { EventStream } from './control/event-stream.ts';
import type { FunctionFiles } from './lambda/function-program.ts';

export interface EnginePorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly net: Net;
  readonly processes: Processes;
  readonly files: Files;
}

/** What the person who runs the engine gives it. */
export interface EngineInputs {
  readonly app: App;
  /** Key of a program → its absolute folder. */
  readonly folders: ReadonlyMap<string, string>;
  /** Variables of this machine that every program gets, such as PATH. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Variables about what the engine itself serves, once it does. */
  readonly ofEngine?: () => Readonly<Record<string, string>>;
  /** Key of a program → its secrets by name of the variable. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Function → what was found for it on this machine. */
  readonly functions: ReadonlyMap<string, FunctionFiles>;
  /** Key of a program → its image. Empty: programs run as processes. */
  readonly images: ReadonlyMap<string, ProgramImage>;
  /** Default: the prices that came with Fulcrum. */
  readonly prices?: PriceSource;
}

/** What a program is started from in a container. */
export interface ProgramImage {
  readonly id: string;
  /** In place of the CMD of the image. */
  readonly command: readonly string[] | undefined;
  /** What one types to run it by itself. */
  readonly says: string;
}

/** Lines of a copy that are kept for messages about it. */
const LAST_LINES = 8;

export interface ServiceLog {
  readonly group: string;
  readonly stream: string;
  /** What the program printed. */
  write(line: string): void;
  /** What Lambda writes about it. */
  platform(line: string): void;
  lastLines(): readonly string[];
}

export function serviceLog(
  events: EventStream,
  clock: Clock,
  { app, service, compute, stream }: LogPlace,
): ServiceLog {
  const names = awsNames(app);
  const group =
    compute === 'lambda' ? names.lambdaLogGroup(service) : names.fargateLogGroup(service);
  const last: string[] = [];
  const emit = (source: LogEvent['source'], line: string): void => {
    events.emit({ type: 'log', at: clock.wall(), service, compute, group, stream, source, line });
  };
  return {
    group,
    stream,
    write(line) {
      emit('program', line);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
    },
    platform: (line) => emit('platform', line),
    lastLines: () => [...last],
  };
}

export interface LogPlace {
  readonly app: string;
  readonly service: string;
  readonly compute: Compute;
  readonly stream: string;
}

/**
 * Variables of a copy: what the engine serves, then the machine's, then the program's, then what the
 * compute sets itself.
 */
export function programEnvironment(
  inputs: EngineInputs,
  program: Program,
  ofCompute: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...inputs.ofEngine?.(),
    ...inputs.inherited,
    ...program.environment,
    ...inputs.secrets.get(program.key),
    AWS_REGION: inputs.app.region,
    AWS_DEFAULT_REGION: inputs.app.region,
    ...ofCompute,
  };
}

/** Where a copy runs: in a container if its program has an image. */
export function containerOf(
  inputs: EngineInputs,
  program: Program,
  how: Partial<Pick<InContainer, 'entrypoint' | 'sandbox' | 'temporary'>> = {},
): Pick<SpawnOptions, 'calls' | 'container'> {
  const image = inputs.images.get(program.key);
  if (image === undefined) return {};
  const { entrypoint, sandbox, temporary } = how;
  const command = entrypoint === undefined ? image.command : undefined;
  return {
    calls: addressesIn(inputs.ofEngine?.() ?? {}),
    container: { image: image.id, entrypoint, command, sandbox, temporary },
  };
}

/** Every "127.0.0.1:4566" in the values. */
function addressesIn(variables: Readonly<Record<string, string>>): readonly string[] {
  const found = Object.values(variables).flatMap((value) => value.match(/127\.0\.0\.1:\d+/g) ?? []);
  return [...new Set(found)];
}

/** How a person starts the program by itself. */
export function commandOf(inputs: EngineInputs, service: Service): string {
  return inputs.images.get(service.key)?.says ?? sayCommand(service.command);
}

export function folderOf(inputs: EngineInputs, program: Program): string {
  return inputs.folders.get(program.key) ?? program.source;
}

export function emitFault(
  events: EventStream,
  clock: Clock,
  service: string | undefined,
  error: unknown,
): Fault {
  const fault = toFault(error);
  events.emit({ type: 'fault', at: clock.wall(), service, fault: fault.toJSON() });
  return fault;
}
