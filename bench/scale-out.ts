// From the decision to scale out until the first request is served by the new task, and how much of
// that is the program's own start.

import { spawn } from 'node:child_process';
import {
  freePort,
  PROGRAMS,
  programApp,
  report,
  type Spread,
  spreadOf,
  startFulcrum,
} from './support.ts';

const RUNS = 15;

/** Two tasks are wanted as soon as more than one task's share has been in flight for a second. */
const ONE_TASK = 4;
const YAML = programApp(
  'mixed',
  `fargate: { cpu: 4096, memory: 8192, tasks: { min: 1, max: 2 }, concurrency: ${ONE_TASK}, scale: { window: 1s } }`,
);

/** Time between two looks for the first answer. */
const LOOK_EVERY_MS = 2;

/** The requests that make it scale out take this long, so that they leave the processor alone. */
const HOLD_MS = 10_000;

export async function scaleOutBench(runs = RUNS): Promise<void> {
  const alone: number[] = [];
  const scaled: number[] = [];
  // In turn, so that whatever the machine does besides hits both. The first warms up.
  for (let run = 0; run <= runs; run += 1) {
    const own = await programStart();
    const whole = await scaleOut();
    if (run === 0) continue;
    alone.push(own);
    scaled.push(whole);
  }
  const added = spreadOf(scaled.map((whole, index) => whole - (alone[index] ?? Number.NaN)));
  report('Scaling out', [
    { what: 'the program alone, from its start to its first answer', value: say(spreadOf(alone)) },
    { what: 'from "scale out" to the first answer of the new task', value: say(spreadOf(scaled)) },
    {
      what: 'difference',
      value: say(added),
      goal: { text: '≤ 50 ms', met: added.middle <= 50 },
    },
  ]);
}

const say = ({ low, middle, high }: Spread) =>
  `${middle.toFixed(0)} ms   ${low.toFixed(0)} to ${high.toFixed(0)}`;

async function programStart(): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  // By a shell that becomes the program, as Fulcrum starts it.
  const child = spawn('/bin/sh', ['-c', 'exec node mixed.mjs'], {
    cwd: PROGRAMS,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout.resume();
  child.stderr.resume();
  await untilAnswer(`http://127.0.0.1:${port}`, (pid) => pid === child.pid);
  const took = performance.now() - began;
  child.kill('SIGTERM');
  await ended;
  return took;
}

async function scaleOut(): Promise<number> {
  const fulcrum = await startFulcrum(YAML, ['--json']);
  const first = await whoAnswers(fulcrum.url);
  const holding = new AbortController();
  const held = Array.from({ length: 2 * ONE_TASK }, () =>
    fetch(`${fulcrum.url}/slow?ms=${HOLD_MS}&value=held`, { signal: holding.signal }).catch(
      () => undefined,
    ),
  );
  await fulcrum.printed('"type":"scale"');
  const began = performance.now();
  await untilAnswer(fulcrum.url, (pid) => pid !== first);
  const took = performance.now() - began;
  holding.abort();
  await Promise.all(held);
  await fulcrum.stop();
  return took;
}

async function untilAnswer(url: string, wanted: (pid: number | undefined) => boolean) {
  while (!wanted(await whoAnswers(url))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Process that answers; undefined while nobody listens. */
async function whoAnswers(url: string): Promise<number | undefined> {
  let answer: Response;
  try {
    answer = await fetch(`${url}/who`);
  } catch {
    return undefined;
  }
  if (answer.status !== 200) throw new Error(`/who was answered with ${answer.status}`);
  return ((await answer.json()) as { pid: number }).pid;
}
