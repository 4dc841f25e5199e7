// What a task in a container has that a process has not: commands inside it, storage and images of
// its own.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../src/host/clock.ts';
import { containerEngine } from '../src/host/containers/connect.ts';
import { containerHost } from '../src/host/containers/container-host.ts';
import { ENGINE_LABEL } from '../src/host/containers/labels.ts';
import { ENDPOINT, enginesOf, startApp, type TestApp, temporaryFolder } from './support/app.ts';
import {
  BASE_IMAGE,
  docker,
  machineWithContainers,
  missingContainers,
  startPodman,
} from './support/containers.ts';

const missing = missingContainers();
const inContainers = describe.skipIf(missing !== undefined);

/** A container that runs `script`, outside an app; it is gone when the host is closed. */
async function started(script: string) {
  const host = containerHost(
    await containerEngine({ DOCKER_HOST: ENDPOINT }),
    'tasks',
    realClock(),
  );
  const child = host.spawn({
    command: [],
    cwd: '/',
    env: { COLOUR: 'blue' },
    label: 'task',
    limits: { memoryMiB: 512 },
    container: {
      image: BASE_IMAGE,
      entrypoint: ['sh', '-c', script],
      command: undefined,
      sandbox: undefined,
      temporary: undefined,
    },
    onLine: () => {},
  });
  const close = async (): Promise<void> => {
    child.signal('SIGKILL');
    await host.close();
  };
  return { child, close };
}

inContainers(`a container${missing === undefined ? '' : `: ${missing}`}`, () => {
  beforeAll(() => startPodman());

  it('runs commands inside, with its variables, and tells how they end', async () => {
    const { child, close } = await started('echo here > /place; sleep 600');
    const run = async (command: string | readonly string[]) => {
      const lines: string[] = [];
      return [await child.run(command, (line) => lines.push(line)).exited, lines];
    };
    expect(await child.started).toBe(true);
    expect(await run('echo $COLOUR; cat /place >&2; exit 3')).toEqual([
      { code: 3 },
      ['blue', 'here'],
    ]);
    expect(await run(['test', '-e', '/place'])).toEqual([{ code: 0 }, []]);
    const [exit, lines] = await run(['no-such-check']);
    expect(exit).not.toEqual({ code: 0 });
    expect(String(lines)).toContain('no-such-check');
    await close();
    expect(await run('true')).toEqual([{ code: 126 }, [expect.any(String)]]);
  });

  it('ends a command that nobody waits for', async () => {
    const { child, close } = await started('sleep 600');
    await child.started;
    let seen = (_line: string): void => {};
    const says = new Promise<string>((resolve) => {
      seen = resolve;
    });
    const late = child.run('echo begun; exec sleep 599', seen);
    await says;
    late.kill();
    expect(await late.exited).toEqual({ signal: 'SIGKILL' });
    const running = async () => {
      const lines: string[] = [];
      await child.run('cat /proc/[0-9]*/cmdline | tr "\\0" " "', (line) => lines.push(line)).exited;
      return lines.join(' ');
    };
    await expect.poll(running).not.toContain('sleep 599');
    expect(await running()).toContain('sleep 600');
    await close();
  });

  it('counts what is written in it', async () => {
    const { child, close } = await started('head -c 3000000 /dev/zero > /written; sleep 600');
    await child.started;
    await expect.poll(() => child.writtenBytes()).toBeGreaterThanOrEqual(3_000_000);
    expect(await child.writtenBytes()).toBeLessThan(4_000_000);
    await close();
    expect(await child.writtenBytes()).toBe(0);
  });
});

inContainers('containers for Lambda', () => {
  beforeAll(() => startPodman());

  it.for([true, false])('have a first process where there is one: %s', async (there) => {
    const engine = await containerEngine({ DOCKER_HOST: ENDPOINT });
    const { docker: client } = engine;
    const create = client.createContainer.bind(client) as (
      options: Docker.ContainerCreateOptions,
    ) => Promise<Docker.Container>;
    Object.assign(client, {
      createContainer: (options: Docker.ContainerCreateOptions) =>
        options.HostConfig?.Init === true && !there
          ? Promise.reject(new Error('container-init binary not found on the host'))
          : create(options),
    });
    const host = containerHost(engine, 'first', realClock());
    const spawn = (name: string) => {
      const lines: string[] = [];
      const child = host.spawn({
        command: [],
        cwd: '/',
        env: {},
        label: name,
        limits: {},
        container: {
          image: BASE_IMAGE,
          entrypoint: ['sh', '-c', 'kill -9 $$; echo goes on'],
          command: undefined,
          sandbox: undefined,
          temporary: host.files.temporary(name),
        },
        onLine: (line) => lines.push(line),
      });
      return { child, lines };
    };
    const both = [spawn('one'), spawn('other')];
    const exits = await Promise.all(both.map(({ child }) => child.exited));
    for (const name of ['one', 'other']) host.files.dropTemporary(name);
    await host.close();
    const lines = both.flatMap((one) => one.lines);
    if (there) {
      expect([exits, lines]).toEqual([[{ signal: 'SIGKILL' }, { signal: 'SIGKILL' }], []]);
    } else {
      expect(exits).toEqual([{ code: 0 }, { code: 0 }]);
      expect(lines.filter((line) => line.startsWith('programs are the first'))).toHaveLength(1);
    }
  });
});

const program = (version: string) =>
  `require('node:http').createServer(async (request, answer) => {
  if (request.url !== '/metadata') return answer.end('${version}');
  const uri = process.env.ECS_CONTAINER_METADATA_URI_V4;
  answer.end(await (await fetch(uri + '/task')).text());
}).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));`;

const BROKEN = "console.log('it breaks'); process.exit(3);";

const DEPLOYMENT = '{ circuitBreaker: { rollback: true, threshold: { type: count, value: 1 } } }';

const yaml = (folders: Readonly<Record<string, string>>) => `
app: shelf
services:
${Object.entries(folders)
  .map(
    ([name, folder]) => `  ${name}:
    source: ${folder}
    command: 'false'
    health: { path: /, interval: 5s, timeout: 2s }
    fargate: { tasks: { min: 1, max: 1 }, stopTimeout: 2s, deployment: ${DEPLOYMENT} }`,
  )
  .join('\n')}
routes:
${Object.keys(folders)
  .map((name) => `  - { path: /${name}, service: ${name} }`)
  .join('\n')}
  - { path: /metadata, service: api }
`;

function source(version: string): string {
  const folder = temporaryFolder();
  const lines = [`FROM ${BASE_IMAGE}`, 'COPY server.js /', 'CMD ["node", "/server.js"]'];
  writeFileSync(join(folder, 'Dockerfile'), lines.join('\n'));
  writeFileSync(join(folder, 'server.js'), program(version));
  return folder;
}

/** Ids of the images that containers of the app run. */
async function imagesOf(app: TestApp): Promise<readonly string[]> {
  const label = [`${ENGINE_LABEL}=${enginesOf(app.folder)[0]}`];
  const all = await docker().listContainers({ filters: { label } });
  return [...new Set(all.map(({ ImageID }) => `sha256:${ImageID.replace('sha256:', '')}`))].sort();
}

const idOf = async (name: string): Promise<string> => (await docker().getImage(name).inspect()).Id;

const text = async (app: TestApp, path: string) => (await fetch(`${app.url}${path}`)).text();

inContainers('a service with an image', () => {
  beforeAll(() => startPodman());

  const start = (folders: Readonly<Record<string, string>>, lines: string[] = []) =>
    startApp(yaml(folders), {
      containers: true,
      machine: machineWithContainers(),
      building: (_service, line) => lines.push(line),
    });

  const completed = (app: TestApp, revision: number, since = 0) =>
    app.until(
      'deployment',
      (event) => event.revision === revision && event.state === 'COMPLETED' && event.at >= since,
    );

  it('can ask about its task, and is RUNNING once its container runs', async () => {
    const app = await start({ api: source('one') });
    const [task] = app.session.engine.status().services[0]?.fargate?.tasks ?? [];
    expect(JSON.parse(await text(app, '/metadata'))).toMatchObject({
      TaskARN: expect.stringContaining(task?.id ?? '?'),
      KnownStatus: 'RUNNING',
    });
    const [inspected] = await docker().listContainers({
      filters: { label: [`${ENGINE_LABEL}=${enginesOf(app.folder)[0]}`] },
    });
    const { State } = await docker()
      .getContainer(inspected?.Id ?? '')
      .inspect();
    const running = app.of('task').find(({ state }) => state === 'RUNNING');
    expect(running?.at).toBeGreaterThanOrEqual(Date.parse(State.StartedAt));
  });

  it('is built again when asked for, and only then', async () => {
    const folders = { api: source('one'), web: source('two') };
    const lines: string[] = [];
    const app = await start(folders, lines);
    const { engine } = app.session;
    const before = {
      api: await idOf('fulcrum-shelf-api:dev'),
      web: await idOf('fulcrum-shelf-web:dev'),
    };
    lines.length = 0;
    const again = await engine.redeploy({ services: ['api'], force: false });
    expect(again).toEqual({ started: [], unchanged: ['api'], notes: [] });
    expect(lines.filter((line) => line.startsWith('image '))).toEqual([
      'image fulcrum-shelf-api:dev from Dockerfile',
    ]);
    for (const [name, folder] of Object.entries(folders)) {
      writeFileSync(join(folder, 'server.js'), program(`new ${name}`));
    }
    const next = await engine.redeploy({ services: ['api'], force: false });
    expect(next.started).toMatchObject([{ service: 'api', revision: 2 }]);
    await completed(app, 2);
    expect(await text(app, '/api')).toBe('new api');
    expect(await text(app, '/web')).toBe('two');
    expect(await idOf('fulcrum-shelf-web:dev')).toBe(before.web);
    await app.stop();
    // What no revision runs any more is not left without a name.
    await expect(idOf(before.api)).rejects.toMatchObject({ statusCode: 404 });
    expect(await idOf(before.web)).toBe(before.web);
  });

  it('goes back to the very image it had', async () => {
    const folder = source('one');
    const app = await start({ api: folder });
    const { engine } = app.session;
    const first = await idOf('fulcrum-shelf-api:dev');
    writeFileSync(join(folder, 'server.js'), BROKEN);
    await engine.redeploy({ services: [], force: false });
    const failed = await app.until('deployment', ({ state }) => state === 'FAILED');
    await completed(app, 1, failed.at);
    expect(await idOf('fulcrum-shelf-api:dev')).not.toBe(first);
    const [task] = engine.status().services[0]?.fargate?.tasks ?? [];
    engine.fail({ kind: 'task', task: task?.id ?? '', how: 'kill' });
    await app.until('task', ({ id, state }) => id === task?.id && state === 'STOPPED');
    await expect.poll(() => engine.status().services[0]?.fargate?.healthy).toBe(1);
    expect(await imagesOf(app)).toEqual([first]);
    expect(await text(app, '/api')).toBe('one');
    expect(readFileSync(join(folder, 'server.js'), 'utf8')).toBe(BROKEN);
  });
});
