// What a request costs with many routes and with many environments.

import { compare, PROGRAMS, report, startFulcrum, wrk } from './support.ts';

const routes = (count: number) =>
  Array.from({ length: count - 1 }, (_, index) => `  - { path: /area-${index}/*, service: api }`)
    .concat('  - { path: /*, service: api }')
    .join('\n');

const yaml = (count: number) => `
app: bench
services:
  api:
    source: ${PROGRAMS}
    command: node hello.mjs
    fargate: { cpu: 4096, memory: 8192, tasks: { min: 1, max: 1 }, concurrency: 1000 }
routes:
${routes(count)}
`;

const onLambda = (environments: number) => `
app: bench
services:
  api:
    source: ${PROGRAMS}
    command: node hello.mjs
    lambda: { memory: 10240, provisioned: ${environments} }
local: { maxEnvironments: ${environments} }
`;

export async function growthBench(seconds: number): Promise<void> {
  const few = await startFulcrum(yaml(1));
  const many = await startFulcrum(yaml(100));
  const byRoutes = await compare(
    { few: few.url, many: many.url },
    { connections: 64, seconds, rounds: 3 },
  );
  await few.stop();
  await many.stop();
  const one = await startFulcrum(onLambda(1));
  const alone = await serial(one.url, seconds);
  await one.stop();
  const crowd = await startFulcrum(onLambda(200));
  const among = await serial(crowd.url, seconds);
  await crowd.stop();
  const ratio =
    (byRoutes['many']?.requestsPerSecond ?? 0) / (byRoutes['few']?.requestsPerSecond ?? 1);
  const lambdaRatio = among / alone;
  report('Growth', [
    { what: '1 route', value: `${byRoutes['few']?.requestsPerSecond.toFixed(0)} requests/s` },
    { what: '100 routes', value: `${byRoutes['many']?.requestsPerSecond.toFixed(0)} requests/s` },
    { what: 'ratio', value: ratio.toFixed(2), goal: { text: '≥ 0.9', met: ratio >= 0.9 } },
    { what: '1 environment', value: `${alone.toFixed(0)} requests/s` },
    { what: 'one of 200 environments', value: `${among.toFixed(0)} requests/s` },
    {
      what: 'ratio',
      value: lambdaRatio.toFixed(2),
      goal: { text: '≥ 0.9', met: lambdaRatio >= 0.9 },
    },
  ]);
}

/** One client, so that one environment serves and the others only are there. */
async function serial(url: string, seconds: number): Promise<number> {
  await wrk(url, 1, 1);
  return (await wrk(url, 1, seconds)).requestsPerSecond;
}
