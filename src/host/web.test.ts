import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import type { WebAnswer } from '../base/ports.ts';
import { realWeb } from './web.ts';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const get = (url: string, idleMs = 60_000, signal = new AbortController().signal) =>
  realWeb.get(url, { signal, idleMs });

async function textOf({ body }: WebAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('gives status, type and body, unpacked', async () => {
  const url = await serve((_, response) => {
    response.writeHead(418, { 'content-type': 'text/csv', 'content-encoding': 'gzip' });
    response.end(gzipSync('a,b\n'));
  });
  const answer = await get(url);
  expect(answer).toMatchObject({ status: 418, contentType: 'text/csv', bytes: undefined });
  expect(await textOf(answer)).toBe('a,b\n');
});

it('says how long a body is that is sent as it is', async () => {
  const url = await serve((_, response) => {
    response.setHeader('content-length', 4);
    response.end('a,b\n');
  });
  const answer = await get(url);
  expect(answer.bytes).toBe(4);
  answer.cancel();
});

it('gives up when nothing comes: no head, or no more of the body', async () => {
  const silent = await serve(() => {});
  await expect(get(silent, 30)).rejects.toThrow('nothing came for 0.03 s');
  const stalled = await serve((_, response) => {
    response.write('half');
  });
  await expect(get(stalled, 30).then(textOf)).rejects.toThrow('nothing came for 0.03 s');
});

it('says in words that a connection broke off, was refused, or was stopped', async () => {
  const cut = await serve((_, response) => {
    response.setHeader('content-length', 100);
    response.write('half', () => response.destroy());
  });
  await expect(get(cut).then(textOf)).rejects.toThrow(/broke off|closed/);
  await expect(get('http://127.0.0.1:9/')).rejects.toThrow(/ECONNREFUSED|bad port/);
  const stop = new AbortController();
  const slow = await serve(() => stop.abort());
  await expect(get(slow, 60_000, stop.signal)).rejects.toThrow('it was stopped');
});
