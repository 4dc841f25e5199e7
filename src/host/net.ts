// Free ports for programs.
//
// They are taken from below the range the system itself hands out for outgoing connections (32768
// and up on Linux, 49152 on macOS), so that nothing else gets the same one between the test and the
// program's own bind, and a port is not given twice before all others were.

import { createServer } from 'node:net';
import type { Net, Rng } from '../base/ports.ts';

const FIRST = 20_000;
const LAST = 32_767;

export function realNet(rng: Rng): Net {
  let next = FIRST + Math.floor(rng.next() * (LAST - FIRST + 1));
  return {
    async freePort() {
      for (let tries = 0; tries <= LAST - FIRST; tries += 1) {
        const port = next;
        next = port === LAST ? FIRST : port + 1;
        if (await canListen(port)) return port;
      }
      throw new Error(`no port between ${FIRST} and ${LAST} is free`);
    },
  };
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
