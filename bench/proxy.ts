// The front door to a Fargate task, beside nginx and http-proxy-3 in front of the same program.

import { join } from 'node:path';
import { startNginx } from './peers.ts';
import {
  AMPLE_TASK,
  compare,
  freePort,
  has,
  helloApp,
  PEERS,
  PROGRAMS,
  type Row,
  report,
  startFulcrum,
  startProgram,
  startServer,
} from './support.ts';

export async function proxyBench(seconds: number): Promise<void> {
  if (!(await has('wrk')) || !(await has('nginx'))) {
    report('Front door', [{ what: 'skipped', value: 'wrk and nginx are needed' }]);
    return;
  }
  const fulcrum = await startFulcrum(helloApp(AMPLE_TASK));
  const direct = await startProgram('hello');
  const nginx = await startNginx({ target: direct.url });
  const other = await startHttpProxy(direct.url);
  const loads = await compare(
    { direct: direct.url, fulcrum: fulcrum.url, nginx: nginx.url, 'http-proxy-3': other.url },
    { connections: 64, seconds, rounds: 5 },
  );
  const rows: Row[] = Object.entries(loads).map(([what, load]) => ({
    what,
    value: `${load.requestsPerSecond.toFixed(0).padStart(6)} requests/s   p50 ${load.p50Ms.toFixed(2)} ms   p99 ${load.p99Ms.toFixed(2)} ms   errors ${load.errors}`,
  }));
  const of = (name: string) => loads[name]?.requestsPerSecond ?? Number.NaN;
  const toNginx = of('fulcrum') / of('nginx');
  const toOther = of('fulcrum') / of('http-proxy-3');
  const tail = (loads['fulcrum']?.p99Ms ?? Number.NaN) / (loads['nginx']?.p99Ms ?? Number.NaN);
  rows.push(
    {
      what: 'Fulcrum ÷ nginx',
      value: toNginx.toFixed(2),
      goal: { text: '≥ 0.55', met: toNginx >= 0.55 },
    },
    {
      what: 'Fulcrum ÷ http-proxy-3',
      value: toOther.toFixed(2),
      goal: { text: '≥ 2', met: toOther >= 2 },
    },
    { what: 'p99 Fulcrum ÷ nginx', value: tail.toFixed(2), goal: { text: '≤ 3', met: tail <= 3 } },
  );
  report('Front door to a Fargate task, 64 connections, small JSON', rows);
  for (const server of [other, nginx, direct, fulcrum]) await server.stop();
}

async function startHttpProxy(target: string) {
  const port = await freePort();
  const program = join(PROGRAMS, 'http-proxy-3.mjs');
  return startServer(
    [process.execPath, program, String(port), target, PEERS],
    `http://127.0.0.1:${port}/`,
    {
      ready: 'listening',
    },
  );
}
