// What an engine holds, counted from outside: memory, processes, sockets, files.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processesOf } from '../test/support/engine-processes.ts';
import { residentMb } from './support.ts';

export interface CensusParts {
  readonly pid: number;
  /** Id of the engine: every program it started carries it. */
  readonly engine: string;
  /** Folder of the app. */
  readonly folder: string;
  /** Where the engine makes temporary files. */
  readonly temporary: string;
  /** Where the engine says how large its heap is. */
  readonly heapFile: string;
}

export interface Sample {
  readonly atMs: number;
  readonly residentMb: number;
  readonly heapMb: number;
  /** Programs it started, with their children. */
  readonly processes: number;
  /** Open files of the engine, sockets included. */
  readonly files: number;
  readonly sockets: number;
  /** Sockets whose other side has closed and that are still open: never many, never for long. */
  readonly halfClosed: number;
  /** Temporary files and folders: its own, and those of its tasks and environments. */
  readonly temporaries: number;
}

interface TcpSocket {
  readonly inode: string;
  readonly state: string;
  readonly port: number;
  readonly peerPort: number;
}

/** States of /proc/net/tcp. */
const TIME_WAIT = '06';
const CLOSE_WAIT = '08';
const LISTEN = '0A';

/** Node keeps it there for the next start. */
const COMPILE_CACHE = 'node-compile-cache';

const BYTES_PER_MB = 2 ** 20;

export class Census {
  readonly #parts: CensusParts;
  readonly #began = performance.now();
  /** Where the engine and its programs have listened. */
  readonly #ports = new Set<number>();

  constructor(parts: CensusParts) {
    this.#parts = parts;
  }

  take(): Sample {
    const { pid, engine, temporary, heapFile } = this.#parts;
    const programs = processesOf(engine);
    const table = tcpTable();
    const own = socketsOf(pid);
    const listening = new Set([pid, ...programs].flatMap((one) => [...socketsOf(one)]));
    for (const { inode, state, port } of table) {
      if (state === LISTEN && listening.has(inode)) this.#ports.add(port);
    }
    return {
      atMs: performance.now() - this.#began,
      residentMb: residentMb(pid),
      heapMb: Number(readFileSync(heapFile, 'utf8')) / BYTES_PER_MB,
      processes: programs.length,
      files: readdirSync(`/proc/${pid}/fd`).length,
      sockets: own.size,
      halfClosed: table.filter(({ inode, state }) => state === CLOSE_WAIT && own.has(inode)).length,
      temporaries: temporaries(temporary).length + entries(this.#taskFolders(), true).length,
    };
  }

  /** Of its tasks and environments, below its record. */
  #taskFolders(): string {
    return join(this.#parts.folder, '.fulcrum', 'run', this.#parts.engine, 'tmp');
  }

  /** What is still there of an engine that has ended, in words; nothing should be. */
  leftovers(): readonly string[] {
    const { engine, folder, temporary } = this.#parts;
    const processes = processesOf(engine).map((pid) => `process ${pid}`);
    // Of processes that have ended only the kernel itself can still hold a socket.
    const sockets = tcpTable()
      .filter(({ inode, state }) => inode === '0' && state !== TIME_WAIT)
      .filter(({ port, peerPort }) => this.#ports.has(port) || this.#ports.has(peerPort))
      .map(({ port, peerPort, state }) => `socket ${port} to ${peerPort} in state ${state}`);
    const records = entries(join(folder, '.fulcrum', 'run')).map((name) => `record ${name}`);
    const files = temporaries(temporary).map((name) => `temporary ${name}`);
    const groups = entries('/sys/fs/cgroup', true)
      .filter((name) => name.includes(engine))
      .map((name) => `control group ${name}`);
    return [...processes, ...sockets, ...records, ...files, ...groups];
  }
}

const temporaries = (folder: string) =>
  entries(folder, true).filter((name) => !name.startsWith(COMPILE_CACHE));

function entries(folder: string, recursive = false): readonly string[] {
  try {
    return readdirSync(folder, { recursive, encoding: 'utf8' });
  } catch {
    // It never was, or is gone.
    return [];
  }
}

function socketsOf(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const name of entries(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // It was closed meanwhile.
    }
  }
  return inodes;
}

function tcpTable(): readonly TcpSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => {
        const [, local = '', remote = '', state = '', , , , , , inode = ''] = line
          .trim()
          .split(/\s+/);
        return { inode, state, port: portOf(local), peerPort: portOf(remote) };
      }),
  );
}

const portOf = (address: string) => Number.parseInt(address.split(':')[1] ?? '', 16);
