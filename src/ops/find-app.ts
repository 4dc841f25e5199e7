// Finds and reads the app a command is about.

import { dirname, join, relative, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { Fault } from '../base/fault.ts';
import { loadApp } from '../config/load.ts';
import type { EngineInputs } from '../engine/program.ts';
import { type App, codesOf, programsOf } from '../model/app.ts';
import { functionFiles } from './function-files.ts';
import type { AppImages } from './images.ts';
import type { Machine } from './machine.ts';
import { pricesInUse } from './price-file.ts';

export interface AppPlace {
  /** Absolute. */
  readonly file: string;
  /** Where the file lies; the state of the engine is kept below it. */
  readonly folder: string;
  /** As messages name the file. */
  readonly name: string;
}

export type Sources = Omit<EngineInputs, 'functions' | 'images'>;

export interface AppChoice {
  /** Working folder of the command. */
  readonly cwd: string;
  /** From --config; a file, or a folder that has a fulcrum.yml. */
  readonly config: string | undefined;
  readonly stage: string | undefined;
}

export function placeOf(machine: Machine, { cwd, config }: AppChoice): AppPlace {
  const named = resolve(cwd, config ?? 'fulcrum.yml');
  const file = machine.isFolder(named) ? join(named, 'fulcrum.yml') : named;
  return { file, folder: dirname(file), name: relative(cwd, file) || file };
}

/** Throws CONFIG_NOT_FOUND, CONFIG_INVALID, STAGE_UNKNOWN. */
export function readApp(machine: Machine, choice: AppChoice): { app: App; place: AppPlace } {
  const place = placeOf(machine, choice);
  const text = machine.readText(place.file);
  if (text === undefined) throw new Fault('CONFIG_NOT_FOUND', { file: place.name });
  return { app: loadApp({ name: place.name, text }, choice.stage), place };
}

/** What is known before anything is built. Throws SOURCE_NOT_FOUND, SECRETS_MISSING, PRICES_FILE_INVALID. */
export function sourcesOf(
  machine: Machine,
  app: App,
  place: AppPlace,
  inContainers: boolean,
): Sources {
  const folders = new Map<string, string>();
  for (const { name, key, source } of programsOf(app)) {
    const folder = resolve(place.folder, source);
    if (!machine.isFolder(folder)) throw new Fault('SOURCE_NOT_FOUND', { service: name, folder });
    folders.set(key, folder);
  }
  return {
    app,
    folders,
    inherited: {
      ...localCredentials(machine, app),
      ...inherited(machine.env, inContainers ? INHERITED_BY_CONTAINERS : INHERITED),
    },
    secrets: secretsOf(machine, app, place),
    prices: pricesInUse(machine, { cwd: place.folder }),
  };
}

/** Everything the engine needs, when the programs are built. Throws as `functionFiles` does. */
export function inputsOf(machine: Machine, sources: Sources, images: AppImages): EngineInputs {
  const functions = sources.app.functions.flatMap(codesOf).map((program) => {
    const folder = sources.folders.get(program.key) ?? '';
    const files = images.functions.get(program.key) ?? functionFiles(machine, program, folder);
    return [program.key, files] as const;
  });
  return { ...sources, functions: new Map(functions), images: images.programs };
}

function secretsOf(machine: Machine, app: App, place: AppPlace) {
  const text = machine.readText(join(place.folder, '.env'));
  const values: Readonly<Record<string, string | undefined>> =
    text === undefined ? {} : parseEnv(text);
  const missing = new Set<string>();
  const secrets = new Map<string, Record<string, string>>();
  for (const program of programsOf(app)) {
    const own: Record<string, string> = {};
    for (const name of Object.keys(program.secrets)) {
      const value = values[name];
      if (value === undefined) missing.add(name);
      else own[name] = value;
    }
    secrets.set(program.key, own);
  }
  if (missing.size > 0) throw new Fault('SECRETS_MISSING', { names: [...missing], file: '.env' });
  return secrets;
}

/**
 * What a program gets of this machine's environment: enough to find its tools and to reach AWS, and
 * nothing else, so that a setting missing from fulcrum.yml is missing here as it will be there.
 */
const INHERITED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|(HTTPS?|NO)_PROXY|https?_proxy|no_proxy|NVM_.*|VOLTA_HOME|PYENV_.*|VIRTUAL_ENV|CONDA_.*|GO(PATH|ROOT|CACHE|MODCACHE|PROXY|FLAGS|TOOLCHAIN)|CARGO_HOME|RUSTUP_HOME|JAVA_HOME|AWS_(PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CONFIG_FILE|SHARED_CREDENTIALS_FILE|CA_BUNDLE|ENDPOINT_URL.*))$/;

/**
 * SDKs want credentials even where nobody looks at them: the queues and functions of this machine.
 * Lambda gives every function some.
 */
const LOCAL_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

/** Only where the machine has none of its own, which programs need for everything else on AWS. */
function localCredentials(
  { env, exists }: Machine,
  { queues, functions }: App,
): Readonly<Record<string, string>> {
  const named = [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_CONFIG_FILE',
    'AWS_SHARED_CREDENTIALS_FILE',
  ].some((name) => env[name] !== undefined);
  const folder = join(env['HOME'] ?? '', '.aws');
  const kept = ['credentials', 'config'].some((name) => exists(join(folder, name)));
  const wanted = queues.length > 0 || functions.length > 0;
  return !wanted || named || kept ? {} : LOCAL_CREDENTIALS;
}

/** An image has tools of its own; files of this machine are not in it. */
const INHERITED_BY_CONTAINERS =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ENDPOINT_URL.*)$/;

function inherited(env: Machine['env'], which: RegExp): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && which.test(entry[0]),
    ),
  );
}
