// What a request costs with many routes and with many environments.

import { AMPLE_TASK, compare, helloApp, report, startFulcrum, wrk } from './support.ts';

const routes = (count: number) =>
  Array.from({ length: count - 1 }, (_, index) => `  - { path: /area-${index}/*, service: api }`)
    .concat('  - { path: /*, service: api }')
    .join('\n');

const onTask = (count: number) => helloApp(AMPLE_TASK, `routes:\n${routes(count)}\n`);

const onLambda = (environments: number) =>
  helloApp(
    `lambda: { memory: 10240, provisioned: ${environments} }`,
    `local: { maxEnvironments: ${environments} }\n`,
  );

/** Environments that are there while one of them serves. */
const CROWD = 200;

export async function growthBench(seconds: number): Promise<void> {
  const few = await startFulcrum(onTask(1));
  const many = await startFulcrum(onTask(100));
  const byRoutes = await compare(
    { few: few.url, many: many.url },
    { connections: 64, seconds, rounds: 3 },
  );
  await few.stop();
  await many.stop();
  const one = await startFulcrum(onLambda(1));
  const alone = await serial(one.url, seconds);
  await one.stop();
  const crowd = await startFulcrum(onLambda(CROWD));
  await crowd.idle(CROWD);
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
  await wrk(url, { connections: 1, seconds: 1 });
  return (await wrk(url, { connections: 1, seconds })).requestsPerSecond;
}
