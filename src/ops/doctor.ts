// What this machine can enforce and which tools are there, with what each absence costs.

import { type AppChoice, placeOf } from './find-app.ts';
import type { Leftovers, Machine } from './machine.ts';

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'problem';
  readonly found: string;
  /** What it means that it is missing; undefined when it is there. */
  readonly cost: string | undefined;
}

export interface Diagnosis {
  readonly checks: readonly Check[];
  readonly leftovers: Leftovers;
  readonly cleaned: boolean;
}

const MIN_NODE = [22, 13] as const;

/** Open files that a burst of ten thousand requests needs, with some to spare. */
const GOOD_OPEN_FILES = 32_768;

export async function diagnose(
  machine: Machine,
  choice: AppChoice,
  clean: boolean,
): Promise<Diagnosis> {
  const { folder } = placeOf(machine, choice);
  const leftovers = await machine.leftovers(folder, clean);
  return {
    checks: [
      checkNode(machine),
      checkLimits(machine),
      checkFreezing(machine),
      checkWatching(machine),
      await checkOpenFiles(machine),
      checkMemory(machine),
      ...(await checkTools(machine)),
      await checkContainers(machine),
      checkLeftovers(leftovers, clean),
    ],
    leftovers,
    cleaned: clean,
  };
}

function checkNode({ nodeVersion }: Machine): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const ok = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return {
    name: 'Node.js',
    state: ok ? 'ok' : 'problem',
    found: nodeVersion,
    cost: ok ? undefined : `Fulcrum needs ${MIN_NODE.join('.')} or newer.`,
  };
}

function checkLimits(machine: Machine): Check {
  const { version, why } = machine.cgroups();
  return {
    name: 'control groups',
    state: version === undefined ? 'missing' : 'ok',
    found: why,
    cost:
      version === undefined
        ? 'Memory is watched ten times a second instead of limited by the kernel, and the processor is not limited: a task of 0.25 vCPU is as fast here as the machine.'
        : undefined,
  };
}

function checkFreezing({ platform }: Machine): Check {
  const works = platform !== 'win32';
  return {
    name: 'freezing',
    state: works ? 'ok' : 'missing',
    found: works ? 'SIGSTOP and SIGCONT' : `not on ${platform}`,
    cost: works ? undefined : 'Lambda environments are not frozen between requests.',
  };
}

function checkWatching({ platform }: Machine): Check {
  const works = platform === 'linux';
  return {
    name: 'process table',
    state: works ? 'ok' : 'missing',
    found: works ? '/proc' : 'ps',
    cost: works
      ? undefined
      : 'A program that listens on another port than $PORT is seen late, without saying which port it is.',
  };
}

async function checkOpenFiles(machine: Machine): Promise<Check> {
  const limit = await machine.openFilesLimit();
  const ok = limit === undefined || limit >= GOOD_OPEN_FILES;
  return {
    name: 'open files',
    state: ok ? 'ok' : 'missing',
    found: limit === undefined ? 'no limit' : String(limit),
    cost: ok
      ? undefined
      : `Every connection takes one: more than about ${Math.floor((limit ?? 0) / 2)} clients at once are refused. Raise it with "ulimit -n".`,
  };
}

function checkMemory({ freeMemoryBytes, cores }: Machine): Check {
  const gib = freeMemoryBytes / 1024 ** 3;
  return {
    name: 'memory and cores',
    state: gib >= 1 ? 'ok' : 'missing',
    found: `${gib.toFixed(1)} GiB free, ${cores} cores`,
    cost:
      gib >= 1 ? undefined : 'Only a few Lambda environments fit; further requests wait for one.',
  };
}

const TOOLS: readonly { readonly name: string; readonly flag: string; readonly cost: string }[] = [
  { name: 'go', flag: 'version', cost: 'Programs in Go cannot be built here.' },
  { name: 'python3', flag: '--version', cost: 'Programs in Python cannot run here.' },
];

async function checkContainers(machine: Machine): Promise<Check> {
  const { engine, tried } = await machine.findContainers(machine.env);
  const name = 'container engine';
  if (engine !== undefined) {
    return { name, state: 'ok', found: `${engine.name} at ${engine.endpoint}`, cost: undefined };
  }
  return {
    name,
    state: 'missing',
    found: tried.length === 1 ? `none: ${tried[0]}` : 'none',
    cost: 'Programs run as processes; "fulcrum dev --containers" and images for AWS need Docker, or "podman system service", or DOCKER_HOST.',
  };
}

async function checkTools(machine: Machine): Promise<readonly Check[]> {
  return Promise.all(
    TOOLS.map(async ({ name, flag, cost }): Promise<Check> => {
      const version = await machine.toolVersion(name, flag);
      if (version !== undefined) return { name, state: 'ok', found: version, cost: undefined };
      return { name, state: 'missing', found: 'not found', cost };
    }),
  );
}

function checkLeftovers({ engines, processes, containers }: Leftovers, cleaned: boolean): Check {
  const count = processes.length;
  const boxes = containers.length === 0 ? '' : ` and containers (${containers.join(', ')})`;
  const left = `${count} ${count === 1 ? 'process' : 'processes'}${boxes} of ${engines} dead ${engines === 1 ? 'engine' : 'engines'}`;
  if (engines === 0) {
    return { name: 'leftovers', state: 'ok', found: 'none', cost: undefined };
  }
  if (cleaned) return { name: 'leftovers', state: 'ok', found: `${left}: ended`, cost: undefined };
  return {
    name: 'leftovers',
    state: 'problem',
    found: left,
    cost: 'They take memory and ports. End them with "fulcrum doctor --clean"; the next "fulcrum dev" does it too.',
  };
}
