import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { Relay } from './relay.ts';

/** Answers what it is sent, in capitals, when the sender has ended. */
async function listener(): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.end((await text(socket)).toUpperCase());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function relayAt(gateway: string): Relay {
  const relay = new Relay(gateway);
  onTestFinished(() => relay.close());
  return relay;
}

async function ask(address: string, host?: string): Promise<string> {
  const [name = '', port] = address.split(':');
  const socket = connect({ host: host ?? name, port: Number(port), allowHalfOpen: true });
  socket.end('hello');
  return text(socket);
}

it('passes on what comes to its address, both ways and to the end', async () => {
  const relay = relayAt('127.0.0.2');
  const address = await relay.acquire(await listener());
  expect(address).toMatch(/^127\.0\.0\.2:\d+$/);
  expect(await ask(address)).toBe('HELLO');
});

it('takes nothing from elsewhere while its address is not there yet', async () => {
  // Of the block that is kept for documentation: no machine has it.
  const relay = relayAt('192.0.2.1');
  const address = await relay.acquire(await listener());
  const answer = await ask(address, '127.0.0.1').catch(
    (error: NodeJS.ErrnoException) => error.code,
  );
  expect(['', 'ECONNRESET', 'EPIPE']).toContain(answer);
});

it('lives as long as somebody needs it', async () => {
  const relay = relayAt('127.0.0.2');
  const target = await listener();
  const address = await relay.acquire(target);
  expect(await relay.acquire(target)).toBe(address);
  relay.release(target);
  expect(await ask(address)).toBe('HELLO');
  relay.release(target);
  await expect(ask(address)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
