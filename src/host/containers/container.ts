// One copy of a program in a container, which the engine sees as it sees a process.
//
// Invariants
//   C1. What is asked of a container happens in the order it was asked, after its start.
//   C2. `exited` resolves once, after the last line was handed over.
//   C3. A container that has exited is removed, and so is one that could not be started.
//   C4. No container stays paused whose program has ended: its first process could not end then.

import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import type {
  Beside,
  Child,
  Exit,
  Listener,
  SpawnOptions,
  Usage,
  UsageNow,
} from '../../base/ports.ts';
import { lineSplitter } from '../lines.ts';
import { childrenOf, isEnding, readListeners, readListenersOfNetwork } from '../process-table.ts';
import { type ContainerEngine, reasonOf, statusOf } from './connect.ts';
import { ContainerCgroup } from './container-cgroup.ts';
import { ContainerCommand } from './container-command.ts';
import { CPU_PERIOD_US, cpuQuota, exitOf, usageOf } from './container-facts.ts';
import { exitCodeOf } from './container-wait.ts';

export interface ContainerParts {
  readonly docker: Docker;
  readonly tool: ContainerEngine['tool'];
  /** Containers are processes of this machine. */
  readonly isLocal: boolean;
  /** Makes the container, and what it needs. Called again after `retry` said so. */
  create(): Promise<Docker.Container>;
  /** Whether a start that failed is worth another try, made differently. */
  retry(reason: string): boolean;
  /** It shares its network with its machine or its sandbox, or has one of its own. */
  network(): 'own' | 'shared';
  /** Its first process is one of the engine's, which starts the program and ends with it. */
  hasFirstProcess(): boolean;
  /** Resolves when nothing needs it any more. */
  readonly unused: () => Promise<unknown>;
}

/** What a container with nothing started in it exits with, as the command line of Docker says it. */
const NOT_STARTED: Exit = { code: 125 };

/** The end of the output is waited for this long after the end of the container. */
const OUTPUT_WITHIN_MS = 500;

/** The types of the client do not know it. */
const WITH_SIZE = { size: true } as Docker.ContainerInspectOptions;

const NOTHING: Usage = { cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0 };

export class Container implements Child {
  readonly started: Promise<boolean>;
  readonly exited: Promise<Exit>;
  /** Its id, once it runs. Rejects when it never will. */
  readonly running: Promise<string>;
  /** Resolves when it is gone; rejects when it cannot be removed. */
  readonly removed: Promise<void>;
  readonly #options: SpawnOptions;
  readonly #parts: ContainerParts;
  #container: Docker.Container | undefined;
  #output: Promise<void> = Promise.resolve();
  #cgroup: ContainerCgroup | undefined;
  #stopSignal = 'SIGTERM';
  #pid = 0;
  /** The process of the program, where the first one is not its own. */
  #programPid: number | undefined;
  #address: string | undefined;
  #usage = NOTHING;
  #outOfMemory = false;
  #ended = false;
  #killed = false;
  #frozen = false;
  #wantsFrozen = false;
  #last: Promise<void>;

  constructor(options: SpawnOptions, parts: ContainerParts) {
    this.#options = options;
    this.#parts = parts;
    this.running = this.#start();
    this.#last = this.running.then(
      () => {},
      () => {},
    );
    this.started = this.running.then(
      () => true,
      () => false,
    );
    this.exited = this.#watchExit();
    this.removed = this.exited.then(() => this.#remove());
    // Whoever closes the host looks at it.
    this.removed.catch(() => {});
  }

  get pid(): number {
    return this.#pid;
  }

  get address(): string | undefined {
    return this.#address;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  ending(): boolean {
    if (this.#ended) return true;
    if (this.#pid === 0) return false;
    if (isEnding(this.#pid)) return true;
    if (!this.#parts.hasFirstProcess()) return false;
    const children = childrenOf(this.#pid);
    this.#programPid ??= children?.[0];
    if (this.#programPid === undefined) return children !== undefined;
    return isEnding(this.#programPid);
  }

  outOfMemory = (): boolean => this.#outOfMemory;

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    if (this.#ended) return;
    if (name === 'SIGKILL') this.#killed = true;
    // What stands still cannot act on a signal.
    this.#wantsFrozen = false;
    this.#ask('signalled', async (container) => {
      await this.#settle(container);
      await container.kill({ signal: name === 'SIGTERM' ? this.#stopSignal : name });
    });
  }

  freeze(): void {
    this.#wantsFrozen = true;
    this.#ask('paused', (container) => this.#settle(container));
  }

  thaw(): void {
    this.#wantsFrozen = false;
    this.#ask('resumed', (container) => this.#settle(container));
  }

  limitCpu(cores: number | undefined): void {
    this.#ask('limited', async (container) => {
      const quota = cpuQuota(cores);
      // Podman learnt to change a limit late: where it cannot, the kernel is told.
      if (this.#cgroup?.setCpu(quota, CPU_PERIOD_US) === true) return;
      await container.update({ CpuPeriod: CPU_PERIOD_US, CpuQuota: quota });
    });
  }

  usage(): Usage {
    this.#note(this.#cgroup?.usage());
    return this.#usage;
  }

  get limitsCpu(): boolean {
    return true;
  }

  async usageNow(): Promise<UsageNow> {
    await this.measure();
    return { ...this.usage(), from: 'kernel' };
  }

  /** Asks the engine where the kernel cannot be asked. */
  async measure(): Promise<void> {
    const container = this.#container;
    if (container === undefined || this.#cgroup !== undefined || this.#ended || this.#frozen)
      return;
    try {
      this.#note(usageOf(await container.stats({ stream: false, 'one-shot': true })));
    } catch {
      // It has ended meanwhile; what was seen last stays.
    }
  }

  listeners(): readonly Listener[] {
    const { port } = this.#options;
    if (this.#pid === 0) return [];
    if (this.#parts.network() === 'shared') return readListeners(this.#pid);
    return readListenersOfNetwork(this.#pid).map((listener) =>
      listener.port === port?.inside ? { ...listener, port: port.here } : listener,
    );
  }

  run(command: string | readonly string[], onLine: (line: string) => void): Beside {
    const words = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const { docker, isLocal } = this.#parts;
    const made = this.running.then((id) => docker.getContainer(id));
    return new ContainerCommand(made, { docker, isLocal, words, onLine });
  }

  async writtenBytes(): Promise<number> {
    const container = this.#container;
    if (container === undefined || this.#ended) return 0;
    try {
      const { SizeRw } = (await container.inspect(WITH_SIZE)) as { readonly SizeRw?: number };
      return SizeRw ?? 0;
    } catch {
      // It has ended meanwhile.
      return 0;
    }
  }

  #note(usage: Usage | undefined): void {
    if (usage === undefined) return;
    const { cpuMs, peakMemoryBytes } = this.#usage;
    this.#usage = {
      cpuMs: Math.max(cpuMs, usage.cpuMs),
      memoryBytes: usage.memoryBytes,
      peakMemoryBytes: Math.max(peakMemoryBytes, usage.peakMemoryBytes),
    };
  }

  async #start(): Promise<string> {
    for (;;) {
      try {
        const container = await this.#parts.create();
        this.#container = container;
        await this.#attach(container);
        if (this.#killed) throw new Error('it was ended before it began');
        await container.start();
        await this.#look(container);
        return container.id;
      } catch (error) {
        if (this.#killed || !this.#parts.retry(reasonOf(error))) throw error;
        await this.#container?.remove({ force: true, v: true });
        this.#container = undefined;
      }
    }
  }

  /** Before the start, so that no line is missed. */
  async #attach(container: Docker.Container): Promise<void> {
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const ways = (['stdout', 'stderr'] as const).map((name) => {
      const pipe = new PassThrough();
      const split = lineSplitter((line) => this.#options.onLine(line, name));
      pipe.on('data', split);
      return { pipe, flush: () => split(undefined) };
    });
    const [out, err] = ways;
    if (out === undefined || err === undefined) return;
    this.#parts.docker.modem.demuxStream(stream, out.pipe, err.pipe);
    this.#output = new Promise((resolve) => {
      const end = (): void => {
        // The kernel's books are closed soon after the program has ended.
        if (this.#cgroup?.outOfMemory() === true) this.#outOfMemory = true;
        this.usage();
        for (const { flush } of ways) flush();
        resolve();
      };
      stream.once('end', end);
      stream.once('close', end);
      stream.once('error', end);
    });
  }

  async #look(container: Docker.Container): Promise<void> {
    const { State, Config, NetworkSettings } = await container.inspect();
    const { StopSignal } = Config as { readonly StopSignal?: string };
    if (StopSignal !== undefined && StopSignal !== '') this.#stopSignal = StopSignal;
    if (!this.#parts.isLocal || State.Pid === 0) return;
    this.#pid = State.Pid;
    if (this.#parts.hasFirstProcess()) this.#programPid = childrenOf(State.Pid)?.[0];
    this.#address = addressOf(NetworkSettings, this.#parts.network());
    this.#cgroup = ContainerCgroup.of(State.Pid);
  }

  async #watchExit(): Promise<Exit> {
    try {
      await this.running;
      const container = this.#container as Docker.Container;
      const code = await exitCodeOf(container, this.#parts.tool);
      this.#ended = true;
      await within(this.#output, OUTPUT_WITHIN_MS);
      const { State } = await container.inspect();
      if (State.OOMKilled) this.#outOfMemory = true;
      return exitOf(code);
    } catch (error) {
      this.#ended = true;
      if (!this.#killed) this.#options.onLine(`container: ${reasonOf(error)}`, 'stderr');
      return this.#killed ? { signal: 'SIGKILL' } : NOT_STARTED;
    }
  }

  /** C3. */
  async #remove(): Promise<void> {
    await this.#last;
    await this.#parts.unused();
    try {
      await this.#container?.remove({ force: true, v: true });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  /** C1. Asking something of a container that has ended does nothing. */
  #ask(what: string, run: (container: Docker.Container) => Promise<unknown>): void {
    this.#last = this.#last.then(async () => {
      const container = this.#container;
      if (container === undefined || this.#ended) return;
      try {
        await run(container);
      } catch (error) {
        if (await isRunning(container)) {
          const line = `container: it could not be ${what}: ${reasonOf(error)}`;
          this.#options.onLine(line, 'stderr');
        }
      }
    });
  }

  async #settle(container: Docker.Container): Promise<void> {
    if (this.#frozen === this.#wantsFrozen) return;
    if (!this.#wantsFrozen) {
      await container.unpause();
      this.#frozen = false;
      return;
    }
    if (this.ending()) return;
    await container.pause();
    this.#frozen = true;
    // C4. It may have ended meanwhile.
    if (!this.ending()) return;
    await container.unpause();
    this.#frozen = false;
  }
}

/** One that joins the network of another has no address in what the engine says. */
function addressOf(
  { Networks = {} }: Docker.ContainerInspectInfo['NetworkSettings'],
  network: 'own' | 'shared',
): string | undefined {
  if (network === 'shared') return '127.0.0.1';
  return Object.values(Networks).find(({ IPAddress }) => IPAddress !== '')?.IPAddress;
}

async function isRunning(container: Docker.Container): Promise<boolean> {
  try {
    return (await container.inspect()).State.Running;
  } catch {
    // It is gone, and with it what was asked.
    return false;
  }
}

function within(what: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void what.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
