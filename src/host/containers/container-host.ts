// Starts programs in containers, with their network, their /tmp and what they may use.
//
// A container has a network of its own in which the program listens where it always does; its port is
// one of 127.0.0.1 here. What it calls on this machine goes through a relay. Where the engine gives no
// such network, containers use that of the machine, and every copy gets a port in $PORT.

import type Docker from 'dockerode';
import { Fault } from '../../base/fault.ts';
import type { Clock, Files, InContainer, Processes, SpawnOptions } from '../../base/ports.ts';
import { BYTES_PER_MIB } from '../../base/units.ts';
import { type ContainerEngine, type Reach, reasonOf, statusOf } from './connect.ts';
import { Container } from './container.ts';
import { CPU_PERIOD_US, cpuQuota } from './container-facts.ts';
import { ENGINE_LABEL } from './labels.ts';
import { Relay } from './relay.ts';

export interface ContainerHost extends Processes {
  readonly files: Files;
  /** Resolves when everything is removed. Throws CONTAINERS_LEFT. */
  close(): Promise<void>;
}

/** Containers that only the engine can measure are measured this often. */
const MEASURE_EVERY_MS = 1000;

/** The engine of the containers could not make a network. */
const NETWORK_TROUBLE = /netavark|\bcni\b|iptables|nftables|bridge|network namespace|netns/i;

/** The engine of the containers has no first process to give them: Docker's docker-init, Podman's catatonit. */
const NO_FIRST_PROCESS = /docker-init|catatonit|container-init|init binary/i;

const FIRST_PROCESS_GONE = 'programs are the first process of their container from now on';
const NETWORK_GONE = 'containers use the network of this machine from now on';

/** Containers that share a network: that of the first. */
interface Sandbox {
  readonly first: Container;
  readonly others: Container[];
}

interface Volume {
  readonly made: Promise<unknown>;
  readonly users: Set<Container>;
}

export function containerHost(engine: ContainerEngine, id: string, clock: Clock): ContainerHost {
  return new Host(engine, id, clock);
}

class Host implements ContainerHost {
  readonly files: Files;
  readonly #engine: ContainerEngine;
  readonly #id: string;
  readonly #relay: Relay | undefined;
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #containers = new Set<Container>();
  readonly #volumes = new Map<string, Volume>();
  readonly #removals = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #stopMeasuring: () => void;
  #reach: Reach;
  #givesFirstProcess = true;
  #count = 0;

  constructor(engine: ContainerEngine, id: string, clock: Clock) {
    this.#engine = engine;
    this.#id = id;
    this.#reach = engine.reach;
    this.#relay = engine.reach.kind === 'bridge' ? new Relay(engine.reach.gateway) : undefined;
    this.files = {
      temporary: (name) => this.#makeVolume(name),
      dropTemporary: (name) => this.#note(this.#dropVolume(name)),
      usedBytes: () => Promise.resolve(0),
    };
    this.#stopMeasuring = clock.every(MEASURE_EVERY_MS, () => {
      for (const container of this.#containers) void container.measure();
    });
  }

  spawn(options: SpawnOptions): Container {
    const { container: how } = options;
    if (how === undefined) throw new Error(`${options.label} has no image`);
    const sandbox = how.sandbox === undefined ? undefined : this.#sandboxes.get(how.sandbox);
    const joins = sandbox?.first.running;
    this.#count += 1;
    const name = `fulcrum-${this.#id}-${this.#count}-${options.label}`;
    const others: Container[] = [];
    const relayed: string[] = [];
    const tried = new Set<RegExp>();
    const child: Container = new Container(options, {
      docker: this.#engine.docker,
      tool: this.#engine.tool,
      isLocal: this.#engine.isLocal,
      create: async () => this.#create({ name, options, how, relayed, joined: await joins }),
      retry: (reason) => this.#doDifferently(reason, options, tried),
      network: () => (this.#reach.kind === 'host' ? 'shared' : 'own'),
      hasFirstProcess: () => how.temporary !== undefined && this.#givesFirstProcess,
      unused: () => Promise.allSettled(others.map(({ removed }) => removed)),
    });
    if (how.sandbox !== undefined) {
      if (sandbox === undefined) this.#sandboxes.set(how.sandbox, { first: child, others });
      else sandbox.others.push(child);
    }
    this.#containers.add(child);
    if (how.temporary !== undefined) this.#volumes.get(how.temporary)?.users.add(child);
    this.#note(child.removed.finally(() => this.#forget(child, how, relayed)));
    return child;
  }

  #forget(child: Container, { sandbox }: InContainer, relayed: readonly string[]): void {
    this.#containers.delete(child);
    for (const target of relayed) this.#relay?.release(target);
    if (sandbox !== undefined && this.#sandboxes.get(sandbox)?.first === child) {
      this.#sandboxes.delete(sandbox);
    }
  }

  async close(): Promise<void> {
    this.#stopMeasuring();
    while (this.#removals.size > 0) await Promise.allSettled([...this.#removals]);
    this.#relay?.close();
    const [reason] = this.#failures;
    if (reason === undefined) return;
    throw new Fault('CONTAINERS_LEFT', { count: this.#failures.length, reason });
  }

  /** Keeps what is still to be removed, and why something could not be. */
  #note(removal: Promise<void>): void {
    const noted: Promise<void> = removal
      .catch((error: unknown) => {
        this.#failures.push(reasonOf(error));
      })
      .finally(() => this.#removals.delete(noted));
    this.#removals.add(noted);
  }

  /** Once a container: several may fail before the first of them has changed anything. */
  #doDifferently(reason: string, { onLine }: SpawnOptions, tried: Set<RegExp>): boolean {
    const trouble = [NO_FIRST_PROCESS, NETWORK_TROUBLE].find((one) => one.test(reason));
    if (trouble === undefined || tried.has(trouble)) return false;
    tried.add(trouble);
    if (trouble === NO_FIRST_PROCESS) {
      if (this.#givesFirstProcess) onLine(`${FIRST_PROCESS_GONE}: ${reason}`, 'stderr');
      this.#givesFirstProcess = false;
      return true;
    }
    if (this.#engine.reach.kind !== 'bridge') return false;
    if (this.#reach.kind === 'bridge') onLine(`${NETWORK_GONE}: ${reason}`, 'stderr');
    this.#reach = { kind: 'host' };
    return true;
  }

  async #create({ name, options, how, relayed, joined }: Creation): Promise<Docker.Container> {
    if (how.temporary !== undefined) await this.#volumes.get(how.temporary)?.made;
    const { entrypoint, command } = how;
    const own = this.#reach.kind !== 'host' && joined === undefined;
    const port = `${options.port?.inside}/tcp`;
    return this.#engine.docker.createContainer({
      name,
      Image: how.image,
      ...(entrypoint !== undefined && { Entrypoint: [...entrypoint] }),
      ...(command !== undefined && { Cmd: [...command] }),
      Env: await this.#variables(options, relayed),
      Labels: { [ENGINE_LABEL]: this.#id, 'dev.fulcrum.copy': options.label },
      AttachStdout: true,
      AttachStderr: true,
      // ECS and Lambda do not look at the HEALTHCHECK of an image. [ECS:healthcheck]
      Healthcheck: { Test: ['NONE'] },
      ...(own && options.port !== undefined && { ExposedPorts: { [port]: {} } }),
      HostConfig: {
        ...limitsOf(options),
        ...this.#network(options, joined, own),
        ...(how.temporary !== undefined && {
          Binds: [`${how.temporary}:/tmp`],
          ReadonlyRootfs: true,
          // On Lambda the first process is one of Lambda's own, on ECS it is the program: only there
          // a signal that the program does not take, even its own SIGKILL, leaves it alone.
          Init: this.#givesFirstProcess,
        }),
      },
    });
  }

  #network({ port }: SpawnOptions, joined: string | undefined, own: boolean): Docker.HostConfig {
    if (this.#reach.kind === 'host') return { NetworkMode: 'host' };
    if (joined !== undefined) return { NetworkMode: `container:${joined}` };
    const here = [{ HostIp: '127.0.0.1', HostPort: String(port?.here) }];
    return {
      NetworkMode: 'bridge',
      ...(this.#reach.kind === 'bridge' && {
        // An extension that listens at the name it gives to the Telemetry API listens everywhere.
        ExtraHosts: [`host.docker.internal:${this.#reach.gateway}`, 'sandbox.localdomain:0.0.0.0'],
      }),
      ...(own && port !== undefined && { PortBindings: { [`${port.inside}/tcp`]: here } }),
    };
  }

  /** With the port the program is to listen on, and the addresses it reaches this machine at. */
  async #variables({ env, port, calls = [] }: SpawnOptions, relayed: string[]): Promise<string[]> {
    const variables: Record<string, string> = { ...env };
    const listens = this.#reach.kind === 'host' ? port?.here : port?.inside;
    for (const name of port?.variables ?? []) variables[name] = String(listens);
    for (const target of calls) {
      const address = await this.#addressOf(target, relayed);
      for (const [name, value] of Object.entries(variables)) {
        variables[name] = value.replaceAll(new RegExp(`${target}(?!\\d)`, 'g'), address);
      }
    }
    return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  }

  async #addressOf(target: string, relayed: string[]): Promise<string> {
    switch (this.#reach.kind) {
      case 'bridge':
        relayed.push(target);
        return (await this.#relay?.acquire(target)) ?? target;
      case 'name':
        return target.replace('127.0.0.1', this.#reach.name);
      case 'host':
        return target;
    }
  }

  #makeVolume(of: string): string {
    const name = `fulcrum-${this.#id}-${of}`;
    const Labels = { [ENGINE_LABEL]: this.#id };
    const made = this.#engine.docker.createVolume({ Name: name, Labels });
    // Those who mount it meet the failure.
    made.catch(() => {});
    this.#volumes.set(name, { made, users: new Set() });
    return name;
  }

  async #dropVolume(of: string): Promise<void> {
    const name = `fulcrum-${this.#id}-${of}`;
    const volume = this.#volumes.get(name);
    if (volume === undefined) return;
    this.#volumes.delete(name);
    await Promise.allSettled([volume.made, ...[...volume.users].map(({ removed }) => removed)]);
    try {
      await this.#engine.docker.getVolume(name).remove();
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }
}

interface Creation {
  readonly name: string;
  readonly options: SpawnOptions;
  readonly how: InContainer;
  /** Gets what is relayed for it. */
  readonly relayed: string[];
  /** The container whose network it shares. */
  readonly joined: string | undefined;
}

function limitsOf({ limits }: SpawnOptions): Docker.HostConfig {
  const { memoryMiB, cpu, openFiles } = limits;
  const bytes = (memoryMiB ?? 0) * BYTES_PER_MIB;
  return {
    ...(memoryMiB !== undefined && { Memory: bytes, MemorySwap: bytes }),
    ...(cpu !== undefined && { CpuPeriod: CPU_PERIOD_US, CpuQuota: cpuQuota(cpu) }),
    ...(openFiles !== undefined && {
      Ulimits: [{ Name: 'nofile', Soft: openFiles, Hard: openFiles }],
    }),
  };
}
