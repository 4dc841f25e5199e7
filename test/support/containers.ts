// Containers for the tests: a Podman of their own, with a base image that was made on this machine.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { leftInContainers } from '../../src/host/containers/container-leftovers.ts';
import { realMachine } from '../../src/host/machine.ts';
import type { Machine } from '../../src/ops/machine.ts';
import { ENDPOINT, temporaryFolder } from './app.ts';

const HOME = resolve('.cache/containers');
const BASE = join(HOME, 'base.tar');
const SOCKET = ENDPOINT.slice('unix://'.length);

/** Debian with Node and the packages of `fixtures/containers`; another one has another name. */
export const BASE_IMAGE = `localhost/fulcrum-test-base:${stampOf(BASE)}`;

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'none' : String(Math.floor(found.mtimeMs));
}

/** Why there are no containers here, or undefined. */
export function missingContainers(): string | undefined {
  if (process.getuid?.() !== 0) return 'containers in the tests need root';
  for (const [tool, flag] of [
    ['podman', '--version'],
    ['runc', '--version'],
    ['flock', '--version'],
  ] as const) {
    if (spawnSync(tool, [flag]).status !== 0) return `${tool} is not installed`;
  }
  if (existsSync(BASE)) return undefined;
  return 'there is no .cache/containers/base.tar ("make test" makes it where debootstrap is)';
}

/** Less than the time for which an engine that nobody asks stays. */
const STAYS_MS = 60_000;
let seenAt = Number.NEGATIVE_INFINITY;

/** Starts the engine of the containers if it does not run; throws when it cannot be started. */
export function startPodman(): void {
  if (performance.now() - seenAt < STAYS_MS) return;
  mkdirSync(HOME, { recursive: true });
  const script = fileURLToPath(new URL('podman-service.ts', import.meta.url));
  const words = [
    '-o',
    join(HOME, 'lock'),
    process.execPath,
    script,
    HOME,
    SOCKET,
    BASE,
    BASE_IMAGE,
  ];
  const ran = spawnSync('flock', words, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`podman does not start: ${ran.stdout}${ran.stderr}`);
  seenAt = performance.now();
}

/** This machine, whose container engine is that of the tests. */
export function machineWithContainers(): Pick<Machine, 'env'> {
  return { env: { ...realMachine().env, DOCKER_HOST: ENDPOINT } };
}

export function docker(): Docker {
  return new Docker({ socketPath: SOCKET });
}

/** A folder with files and a Dockerfile that begins with the base image. */
export function sourceWith(
  dockerfile: string,
  files: Readonly<Record<string, string>> = {},
): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${BASE_IMAGE}\n${dockerfile}\n`);
  for (const [name, from] of Object.entries(files)) {
    cpSync(from, join(folder, name), { recursive: true });
  }
  return folder;
}

/** Names of containers and volumes that an engine has made and that are still there. */
export function leftIn(engine: string): Promise<readonly string[]> {
  return leftInContainers(ENDPOINT, engine, false);
}

/** A Podman that was started anew has forgotten what was built. */
export async function hasImage(name: string): Promise<boolean> {
  try {
    await docker().getImage(name).inspect();
    return true;
  } catch {
    return false;
  }
}
