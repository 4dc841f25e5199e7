// What runs on this machine and how much it uses, for whole process trees.
//
// A child is started in a session of its own, so its tree is everything with that session id, also
// what its children started. On Linux this is read from /proc; elsewhere `ps` is asked.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Listener } from '../base/ports.ts';

export interface ProcessInfo {
  readonly pid: number;
  readonly session: number;
  readonly cpuMs: number;
  /** Of its children that have ended and theirs. 0 where only `ps` can be asked. */
  readonly endedCpuMs: number;
  readonly memoryBytes: number;
  /** Differs between two processes that had the same id one after the other. */
  readonly startedAt: string;
}

/** Ticks per second of /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export const hasProc = process.platform === 'linux';

/** Every process that can be read. On Linux; empty elsewhere. */
export function readProcesses(): readonly ProcessInfo[] {
  if (!hasProc) return [];
  const found: ProcessInfo[] = [];
  for (const name of readdirSync('/proc')) {
    const code = name.charCodeAt(0);
    if (code < 0x30 || code > 0x39) continue;
    const info = readProcess(Number(name));
    if (info !== undefined) found.push(info);
  }
  return found;
}

/** The fields of /proc/<pid>/stat by their number in its manual page, from 3 on. */
type StatFields = (number: number) => string;

function statFields(pid: number): StatFields | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name stands in parentheses and may have spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (number) => fields[number - 3] ?? '';
}

function isDead(field: StatFields): boolean {
  return field(3) === 'Z' || field(3) === 'X';
}

/** One process, or undefined when it is gone. On Linux; elsewhere always undefined. */
export function readProcess(pid: number): ProcessInfo | undefined {
  const field = statFields(pid);
  if (field === undefined || isDead(field)) return undefined;
  return {
    pid,
    session: Number(field(6)),
    cpuMs: ((Number(field(14)) + Number(field(15))) * 1000) / TICKS_PER_SECOND,
    endedCpuMs: ((Number(field(16)) + Number(field(17))) * 1000) / TICKS_PER_SECOND,
    memoryBytes: Number(field(24)) * PAGE_BYTES,
    startedAt: field(22),
  };
}

/** Bit of the kernel for a process on its way out: what it had open may be closed already. */
const PF_EXITING = 0x4;

/**
 * Whether a process has ended or is about to, though whoever waits for it may not have been told.
 * On Linux; elsewhere never.
 */
export function isEnding(pid: number): boolean {
  if (!hasProc) return false;
  const fields = statFields(pid);
  if (fields === undefined) return true;
  return isDead(fields) || (Number(fields(9)) & PF_EXITING) !== 0;
}

/** What a process has started itself and not waited for, first to last; undefined: not to be seen. */
export function childrenOf(pid: number): readonly number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return undefined;
  }
}

/** The same from `ps`, where there is no /proc. Process time has a resolution of a second there. */
export function askPs(): Promise<readonly ProcessInfo[]> {
  return new Promise((resolve) => {
    const columns = 'pid=,pgid=,rss=,time=,lstart=';
    execFile('ps', ['-A', '-o', columns], { maxBuffer: 16e6 }, (error, stdout) => {
      resolve(error === null ? stdout.split('\n').flatMap(parsePsLine) : []);
    });
  });
}

export function parsePsLine(line: string): readonly ProcessInfo[] {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+([\d:.-]+)\s+(.+?)\s*$/.exec(line);
  if (match === null) return [];
  const [, pid, group, rss, time = '', startedAt = ''] = match;
  return [
    {
      pid: Number(pid),
      session: Number(group),
      memoryBytes: Number(rss) * 1024,
      cpuMs: parsePsTime(time),
      endedCpuMs: 0,
      startedAt,
    },
  ];
}

/** "[days-][hours:]minutes:seconds[.fraction]" */
function parsePsTime(text: string): number {
  const [days, clock] = text.includes('-') ? text.split('-') : ['0', text];
  const seconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

/** Where the tree of `session` listens. On Linux; empty elsewhere. */
export function readListeners(session: number): readonly Listener[] {
  if (!hasProc) return [];
  const sockets = new Set<string>();
  for (const { pid, session: its } of readProcesses()) {
    if (its === session) for (const inode of socketsOf(pid)) sockets.add(inode);
  }
  const listeners = [...parseTcp('/proc/net/tcp'), ...parseTcp('/proc/net/tcp6')];
  const own = listeners.filter(({ inode }) => sockets.has(inode));
  return own.map(({ port, loopback }) => ({ port, loopback }));
}

/** Everything that listens in the network of a process which has one of its own. */
export function readListenersOfNetwork(pid: number): readonly Listener[] {
  return [...parseTcp(`/proc/${pid}/net/tcp`), ...parseTcp(`/proc/${pid}/net/tcp6`)].map(
    ({ port, loopback }) => ({ port, loopback }),
  );
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
        return match?.[1] === undefined ? [] : [match[1]];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

const TCP_LISTEN = '0A';

function parseTcp(file: string) {
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return [];
  }
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state !== TCP_LISTEN) return [];
      const [address = '', port = ''] = local.split(':');
      const loopback = address === '0100007F' || address === '00000000000000000000000001000000';
      return [{ port: Number.parseInt(port, 16), loopback, inode }];
    });
}
