// All benchmarks, or those named: node bench/run.ts [proxy] [lambda] [functions] [start] [memory] [growth]
// BENCH_SECONDS sets how long each load lasts (5).

import { cpus, totalmem } from 'node:os';
import { functionsBench } from './functions.ts';
import { growthBench } from './growth.ts';
import { lambdaBench } from './lambda.ts';
import { memoryBench } from './memory.ts';
import { proxyBench } from './proxy.ts';
import { startBench } from './start.ts';

const seconds = Number(process.env['BENCH_SECONDS'] ?? 5);

const benches: Readonly<Record<string, () => Promise<void>>> = {
  start: startBench,
  proxy: () => proxyBench(seconds),
  lambda: () => lambdaBench(seconds),
  functions: () => functionsBench(seconds),
  memory: memoryBench,
  growth: () => growthBench(seconds),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(
    `no benchmark is called ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}`,
  );
  process.exit(2);
}
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, ${process.platform}`,
);
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length === 0 || asked.includes(name)) await bench();
}
process.exit(0);
