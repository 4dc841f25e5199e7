// All benchmarks but the long ones, or those named: node bench/run.ts [name] [name=number] …
// BENCH_SECONDS sets how long each load lasts (5). The number is how many, or for the soak how many
// minutes.

import { cpus, totalmem } from 'node:os';
import { costBench } from './cost.ts';
import { doorBench } from './door.ts';
import { functionsBench } from './functions.ts';
import { growthBench } from './growth.ts';
import { lambdaBench } from './lambda.ts';
import { measureBench } from './measure.ts';
import { memoryBench } from './memory.ts';
import { policyBench } from './policy.ts';
import { proxyBench } from './proxy.ts';
import { scaleOutBench } from './scale-out.ts';
import { schedulerBench } from './scheduler.ts';
import { simulateBench } from './simulate.ts';
import { simulateEventBench } from './simulate-event.ts';
import { soakBench } from './soak.ts';
import { startBench } from './start.ts';
import { stopAll } from './support.ts';
import { trafficBench } from './traffic.ts';
import { websocketsBench } from './websockets.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 5);

const benches: Readonly<Record<string, (count?: number) => Promise<void>>> = {
  start: startBench,
  proxy: () => proxyBench(seconds),
  door: () => doorBench(seconds),
  websockets: websocketsBench,
  'scale-out': scaleOutBench,
  scheduler: schedulerBench,
  lambda: () => lambdaBench(seconds),
  functions: () => functionsBench(seconds),
  measure: () => measureBench(seconds),
  memory: memoryBench,
  growth: () => growthBench(seconds),
  cost: costBench,
  traffic: trafficBench,
  'simulate-event': simulateEventBench,
  simulate: simulateBench,
  policy: policyBench,
  soak: soakBench,
};

/** Run only when they are named. */
const LONG = new Set(['soak']);

const asked = new Map<string, number | undefined>();
for (const argument of process.argv.slice(2)) {
  const [name = '', number] = argument.split('=');
  if (!(name in benches) || (number !== undefined && !(Number(number) > 0))) {
    console.error(
      `"${argument}" is no benchmark; there are: ${Object.keys(benches).join(', ')}, each with "=number" or without`,
    );
    process.exit(2);
  }
  asked.set(name, number === undefined ? undefined : Number(number));
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${process.platform}`,
);
try {
  for (const [name, bench] of Object.entries(benches)) {
    if (asked.has(name) || (asked.size === 0 && !LONG.has(name))) await bench(asked.get(name));
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
await stopAll();
process.exit();
