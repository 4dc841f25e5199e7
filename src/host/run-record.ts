// The record of what an engine has started, kept on disk so that a later run, or `fulcrum doctor
// --clean`, can end what an engine that was killed left behind.
//
// One folder per engine below `.fulcrum/run/`: `engine.json` says who it is and how to reach it,
// `processes` has a line for every program started. A process is only ever ended if its id, its
// start time and (on Linux) its environment say that it is the one recorded.

import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { removeCgroups } from './cgroup.ts';
import { reasonOf } from './containers/connect.ts';
import { leftInContainers } from './containers/container-leftovers.ts';
import { askPs, hasProc, type ProcessInfo, readProcess, readProcesses } from './process-table.ts';

/** Every program carries the id of its engine in this variable. */
export const ENGINE_VARIABLE = 'FULCRUM_ENGINE';

export interface EngineRecord {
  readonly id: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly app: string;
  readonly url: string;
  readonly admin: string;
  /** Prefix of the control groups it made. */
  readonly groups: string;
}

export interface RunRecord {
  readonly id: string;
  /** Secret that the admin port asks for; also in a file only its owner can read. */
  readonly token: string;
  readonly groups: string;
  /** Notes a started program. */
  started(pid: number): void;
  /** Notes that programs run in containers, and where their engine answers. */
  usesContainers(endpoint: string): void;
  /** Says that the engine can be reached. */
  announce(app: string, url: string, admin: string): void;
  /** Removes the record; everything was stopped. */
  close(): void;
}

const groupsOf = (id: string) => `fulcrum-${id}`;
const runFolder = (folder: string) => join(folder, '.fulcrum', 'run');

/** Begins the record of this process for the app in `folder`. */
export function openRecord(folder: string): RunRecord {
  const id = randomBytes(8).toString('hex');
  const home = join(runFolder(folder), id);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const token = randomBytes(24).toString('hex');
  const tokenFile = join(home, 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  chmodSync(tokenFile, 0o600);
  const groups = groupsOf(id);
  const startedAt = startTime(process.pid);
  const write = (app: string, url: string, admin: string) => {
    const record: EngineRecord = { id, pid: process.pid, startedAt, app, url, admin, groups };
    writeWhole(join(home, 'engine.json'), JSON.stringify(record));
  };
  write('', '', '');
  return {
    id,
    token,
    groups,
    started: (pid) => appendFileSync(join(home, 'processes'), `${pid} ${startTime(pid)}\n`),
    usesContainers: (endpoint) => writeWhole(join(home, 'containers'), endpoint),
    announce: write,
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Writes beside the file and renames, so that a reader sees all of it or the one before. */
export function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flush: true });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

export interface FoundEngine extends EngineRecord {
  readonly token: string;
}

/** The engine that runs for the app in `folder`, or undefined. */
export async function findEngine(folder: string): Promise<FoundEngine | undefined> {
  for (const { record, home } of records(folder)) {
    if (record === undefined || record.url === '' || !(await isAlive(record))) continue;
    return { ...record, token: readFileSync(join(home, 'token'), 'utf8') };
  }
  return undefined;
}

export interface Leftovers {
  /** Engines that ended without stopping what they had started. */
  readonly engines: number;
  readonly processes: readonly number[];
  /** Names of containers; or of the engine that could not be asked for them. */
  readonly containers: readonly string[];
}

/** Finds what dead engines of this folder left behind and, with `end`, ends and forgets it. */
export async function leftovers(folder: string, end: boolean): Promise<Leftovers> {
  let engines = 0;
  const processes = new Set<number>();
  const containers: string[] = [];
  for (const { id, record, home } of records(folder)) {
    if (record !== undefined && (await isAlive(record))) continue;
    engines += 1;
    for (const pid of await survivors(id, home)) processes.add(pid);
    if (end) for (const pid of processes) kill(pid);
    if (end) await removeCgroups(groupsOf(id));
    const left = await containersOf(id, home, end);
    containers.push(...left.names);
    // What could not be asked for is asked for again.
    if (end && left.asked) rmSync(home, { recursive: true, force: true });
  }
  return { engines, processes: [...processes], containers };
}

async function containersOf(id: string, home: string, end: boolean) {
  const file = join(home, 'containers');
  if (!existsSync(file)) return { names: [], asked: true };
  const endpoint = readFileSync(file, 'utf8');
  try {
    return { names: await leftInContainers(endpoint, id, end), asked: true };
  } catch (error) {
    return { names: [`${endpoint} (${reasonOf(error)})`], asked: false };
  }
}

function records(folder: string) {
  const parent = runFolder(folder);
  if (!existsSync(parent)) return [];
  return readdirSync(parent).map((id) => {
    const home = join(parent, id);
    return { id, home, record: readRecord(join(home, 'engine.json')) };
  });
}

function readRecord(file: string): EngineRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as EngineRecord;
  } catch {
    // An engine that was killed while it began has left no record to read.
    return undefined;
  }
}

async function isAlive({ pid, startedAt }: EngineRecord): Promise<boolean> {
  if (hasProc) return readProcess(pid)?.startedAt === startedAt;
  return (await askPs()).some((info) => info.pid === pid);
}

/** Every process of the trees that the engine `id` started, verified one by one. */
async function survivors(id: string, home: string): Promise<readonly number[]> {
  const table = hasProc ? readProcesses() : await askPs();
  const recorded = new Map(readStarted(join(home, 'processes')));
  const sessions = new Set(
    table
      .filter(({ pid, startedAt }) => hasProc && recorded.get(pid) === startedAt)
      .map(({ pid }) => pid),
  );
  return table.filter((info) => belongs(info, id, sessions, recorded)).map(({ pid }) => pid);
}

function belongs(
  { pid, session, startedAt }: ProcessInfo,
  engine: string,
  sessions: ReadonlySet<number>,
  recorded: ReadonlyMap<number, string>,
): boolean {
  if (pid === process.pid) return false;
  if (!hasProc) return recorded.has(session) && startedAt !== '';
  if (sessions.has(session)) return true;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .includes(`${ENGINE_VARIABLE}=${engine}`);
  } catch {
    return false;
  }
}

function readStarted(file: string): readonly (readonly [number, string])[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [pid = '', startedAt = ''] = line.split(' ');
      return [Number(pid), startedAt];
    });
}

function startTime(pid: number): string {
  return readProcess(pid)?.startedAt ?? '-';
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
