// Run under a lock, by itself: makes sure that the Podman of the tests answers and has the base image.
// The service ends by itself when nobody has asked it anything for a while.
//
// What this machine needs of Podman is said here and not in the product: a machine without the right
// to raise limits of open files gets containers with the limits it has.

import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const IDLE_S = 120;
const START_WITHIN_MS = 20_000;

/** `runc` with limits that this machine can give. */
const RUNTIME = `#!/bin/sh
next=; file=; starts=
for word in "$@"; do
  [ "$next" = bundle ] && file=$word/config.json
  [ "$next" = process ] && file=$word
  next=
  case "$word" in
    create | exec) starts=1 ;;
    --bundle | -b) next=bundle ;;
    --process | -p) next=process ;;
  esac
done
[ -n "$starts" ] && [ -n "$file" ] && NODE CLAMP "$file"
exec RUNC "$@"
`;

const CLAMP = `
const { readFileSync, writeFileSync } = require('node:fs');
const file = process.argv[2];
const config = JSON.parse(readFileSync(file, 'utf8'));
const limits = readFileSync('/proc/self/limits', 'utf8');
const hardOf = (name) => Number(new RegExp(name + ' +\\\\S+ +(\\\\d+)').exec(limits)?.[1] ?? Infinity);
const most = { RLIMIT_NOFILE: hardOf('Max open files'), RLIMIT_NPROC: hardOf('Max processes') };
for (const limit of (config.process ?? config).rlimits ?? []) {
  limit.hard = Math.min(limit.hard, most[limit.type] ?? limit.hard);
  limit.soft = Math.min(limit.soft, limit.hard);
}
writeFileSync(file, JSON.stringify(config));
`;

const [home = '', socket = '', base = '', image = ''] = process.argv.slice(2);
const env = configure();
if (!(await answers())) {
  tidy();
  await start();
}
if (spawnSync('podman', ['image', 'exists', image], { env }).status !== 0) {
  const made = spawnSync('podman', ['import', base, image], { env, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
}

function configure(): NodeJS.ProcessEnv {
  mkdirSync(home, { recursive: true });
  // Written once: another test may just be starting a container with it.
  const file = (name: string, text: string): string => {
    const path = join(home, name);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return path;
    writeFileSync(`${path}.new`, text, { mode: 0o755 });
    renameSync(`${path}.new`, path);
    return path;
  };
  const clamp = file('clamp.cjs', CLAMP);
  const runc = ['/usr/sbin/runc', '/usr/bin/runc'].find(existsSync) ?? 'runc';
  const script = RUNTIME.replace('NODE', process.execPath).replace('CLAMP', clamp);
  const runtime = file('runtime', script.replace('RUNC', runc));
  return {
    ...process.env,
    BUILDAH_ISOLATION: 'chroot',
    CONTAINERS_CONF: file(
      'containers.conf',
      `[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[engine.runtimes]
runc = [${JSON.stringify(runtime)}]
[containers]
log_driver = "k8s-file"
`,
    ),
    CONTAINERS_STORAGE_CONF: file(
      'storage.conf',
      `[storage]
driver = "overlay"
graphroot = ${JSON.stringify(join(home, 'storage'))}
runroot = ${JSON.stringify(join(home, 'run'))}
# Else its folder stays mounted when the service has ended, and cannot be removed.
[storage.options.overlay]
skip_mount_home = "true"
`,
    ),
  };
}

/** Nobody uses it now: what earlier tests have left goes, but for the base image. */
function tidy(): void {
  spawnSync('podman', ['rm', '--all', '--force', '--time=0'], { env });
  const found = spawnSync('podman', ['images', '--format', '{{.Repository}}:{{.Tag}}'], {
    env,
    encoding: 'utf8',
  });
  const others = found.stdout.split('\n').filter((name) => name !== '' && name !== image);
  const tagged = others.filter((name) => !name.includes('<none>'));
  if (tagged.length > 0) spawnSync('podman', ['rmi', '--force', ...tagged], { env });
  spawnSync('podman', ['image', 'prune', '--force'], { env });
}

async function start(): Promise<void> {
  rmSync(socket, { force: true });
  const log = openSync(join(home, 'service.log'), 'a');
  const words = ['system', 'service', `--time=${IDLE_S}`, `unix://${socket}`];
  // conmon leaves a file "oom" where it is started when a container runs out of memory.
  const stdio = ['ignore', log, log] as const;
  const service = spawn('podman', words, { env, cwd: home, detached: true, stdio: [...stdio] });
  service.unref();
  for (let waited = 0; waited < START_WITHIN_MS; waited += 50) {
    if (await answers()) return;
    await sleep(50);
  }
  throw new Error(`podman system service did not answer at ${socket}`);
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ socketPath: socket, path: '/_ping' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asking.once('error', () => resolve(false));
    asking.end();
  });
}
