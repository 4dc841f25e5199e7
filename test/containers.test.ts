// Programs in containers: the same app as with processes, on a real engine.

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type Docker from 'dockerode';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { realClock } from '../src/host/clock.ts';
import { type ContainerEngine, containerEngine } from '../src/host/containers/connect.ts';
import { type ContainerHost, containerHost } from '../src/host/containers/container-host.ts';
import { leftInContainers } from '../src/host/containers/container-leftovers.ts';
import { ENGINE_LABEL } from '../src/host/containers/labels.ts';
import { childrenOf, isEnding } from '../src/host/process-table.ts';
import { ENDPOINT, enginesOf, FIXTURES, startApp, type TestApp } from './support/app.ts';
import { runCli, startCli } from './support/cli.ts';
import {
  BASE_IMAGE,
  docker,
  leftIn,
  machineWithContainers,
  missingContainers,
  sourceWith,
  startPodman,
} from './support/containers.ts';

const missing = missingContainers();
const inContainers = describe.skipIf(missing !== undefined);

const PROGRAM = { 'program.mjs': join(FIXTURES, 'program.mjs') };
const SERVICE = 'WORKDIR /srv\nCOPY program.mjs .\nCMD ["node", "program.mjs"]';

const yaml = (more: object) => JSON.stringify({ app: 'boxes', region: 'eu-west-1', ...more });

/** `command` is for processes: in a container it would be seen. */
const service = (source: string, more: object) => ({
  services: { api: { source, command: 'false', health: '/health', ...more } },
});

const start = (more: object, building = (_service: string, _line: string) => {}) =>
  startApp(yaml(more), { containers: true, machine: machineWithContainers(), building });

const on = (app: TestApp, compute: string, path: string) =>
  fetch(`${app.url}${path}`, { headers: { 'x-fulcrum-force': compute } });

const who = async (app: TestApp, compute: string) =>
  (await (await on(app, compute, '/who')).json()) as { readonly ticks: number };

/** A task that does not sleep. */
const ONE = { tasks: { min: 1, max: 1 }, stopTimeout: '2s' };

/** What the engine of the containers says of those of an app. */
async function inspected(app: TestApp) {
  const label = [`${ENGINE_LABEL}=${enginesOf(app.folder)[0]}`];
  const all = await docker().listContainers({ all: true, filters: { label } });
  return Promise.all(all.map(({ Id }) => docker().getContainer(Id).inspect()));
}

const failure = (starting: Promise<unknown>): Promise<unknown> =>
  starting.then(
    () => undefined,
    (error: unknown) => error,
  );

inContainers(`services in containers${missing === undefined ? '' : `: ${missing}`}`, () => {
  beforeAll(() => startPodman());

  it('run on both computes as their image says, within their limits', async () => {
    // It takes no notice of $PORT, as many images do not.
    const source = sourceWith(SERVICE.replace('["node"', '["env", "PORT=8080", "node"'), PROGRAM);
    const lines: string[] = [];
    const app = await start(
      service(source, {
        lambda: { memory: 886 },
        fargate: { cpu: 256, memory: 512, tasks: { min: 2, max: 2 } },
      }),
      (_service, line) => lines.push(line),
    );
    expect(lines.join('\n')).toMatch(
      /^image fulcrum-boxes-api:dev from Dockerfile\n(.*\n)*.*COPY program/,
    );
    expect(await (await on(app, 'fargate', '/who')).json()).toMatchObject({ pid: 1 });
    // The first process of a Lambda environment is Lambda's.
    expect(await (await on(app, 'lambda', '/who')).json()).not.toMatchObject({ pid: 1 });
    const found = await inspected(app);
    const limits = found.map(({ HostConfig }) => [HostConfig.Memory, HostConfig.ReadonlyRootfs]);
    const [task, environment] = [512 * 1024 ** 2, 886 * 1024 ** 2];
    expect(limits.sort()).toEqual(
      [
        [task, false],
        [task, false],
        [environment, true],
      ].sort(),
    );
    const cpu = found.find(({ HostConfig }) => HostConfig.Memory === task)?.HostConfig;
    expect((cpu?.CpuQuota ?? 0) / (cpu?.CpuPeriod ?? 1)).toBe(0.25);
  });

  it('get variables of their own, and none of this machine', async () => {
    const app = await start(
      service(sourceWith(SERVICE, PROGRAM), { environment: { COLOUR: 'blue' }, fargate: {} }),
    );
    const variables = (await (await on(app, 'fargate', '/env')).json()) as Record<string, string>;
    expect(variables).toMatchObject({ PORT: '8080', COLOUR: 'blue', AWS_REGION: 'eu-west-1' });
    expect(variables['PATH']).not.toContain(resolve('node_modules'));
  });

  it('stand still on Lambda between requests', async () => {
    const app = await start(service(sourceWith(SERVICE, PROGRAM), { lambda: {}, fargate: ONE }));
    const before = await who(app, 'lambda');
    expect((await on(app, 'fargate', '/slow?ms=2000')).status).toBe(200);
    const after = await who(app, 'lambda');
    // Two seconds are 200 ticks.
    expect(after.ticks - before.ticks).toBeLessThan(100);
  });

  it('are ended on Lambda when they go over their memory, and the reason is said', async () => {
    const app = await start(service(sourceWith(SERVICE, PROGRAM), { lambda: { memory: 128 } }));
    expect((await on(app, 'lambda', '/hold?mb=600')).status).toBe(502);
    const outOfMemory = { code: 'APP_OUT_OF_MEMORY', facts: { compute: 'lambda' } };
    expect((await app.until('fault')).fault).toMatchObject(outOfMemory);
    // The end of a container is told later than its connections break.
    expect((await app.until('request')).fault).toMatchObject(outOfMemory);
  });

  it('are stopped with the signal of their image', async () => {
    const program = `require('node:http').createServer((_, answer) => answer.end()).listen(process.env.PORT);
process.on('SIGINT', () => { console.log('interrupted'); process.exit(0); });`;
    const source = sourceWith(`STOPSIGNAL SIGINT\nCMD ["node", "-e", ${JSON.stringify(program)}]`);
    const app = await start(service(source, { fargate: {} }));
    await app.stop();
    expect(app.of('log').map(({ line }) => line)).toContain('interrupted');
  });

  it('say why they did not start', async () => {
    const app = await start(
      service(sourceWith('CMD ["node", "-e", "console.log(1 + 1); process.exit(3)"]'), {
        fargate: {},
      }),
    );
    const { fault } = await app.until('fault', (event) => event.fault.code === 'APP_EXITED_EARLY');
    expect(fault.facts).toMatchObject({
      command: 'podman run --rm -e PORT fulcrum-boxes-api:dev',
      exit: 'exit code 3',
      lastLines: ['2'],
    });
  });

  it('reach functions and queues of the app', async () => {
    const source = sourceWith('COPY caller.mjs .\nCMD ["node", "caller.mjs"]', {
      'caller.mjs': join(FIXTURES, 'caller.mjs'),
    });
    const go = sourceWith('COPY bootstrap /\nENTRYPOINT ["/bootstrap"]', {
      bootstrap: resolve('.cache/functions/go/bootstrap'),
    });
    const app = await start({
      ...service(source, { health: '/', fargate: {} }),
      functions: { fn: { source: go } },
      queues: { jobs: {} },
    });
    expect(await (await on(app, 'fargate', '/invoke')).text()).toBe('200 {"slept":1}');
    expect(await (await on(app, 'fargate', '/send')).text()).toMatch(/^200 .*MessageId/);
  });
});

inContainers('an extension in an image', () => {
  beforeAll(() => startPodman());

  it('starts first, is told of invocations and gets telemetry', async () => {
    const files = {
      bootstrap: resolve('.cache/functions/go/bootstrap'),
      listener: join(FIXTURES, 'extensions', 'listener.mjs'),
    };
    const source = sourceWith(
      `COPY bootstrap /
COPY --chmod=755 listener /opt/extensions/listener.mjs
ENTRYPOINT ["/bootstrap"]`,
      files,
    );
    const app = await start({ functions: { fn: { source } } });
    const invoke = async () => {
      const answer = await fetch(`${app.invoke}/2015-03-31/functions/boxes-fn/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"do":"log","lines":1}',
      });
      return answer.json();
    };
    expect(await invoke()).toEqual({ logged: 1 });
    await app.until('log', ({ line }) => line === 'told of INVOKE');
    await app.until('log', ({ line }) => line === 'telemetry platform.initStart');
    // What it prints last is told with one of the next invocations: it is frozen in between.
    const isTold = () => app.of('log').some(({ line }) => line === 'telemetry function');
    await expect.poll(async () => isTold() || ((await invoke()) && isTold())).toBe(true);
  });
});

inContainers('images', () => {
  beforeAll(() => startPodman());

  it('are named in the fault when they cannot be built', async () => {
    const source = sourceWith('RUN echo this breaks && exit 3');
    expect(await failure(start(service(source, { fargate: {} })))).toMatchObject({
      code: 'IMAGE_BUILD_FAILED',
      facts: { service: 'api', lastLines: expect.arrayContaining(['this breaks']) },
    });
  });

  it('are looked for where there is no Dockerfile', async () => {
    expect(await failure(start(service(FIXTURES, { fargate: {} })))).toMatchObject({
      code: 'DOCKERFILE_NOT_FOUND',
      facts: { service: 'api', file: join(FIXTURES, 'Dockerfile') },
    });
    const image = 'localhost:1/nothing:1';
    const starting = start(service(FIXTURES, { image, fargate: {} }));
    expect(await failure(starting)).toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      facts: { service: 'api', image },
    });
  });
});

inContainers('an engine that was killed', () => {
  beforeAll(() => startPodman());

  it('leaves containers to doctor and to the next start', async () => {
    const env = { DOCKER_HOST: ENDPOINT };
    const source = sourceWith(SERVICE, PROGRAM);
    const text = yaml(service('.', { fargate: {} }));
    writeFileSync(join(source, 'fulcrum.yml'), text);
    const run = () =>
      startCli(['dev', '--containers', '--json', '--port', '0'], { cwd: source, env });
    const first = run();
    await first.until('\n');
    const [engine = ''] = enginesOf(source);
    first.child.kill('SIGKILL');
    await first.finished;
    expect(await leftIn(engine)).not.toEqual([]);
    const seen = await runCli(['doctor'], { cwd: source, env });
    expect(seen.code).toBe(7);
    expect(seen.out).toMatch(/container engine +Podman [\d.]+ at unix:/);
    expect(seen.out).toMatch(
      /leftovers +\d+ processes and containers \(fulcrum-.*\) of 1 dead engine/,
    );
    const second = run();
    await second.until('\n');
    expect(await leftIn(engine)).toEqual([]);
    second.child.kill('SIGTERM');
    expect((await second.finished).code).toBe(143);
  });
});

/** Containers as they are made, which a test looks at or changes. */
function whenMade(
  engine: ContainerEngine,
  change: (
    create: CreateContainer,
    options: Docker.ContainerCreateOptions,
  ) => ReturnType<CreateContainer>,
): void {
  const client = engine.docker;
  const create = client.createContainer.bind(client) as CreateContainer;
  Object.assign(client, {
    createContainer: (options: Docker.ContainerCreateOptions) => change(create, options),
  });
}

type CreateContainer = (options: Docker.ContainerCreateOptions) => Promise<Docker.Container>;

/** Of an engine of its own; what a test that failed has left in it is removed. */
function hostOf(engine: ContainerEngine): ContainerHost {
  const id = randomUUID();
  onTestFinished(async () => {
    await leftInContainers(ENDPOINT, id, true);
  });
  return containerHost(engine, id, realClock());
}

inContainers('a container', () => {
  beforeAll(() => startPodman());

  it('uses the network of this machine where the engine can make none', async () => {
    const engine = await containerEngine({ DOCKER_HOST: ENDPOINT });
    whenMade(engine, (create, options) =>
      options.HostConfig?.NetworkMode === 'bridge'
        ? Promise.reject(new Error('netavark: no iptables here'))
        : create(options),
    );
    const host = hostOf(engine);
    const lines: string[] = [];
    const child = host.spawn({
      command: [],
      cwd: '/',
      env: { API: 'http://127.0.0.1:4566/x' },
      label: 'test',
      limits: {},
      port: { here: 20_001, inside: 8080, variables: ['PORT'] },
      calls: ['127.0.0.1:4566'],
      container: {
        image: BASE_IMAGE,
        entrypoint: ['sh', '-c', 'echo $PORT $API; kill -9 $$'],
        command: undefined,
        sandbox: undefined,
        temporary: undefined,
      },
      onLine: (line) => lines.push(line),
    });
    // The first process of a container cannot kill itself: it goes on to its end.
    expect(await child.exited).toEqual({ code: 0 });
    await host.close();
    expect(lines).toEqual([
      expect.stringContaining('netavark: no iptables here'),
      '20001 http://127.0.0.1:4566/x',
    ]);
  });

  it.each(['before', 'while'])('ends when its program does, %s it is paused', async (when) => {
    const engine = await containerEngine({ DOCKER_HOST: ENDPOINT });
    let pausing = Promise.resolve();
    whenMade(engine, async (create, options) => {
      const made = await create(options);
      const pause = made.pause.bind(made);
      const after = async (): Promise<void> => {
        if (when === 'while') await endProgram();
        await pause();
      };
      const slowly = (): Promise<void> => {
        pausing = after();
        return pausing;
      };
      return Object.assign(made, { pause: slowly });
    });
    const host = hostOf(engine);
    const runs = Promise.withResolvers<void>();
    const child = host.spawn({
      command: [],
      cwd: '/',
      env: {},
      label: 'test',
      limits: {},
      container: {
        image: BASE_IMAGE,
        entrypoint: ['sh', '-c', 'echo it runs; sleep 600'],
        command: undefined,
        sandbox: undefined,
        temporary: host.files.temporary('test'),
      },
      onLine: () => runs.resolve(),
    });
    // Its first process has no time yet for the end of the program, as on a busy machine.
    const endProgram = async (): Promise<void> => {
      process.kill(child.pid, 'SIGSTOP');
      const [program = 0] = childrenOf(child.pid) ?? [];
      process.kill(program, 'SIGKILL');
      await expect.poll(() => isEnding(program)).toBe(true);
    };
    await Promise.all([runs.promise, child.started]);
    expect(child.ending()).toBe(false);
    if (when === 'before') await endProgram();
    child.freeze();
    await setImmediate();
    await pausing;
    expect(child.ending()).toBe(true);
    process.kill(child.pid, 'SIGCONT');
    expect(await child.exited).toEqual({ signal: 'SIGKILL' });
    host.files.dropTemporary('test');
    await host.close();
  });
});

describe('without an engine', () => {
  it('says where it was looked for', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const starting = startApp(yaml(service(FIXTURES, { fargate: {} })), {
      containers: true,
      machine: { env },
    });
    expect(await failure(starting)).toMatchObject({
      code: 'CONTAINER_ENGINE_MISSING',
      facts: { tried: ['unix:///nowhere/docker.sock: not there'] },
    });
  });
});
