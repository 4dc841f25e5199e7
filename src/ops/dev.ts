// Runs an app on this machine.

import { join } from 'node:path';
import { Fault, sayExit } from '../base/fault.ts';
import { type Addresses, createEngine, type Engine, type EngineOptions } from '../engine/engine.ts';
import type { EngineInputs } from '../engine/program.ts';
import { type App, programsOf } from '../model/app.ts';
import type { EngineEvent } from '../model/event.ts';
import type { PlacementPolicy } from '../scaling/placement.ts';
import { type AppChoice, inputsOf, readApp, type Sources, sourcesOf } from './find-app.ts';
import { type AppImages, imagesOf, NO_IMAGES } from './images.ts';
import type { Containers, Machine, Run } from './machine.ts';
import { livePolicy, notPlaced } from './placement-choice.ts';

export interface DevOptions extends AppChoice {
  /** 0 takes a free port; undefined takes 4000, or a free one if that is taken. */
  readonly port: number | undefined;
  /** Where the engine keeps its record; default the folder of fulcrum.yml. */
  readonly stateFolder?: string;
  /** Name of the placement policy. Default: the level counter. */
  readonly policy?: string | undefined;
  readonly listen: (event: EngineEvent) => void;
  /** Every program runs in a container. Default: as a process. */
  readonly containers?: boolean;
  /** Called before each service is built, and with what the build of an image says. */
  readonly building: (service: string, line: string) => void;
  /** Aborted by who does not wait any more until the app answers. */
  readonly hurry?: AbortSignal;
}

export interface DevSession extends Addresses {
  readonly app: App;
  readonly engine: Engine;
  /** URL of a queue of the app. */
  queueUrl(name: string): string;
  /** Stops everything and removes the record. Aborting `kill` ends the patience. */
  stop(why: string, kill: AbortSignal): Promise<void>;
}

export const DEFAULT_PORT = 4000;

/** Resident memory of an environment of a small program: what the default number is made from. */
const ENVIRONMENT_BYTES = 64 * 1024 * 1024;

/** Part of the free memory that environments may take. */
const MEMORY_SHARE = 0.5;

/**
 * Throws CONFIG_NOT_FOUND, CONFIG_INVALID, STAGE_UNKNOWN, SOURCE_NOT_FOUND, SECRETS_MISSING,
 * CONTAINER_ENGINE_MISSING, DOCKERFILE_NOT_FOUND, IMAGE_BUILD_FAILED, IMAGE_NOT_FOUND,
 * BUILD_FAILED, HANDLER_NOT_FOUND, RUNTIME_CLIENT_MISSING, EXTENSIONS_NOT_FOUND, ENGINE_RUNNING,
 * PORT_TAKEN, PORT_REFUSED, HTTPS_PORT_UNUSABLE, CERTIFICATE_UNUSABLE, TLS_STORE_UNUSABLE, ACCESS_LOG_UNUSABLE, INVOKE_PORT_TAKEN, ASYNC_STORE_BROKEN, QUEUE_STORE_UNUSABLE,
 * QUEUE_PORT_UNUSABLE, PRICES_FILE_INVALID, PLACEMENT_POLICY_UNKNOWN, PLACEMENT_POLICY_FORESEES; then nothing is left running.
 */
export async function startDev(machine: Machine, options: DevOptions): Promise<DevSession> {
  const policy = livePolicy(options.policy);
  const { app, place } = readApp(machine, options);
  const inContainers = options.containers === true;
  const sources = sourcesOf(machine, app, place, inContainers);
  const folder = options.stateFolder ?? place.folder;
  await refuseSecond(machine, folder);
  await machine.leftovers(folder, true);
  const containers = inContainers ? await machine.containers(machine.env) : undefined;
  const images = await buildAll(machine, containers, sources, options);
  const inputs = inputsOf(machine, sources, images);
  const reload = async (services: readonly string[]) => {
    const now = readApp(machine, options);
    const fresh = sourcesOf(machine, now.app, now.place, inContainers);
    const built = await buildAll(machine, containers, fresh, options, services);
    return inputsOf(machine, fresh, over(images, built));
  };
  const run = (containers ?? machine).openRun(folder);
  try {
    const stateFolder = join(folder, '.fulcrum');
    const started = await startOnPort(machine, run, {
      inputs,
      options,
      policy,
      stateFolder,
      folder: place.folder,
      reload,
    });
    const { engine } = started;
    return {
      app,
      ...started,
      queueUrl: (name) => engine.queueUrl(name),
      stop: async (why, kill) => {
        await engine.stop(why, kill);
        await run.close();
      },
    };
  } catch (error) {
    await run.close();
    throw error;
  }
}

async function refuseSecond(machine: Machine, folder: string): Promise<void> {
  const running = await machine.findEngine(folder);
  if (running === undefined) return;
  throw new Fault('ENGINE_RUNNING', { folder, pid: running.pid, url: running.url });
}

interface StartParts {
  readonly inputs: EngineInputs;
  readonly options: DevOptions;
  readonly policy: PlacementPolicy;
  readonly stateFolder: string;
  readonly reload: EngineOptions['reload'];
  /** Of fulcrum.yml. */
  readonly folder: string;
}

async function startOnPort(
  machine: Machine,
  run: Run,
  { inputs, options, policy, stateFolder, folder, reload }: StartParts,
): Promise<Addresses & { readonly engine: Engine }> {
  const { port, listen, hurry = new AbortController().signal } = options;
  const start = async (on: number) => {
    const engine = createEngine(run.ports, inputs, {
      port: on,
      token: run.token,
      dev: true,
      policy,
      stateFolder,
      reload,
      folder,
      listening: ({ url, admin }) => run.announce(inputs.app.name, url, admin),
      hurry,
      ...roomOf(machine, inputs.app),
    });
    engine.events.listen(listen);
    const at = machine.clock.wall();
    const unplaced = options.policy === undefined ? [] : notPlaced(inputs.app);
    for (const message of unplaced) engine.events.emit({ type: 'notice', at, message });
    return { engine, ...(await engine.start()) };
  };
  if (port !== undefined) return start(port);
  try {
    return await start(DEFAULT_PORT);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'PORT_TAKEN') throw error;
    return start(0);
  }
}

export function roomOf(machine: Machine, { local }: App) {
  const byMemory = Math.floor((machine.freeMemoryBytes * MEMORY_SHARE) / ENVIRONMENT_BYTES);
  return {
    maxEnvironments: local.maxEnvironments ?? Math.max(4, Math.min(1000, byMemory)),
    maxStarting: Math.max(2, 2 * machine.cores),
  };
}

/** A Dockerfile builds the whole program: `build` is for those that run as processes. */
async function buildAll(
  machine: Machine,
  containers: Containers | undefined,
  sources: Sources,
  options: DevOptions,
  only?: readonly string[],
): Promise<AppImages> {
  if (containers !== undefined) {
    const { building, hurry: stop } = options;
    return imagesOf(machine, containers, { sources, building, only, stop });
  }
  await build(machine, sources, options, only);
  return NO_IMAGES;
}

/** What was built again, over what was there. */
function over(before: AppImages, built: AppImages): AppImages {
  return {
    programs: new Map([...before.programs, ...built.programs]),
    functions: new Map([...before.functions, ...built.functions]),
  };
}

/** Builds the programs, or only the services that are named. Throws BUILD_FAILED. */
export async function build(
  machine: Machine,
  sources: Sources,
  options: Pick<DevOptions, 'building'>,
  only?: readonly string[],
): Promise<void> {
  const built = new Set<string>();
  for (const { key, build: command } of programsOf(sources.app)) {
    if (command === undefined || only?.includes(key) === false) continue;
    const folder = sources.folders.get(key) ?? '';
    // Versions may share a folder; what was built there is built.
    const what = JSON.stringify([folder, command]);
    if (built.has(what)) continue;
    built.add(what);
    options.building(key, command);
    const { exit, output } = await machine.run(command, folder, sources.inherited);
    if ('code' in exit && exit.code === 0) continue;
    throw new Fault('BUILD_FAILED', { service: key, command, exit: sayExit(exit), output });
  }
}
