// The task metadata endpoint, version 4: what a program on Fargate can ask about the task it runs in.
// [ECS:task-metadata-endpoint-v4-fargate]
//
// One server on the loopback address serves all tasks; a task is told its own address.

import { createServer, type Server } from 'node:http';
import type { EcsTask } from '../../fleet/ecs/scheduler.ts';
import { CPU_UNITS_PER_VCPU } from '../../model/aws-limits.ts';
import { awsNames, LOCAL_ACCOUNT } from '../../model/metric.ts';
import { foreignSender } from '../control/loopback-guard.ts';
import type { ServiceLog } from '../program.ts';
import type { TaskProgram } from './task-process.ts';

export interface DescribedTask {
  readonly task: EcsTask;
  readonly program: TaskProgram;
  readonly log: ServiceLog;
  /** Bytes of its temporary files, as counted last. */
  readonly storageBytes: number;
}

const MIB = 1024 * 1024;
const MIB_PER_GIB = 1024;

/** Statuses in which a task is to go on. */
const LIVE = new Set(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING']);

export class TaskMetadata {
  readonly #server: Server;
  readonly #tasks = new Map<string, () => DescribedTask>();
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const { host, origin } = request.headers;
      const sender = { host, origin, site: request.headers['sec-fetch-site'] };
      const [, id = '', path = ''] = /^\/v4\/([0-9a-f]+)(\/task)?$/.exec(request.url ?? '') ?? [];
      const described = this.#tasks.get(id);
      const foreign = foreignSender(sender, this.#port) !== undefined;
      const found = !foreign && request.method === 'GET' ? described?.() : undefined;
      const answer = path === '' ? containerOf : taskOf;
      const text = found === undefined ? '' : JSON.stringify(answer(found));
      response.writeHead(foreign ? 403 : found === undefined ? 404 : 200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    const address = this.#server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Describes it from now on; returns what ECS_CONTAINER_METADATA_URI_V4 says. */
  add(id: string, describe: () => DescribedTask): string {
    this.#tasks.set(id, describe);
    return `http://127.0.0.1:${this.#port}/v4/${id}`;
  }

  remove(id: string): void {
    this.#tasks.delete(id);
  }
}

interface Names {
  readonly cluster: string;
  readonly family: string;
  readonly task: string;
  readonly container: string;
}

function namesOf({ task, program }: DescribedTask): Names {
  const { name, region } = program.inputs.app;
  const { cluster } = awsNames(name);
  const arn = `arn:aws:ecs:${region}:${LOCAL_ACCOUNT}`;
  return {
    cluster: `${arn}:cluster/${cluster}`,
    family: `${name}-${program.service.name}`,
    task: `${arn}:task/${cluster}/${task.id}`,
    container: `${arn}:container/${cluster}/${task.id}/${task.id.slice(0, 8)}`,
  };
}

function taskOf(described: DescribedTask) {
  const { task, program, storageBytes } = described;
  const { cpuUnits, memoryMiB, ephemeralGiB } = program.settings;
  const names = namesOf(described);
  return {
    Cluster: names.cluster,
    TaskARN: names.task,
    Family: names.family,
    Revision: String(task.revision),
    ...statusOf(task),
    Limits: { CPU: cpuUnits / CPU_UNITS_PER_VCPU, Memory: memoryMiB },
    AvailabilityZone: task.zone,
    LaunchType: 'FARGATE',
    EphemeralStorageMetrics: {
      Utilized: Math.round(storageBytes / MIB),
      Reserved: ephemeralGiB * MIB_PER_GIB,
    },
    Containers: [containerOf(described)],
  };
}

function containerOf(described: DescribedTask) {
  const { task, program, log } = described;
  const { service, settings, inputs } = program;
  const names = namesOf(described);
  return {
    DockerId: `${task.id}-${service.name}`,
    Name: service.name,
    DockerName: service.name,
    Labels: {
      'com.amazonaws.ecs.cluster': names.cluster,
      'com.amazonaws.ecs.container-name': service.name,
      'com.amazonaws.ecs.task-arn': names.task,
      'com.amazonaws.ecs.task-definition-family': names.family,
      'com.amazonaws.ecs.task-definition-version': String(task.revision),
    },
    ...statusOf(task),
    Limits: { CPU: settings.cpuUnits, Memory: settings.memoryMiB },
    CreatedAt: timeOf(task.createdAt),
    ...(task.startedAt !== undefined && { StartedAt: timeOf(task.startedAt) }),
    Type: 'NORMAL',
    LogDriver: 'awslogs',
    LogOptions: {
      'awslogs-group': log.group,
      'awslogs-region': inputs.app.region,
      'awslogs-stream': log.stream,
    },
    ContainerARN: names.container,
    Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: ['127.0.0.1'] }],
  };
}

function statusOf({ status }: EcsTask) {
  return { DesiredStatus: LIVE.has(status) ? 'RUNNING' : 'STOPPED', KnownStatus: status };
}

function timeOf(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}
