// This machine, as the operations see it.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { Fault, systemReason } from '../base/fault.ts';
import type { Clock, Exit, Files, Net, Processes, Rng } from '../base/ports.ts';
import { openBytes } from './byte-source.ts';
import { findCgroups, removeCgroups } from './cgroup.ts';
import { realClock } from './clock.ts';
import {
  type ContainerEngine,
  containerEngine,
  findContainerEngine,
} from './containers/connect.ts';
import { containerHost } from './containers/container-host.ts';
import type { BuildOrder, FindOrder } from './containers/images.ts';
import { OldImages } from './containers/old-images.ts';
import { realFiles } from './files.ts';
import { fingerprint } from './fingerprint.ts';
import { lineSplitter } from './lines.ts';
import { realNet } from './net.ts';
import { writeOutput } from './output-file.ts';
import { processHost } from './processes.ts';
import { systemRng } from './rng.ts';
import { findEngine, leftovers, openRecord, type RunRecord } from './run-record.ts';
import { startThread } from './thread.ts';
import { realWeb } from './web.ts';

/** Lines of a build that its failure shows. */
const LAST_LINES = 30;

export function realMachine() {
  const clock = realClock();
  const rng = systemRng();
  const net = realNet(rng);
  return {
    clock,
    rng,
    net,
    web: realWeb,
    platform: process.platform,
    nodeVersion: process.versions.node,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() || process.arch,
    freeMemoryBytes: freeMemory(),
    env: process.env,
    readText,
    openBytes,
    writeText(path: string, text: string) {
      mkdirSync(dirname(path), { recursive: true });
      writeOutput(path, text);
    },
    writeOutput,
    isFolder: (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
    isExecutable: (path: string) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found?.isFile() === true && (found.mode & 0o111) !== 0;
    },
    exists: existsSync,
    list: (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []),
    removeFolder: (folder: string) => rmSync(folder, { recursive: true, force: true }),
    run: runToEnd,
    openRun: (folder: string) => openRun(folder, { clock, rng, net }, processesFor),
    containers: async (env: Variables) => {
      // With what reads and packs folders, which nobody else needs.
      const { buildImage, findImage } = await import('./containers/images.ts');
      const engine = await containerEngine(env);
      const old = new OldImages(engine.docker);
      return {
        ...engine,
        build: (order: BuildOrder) => old.around(order.tag, () => buildImage(engine, order)),
        find: (...what: FindOrder) => findImage(engine, ...what),
        openRun: (folder: string) =>
          openRun(folder, { clock, rng, net }, containersFor(engine, old)),
      };
    },
    findContainers: findContainerEngine,
    findEngine,
    leftovers,
    cgroups: () => findCgroups('fulcrum'),
    toolVersion,
    openFilesLimit,
    fingerprint,
    processorTime,
    startThread,
  };
}

type Variables = Readonly<Record<string, string | undefined>>;

interface CommonPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly net: Net;
}

interface RunParts {
  readonly clock: Clock;
  readonly record: RunRecord;
  readonly folder: string;
}

/** What starts programs, and how that ends. */
interface Starter {
  readonly processes: Processes;
  readonly files: Files;
  readonly close: () => Promise<void>;
}

function openRun(folder: string, common: CommonPorts, starterFor: (parts: RunParts) => Starter) {
  const record = openRecord(folder);
  const { processes, files, close } = starterFor({ clock: common.clock, record, folder });
  return {
    ports: { ...common, processes, files },
    token: record.token,
    announce: record.announce,
    async close() {
      await close();
      record.close();
    },
  };
}

function processesFor({ clock, record, folder }: RunParts): Starter {
  const processes = processHost(clock, findCgroups(record.groups), record);
  const files = realFiles(join(folder, '.fulcrum', 'run', record.id));
  const close = async (): Promise<void> => {
    processes.close();
    // What a program had started itself may have left its group after the program.
    await removeCgroups(record.groups);
  };
  return { processes, files, close };
}

function containersFor(engine: ContainerEngine, old: OldImages) {
  return ({ clock, record }: RunParts): Starter => {
    record.usesContainers(engine.endpoint);
    const processes = containerHost(engine, record.id, clock);
    const close = async (): Promise<void> => {
      await processes.close();
      const failures = await old.remove();
      const [reason] = failures;
      if (reason !== undefined) throw new Fault('IMAGES_LEFT', { count: failures.length, reason });
    };
    return { processes, files: processes.files, close };
  };
}

/** undefined: there is no such file. Throws FILE_UNREADABLE. */
function readText(path: string): string | undefined {
  if (!isFile(path)) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Fault('FILE_UNREADABLE', { file: path, why: systemReason(error) }, { cause: error });
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Also what caches would give back, where the machine says so. */
function freeMemory(): number {
  try {
    const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kib === undefined ? freemem() : Number(kib) * 1024;
  } catch {
    return freemem();
  }
}

function processorTime() {
  const { user, system } = process.cpuUsage();
  const all = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return { ownMs: (user + system) / 1000, allMs: all.reduce((sum, one) => sum + one, 0) };
}

function runToEnd(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exit: Exit; readonly output: string }> {
  return new Promise((resolve) => {
    const last: string[] = [];
    const split = lineSplitter((line) => {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
    });
    const child = spawn('/bin/sh', ['-c', command], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', split);
    child.stderr.on('data', split);
    child.once('error', (error) => resolve({ exit: { code: 127 }, output: error.message }));
    child.once('close', (code, signal) => {
      split(undefined);
      const exit = signal === null ? { code: code ?? 0 } : { signal };
      resolve({ exit, output: last.map((line) => `  | ${line}`).join('\n') });
    });
  });
}

function toolVersion(tool: string, flag: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(tool, [flag], { timeout: 5000 }, (error, stdout, stderr) => {
      const [line = ''] = `${stdout}${stderr}`.trim().split('\n');
      resolve(error === null ? line : undefined);
    });
  });
}

function openFilesLimit(): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', 'ulimit -Hn'], (error, stdout) => {
      const limit = Number(stdout.trim());
      resolve(error !== null || Number.isNaN(limit) ? undefined : limit);
    });
  });
}
