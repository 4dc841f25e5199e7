// The local engine with functions in containers: their images have what is otherwise in a folder.

import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { realMachine } from '../../src/host/machine.ts';
import { startApp } from '../support/app.ts';
import {
  hasImage,
  machineWithContainers,
  missingContainers,
  sourceWith,
  startPodman,
} from '../support/containers.ts';
import { PYTHON, RIC_MODULES } from './clients.ts';
import { runningFunction, yaml } from './fulcrum.ts';
import type { FunctionSetup, LambdaUnderTest } from './under-test.ts';

/** Of awslambdaric, where the Python of this machine is that of the base image. */
const PYTHON_MODULES = resolve('.cache/python/lib/python3.11/site-packages');
const PYTHON_CLIENT = /^(awslambdaric|simplejson|snapshot_restore_py\.py|runtime_client\..+\.so)$/;

/** Where Lambda has the function in an image. */
const TASK_ROOT = '/var/task';

export const inContainers: LambdaUnderTest = {
  name: 'Fulcrum in containers',
  missing: missingContainers,
  missingExtensions: missingContainers,
  missingClient: (name) =>
    name === 'python' && !existsSync(join(PYTHON_MODULES, 'awslambdaric'))
      ? 'awslambdaric is not built for the Python of the base image'
      : undefined,
  root: () => TASK_ROOT,
  api: /^10\.[\d.]+:\d+$/,
  hidden: 'a container is not looked at from outside',
  async start(setup) {
    startPodman();
    const app = await startApp(yaml(setup, { image: await imageOf(setup) }), {
      containers: true,
      machine: machineWithContainers(),
    });
    return runningFunction(app);
  },
};

const built = new Map<string, Promise<string>>();
let images = 0;

/** Built once for every function with the same files, and again where Podman has forgotten it. */
export async function imageOf({
  folder,
  command,
  handler,
  extensions = {},
}: FunctionSetup): Promise<string> {
  const key = JSON.stringify([folder, command, handler, extensions]);
  const known = await built.get(key);
  if (known !== undefined && (await hasImage(known))) return known;
  const image = build(folder, command, handler, extensions);
  built.set(key, image);
  return image;
}

async function build(
  folder: string,
  command: readonly string[],
  handler: string,
  extensions: Readonly<Record<string, string>>,
): Promise<string> {
  const files: Record<string, string> = { task: folder };
  const lines = [`WORKDIR ${TASK_ROOT}`, `COPY task ${TASK_ROOT}`];
  const words = command.map((word) => {
    if (!word.startsWith('/') || !existsSync(word)) return word;
    if (word.startsWith(RIC_MODULES)) {
      files['node_modules'] = RIC_MODULES;
      lines.push('COPY node_modules /var/client/node_modules');
      return word.replace(RIC_MODULES, '/var/client/node_modules');
    }
    if (word === PYTHON) {
      const modules = readdirSync(PYTHON_MODULES).filter((name) => PYTHON_CLIENT.test(name));
      for (const name of modules) files[`python/${name}`] = join(PYTHON_MODULES, name);
      lines.push('COPY python /var/client/python', 'ENV PYTHONPATH=/var/client/python');
      return 'python3';
    }
    files['bootstrap'] = word;
    lines.push(`COPY bootstrap /var/runtime/${basename(word)}`);
    return `/var/runtime/${basename(word)}`;
  });
  for (const [name, file] of Object.entries(extensions)) {
    files[name] = file;
    lines.push(`COPY --chmod=755 ${name} /opt/extensions/${name}`);
  }
  lines.push(`ENTRYPOINT ${JSON.stringify(words)}`, `CMD ${JSON.stringify([handler])}`);
  images += 1;
  const tag = `fulcrum-conformance-${images}:${process.pid}`;
  const machine = realMachine();
  const containers = await machine.containers(machineWithContainers().env);
  await containers.build({
    service: 'fn',
    folder: sourceWith(lines.join('\n'), files),
    dockerfile: 'Dockerfile',
    tag,
    onLine: () => {},
  });
  return tag;
}
