// Finds the container engine of this machine: Docker, or Podman's service that speaks the same API.

import { existsSync } from 'node:fs';
import { homedir, release } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { Fault } from '../../base/fault.ts';

/** How a program in a container reaches what listens on 127.0.0.1 of this machine. */
export type Reach =
  /** The containers have a bridge, on which this machine has an address. */
  | { readonly kind: 'bridge'; readonly gateway: string }
  /** The engine runs in a virtual machine, which forwards this name to the loopback address. */
  | { readonly kind: 'name'; readonly name: string }
  /** No network of their own: containers use that of this machine. */
  | { readonly kind: 'host' };

export interface ContainerEngine {
  readonly docker: Docker;
  /** "Podman Engine 4.3.1". */
  readonly name: string;
  /** "unix:///run/podman/podman.sock". */
  readonly endpoint: string;
  /** Its command line. */
  readonly tool: 'docker' | 'podman';
  /** Containers are processes of this machine, not of a virtual machine. */
  readonly isLocal: boolean;
  readonly reach: Reach;
}

export interface EngineSearch {
  readonly engine: ContainerEngine | undefined;
  /** Every place looked at, with what was there. */
  readonly tried: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Podman answers late on a machine that is busy with other containers. */
const ANSWER_WITHIN_MS = 20_000;

/** Throws CONTAINER_ENGINE_MISSING. */
export async function containerEngine(env: Variables): Promise<ContainerEngine> {
  const { engine, tried } = await findContainerEngine(env);
  if (engine === undefined) throw new Fault('CONTAINER_ENGINE_MISSING', { tried });
  return engine;
}

export async function findContainerEngine(env: Variables): Promise<EngineSearch> {
  const tried: string[] = [];
  for (const endpoint of endpoints(env)) {
    if (endpoint.startsWith('unix://') && !existsSync(endpoint.slice('unix://'.length))) {
      tried.push(`${endpoint}: not there`);
      continue;
    }
    try {
      return { engine: await connect(endpoint), tried };
    } catch (error) {
      tried.push(`${endpoint}: ${reasonOf(error)}`);
    }
  }
  return { engine: undefined, tried };
}

function endpoints(env: Variables): readonly string[] {
  const named = env['DOCKER_HOST'];
  if (named !== undefined && named !== '') return [named];
  if (process.platform === 'win32') return ['npipe:////./pipe/docker_engine'];
  const run = env['XDG_RUNTIME_DIR'];
  const ofUser = run === undefined ? [] : ['docker.sock', 'podman/podman.sock'];
  return [
    '/var/run/docker.sock',
    join(homedir(), '.docker', 'run', 'docker.sock'),
    ...ofUser.map((name) => join(run ?? '', name)),
    '/run/podman/podman.sock',
  ].map((path) => `unix://${path}`);
}

/** Loaded only where containers are asked for. */
export async function clientOf(endpoint: string): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  if (endpoint.startsWith('unix://')) return new Client({ socketPath: endpoint.slice(7) });
  if (endpoint.startsWith('npipe://')) return new Client({ socketPath: endpoint.slice(8) });
  // The client reads the rest of DOCKER_HOST, and where its certificates are, by itself.
  return new Client();
}

/** Of what the engine says of itself; BuildahVersion only where it is Podman. */
interface EngineInfo {
  readonly ServerVersion?: string;
  readonly BuildahVersion?: string;
  readonly SecurityOptions?: readonly string[];
  readonly KernelVersion?: string;
}

async function connect(endpoint: string): Promise<ContainerEngine> {
  const docker = await clientOf(endpoint);
  const info: EngineInfo = await within<EngineInfo>(docker.info());
  const isPodman = info.BuildahVersion !== undefined;
  const rootless = (info.SecurityOptions ?? []).some((option) => option.includes('rootless'));
  const isLocal = endpoint.startsWith('unix://') && info.KernelVersion === release();
  return {
    docker,
    name: `${isPodman ? 'Podman' : 'Docker'} ${info.ServerVersion}`,
    endpoint,
    tool: isPodman ? 'podman' : 'docker',
    isLocal,
    reach: await reachOf(docker, { isPodman, isLocal, rootless }),
  };
}

interface EngineKind {
  readonly isPodman: boolean;
  readonly isLocal: boolean;
  readonly rootless: boolean;
}

async function reachOf(docker: Docker, kind: EngineKind): Promise<Reach> {
  const { isPodman, isLocal, rootless } = kind;
  if (rootless && isLocal && isPodman) return { kind: 'host' };
  if (!isLocal || rootless) return { kind: 'name', name: 'host.docker.internal' };
  const { IPAM } = await docker.getNetwork('bridge').inspect();
  const gateway = IPAM?.Config?.map((config) => config['Gateway']).find(
    (address) => address !== undefined && !address.includes(':'),
  );
  return gateway === undefined ? { kind: 'host' } : { kind: 'bridge', gateway };
}

function within<value>(promise: Promise<value>): Promise<value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ANSWER_WITHIN_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What the engine says went wrong, in one line and without its status. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const own = text.replace(/^\(HTTP code \d+\) [^-]* - /, '');
  return own.trim().split('\n').join(' ').replace(/\s+/g, ' ');
}

export function statusOf(error: unknown): number | undefined {
  const { statusCode } = error as { readonly statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
