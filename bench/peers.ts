// The peers of the front door, each with one worker and set so that it is at its best here: no
// access log, no limit to the requests of a connection, no disk, no kept connection given up.

import { connect } from 'node:net';
import { join } from 'node:path';
import { benchFolder, freePort, type Server, scratch, startServer } from './support.ts';

export interface PeerSettings {
  /** URL of the program behind it. */
  readonly target: string;
  /** So many rules; the last takes everything. Default 1. */
  readonly rules?: number;
  /** Connections to clients it must carry. */
  readonly connections?: number;
  /** It carries WebSockets. */
  readonly tunnels?: boolean;
}

/** Nothing is cut for being idle. */
const IDLE = '1h';

/** The paths of the rules before the last one, which nobody asks for. */
export const otherPaths = (rules: number): readonly string[] =>
  Array.from({ length: rules - 1 }, (_, index) => `/area-${index}/`);

export async function startNginx(settings: PeerSettings): Promise<Server> {
  const { target, rules = 1, connections = 1024, tunnels = false } = settings;
  const port = await freePort();
  // nginx removes its pid file when it ends, so it must be one of its own.
  const pid = join(benchFolder(), 'nginx.pid');
  const connection = tunnels
    ? 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
    : 'proxy_set_header Connection "";';
  const locations = [...otherPaths(rules), '/'].map(
    (path) => `    location ${path} { proxy_pass http://program; }`,
  );
  const file = scratch(
    'nginx.conf',
    `worker_processes 1; daemon off; pid ${pid}; error_log stderr notice;
events { worker_connections ${2 * connections + 100}; }
http {
  access_log off;
  keepalive_requests 1000000000;
  proxy_http_version 1.1; ${connection}
  proxy_read_timeout ${IDLE}; proxy_send_timeout ${IDLE};
  proxy_max_temp_file_size 0;
  upstream program {
    server ${new URL(target).host};
    keepalive 1024; keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
${locations.join('\n')}
  }
}
`,
  );
  return startServer(['nginx', '-c', file], `http://127.0.0.1:${port}/`, {
    ready: 'start worker process',
  });
}

export async function startHaproxy(settings: PeerSettings): Promise<Server> {
  const { target, rules = 1, connections = 1024 } = settings;
  const port = await freePort();
  const acls = otherPaths(rules).flatMap((path, index) => [
    `  acl area_${index} path_beg ${path}`,
    `  use_backend program if area_${index}`,
  ]);
  const file = scratch(
    'haproxy.cfg',
    `global
  nbthread 1
  maxconn ${connections + 100}
  tune.pool-low-fd-ratio 100
  tune.pool-high-fd-ratio 100
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client ${IDLE}
  timeout server ${IDLE}
  timeout tunnel ${IDLE}
frontend door
  bind 127.0.0.1:${port} backlog 4096
${acls.join('\n')}
  default_backend program
backend program
  server program ${new URL(target).host} pool-purge-delay 1h
`,
  );
  // It prints nothing, so whether it is ready is found out by asking.
  const server = await startServer(['haproxy', '-db', '-f', file], `http://127.0.0.1:${port}/`, {});
  await listening(port);
  return server;
}

async function listening(port: number): Promise<void> {
  for (;;) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
