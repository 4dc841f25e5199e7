// The front door to a Fargate task, beside nginx and http-proxy-3 in front of the same program.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  scratch,
  startFulcrum,
  startServer,
} from './support.ts';

export async function proxyBench(seconds: number): Promise<void> {
  if (!(await has('wrk')) || !(await has('nginx'))) {
    report('Front door', [{ what: 'skipped', value: 'wrk and nginx are needed' }]);
    return;
  }
  const fulcrum = await startFulcrum(helloApp(AMPLE_TASK));
  // The peers proxy to the very same process that Fulcrum started.
  const direct = await ownProgram();
  const nginx = await startNginx(direct.url);
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

async function ownProgram() {
  const port = await freePort();
  return startServer([process.execPath, join(PROGRAMS, 'hello.mjs')], `http://127.0.0.1:${port}/`, {
    ready: 'listening',
    env: { PORT: String(port) },
  });
}

async function startNginx(target: string) {
  const port = await freePort();
  // nginx removes its pid file when it ends, so it must be one of its own.
  const pid = join(mkdtempSync(join(tmpdir(), 'fulcrum-bench-')), 'nginx.pid');
  const file = scratch(
    'nginx.conf',
    `worker_processes 1; daemon off; pid ${pid}; error_log stderr notice;
events { worker_connections 4096; }
http {
  access_log off;
  upstream program { server ${new URL(target).host}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://program; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`,
  );
  return startServer(['nginx', '-c', file], `http://127.0.0.1:${port}/`, {
    ready: 'start worker process',
  });
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
