// Speaks to the front door byte by byte, to say what no well-behaved client would.

import { connect, type Socket } from 'node:net';

export interface RawClient {
  readonly socket: Socket;
  write(text: string | Buffer): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves when `text` has been received. */
  until(text: string): Promise<string>;
  /** Resolves with everything when the other side has closed. */
  closed(): Promise<string>;
  close(): void;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let text = '';
  let ended = false;
  let wake: (() => void) | undefined;
  const notice = (): void => wake?.();
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    notice();
  });
  socket.on('end', () => {
    ended = true;
    notice();
  });
  socket.on('close', () => {
    ended = true;
    notice();
  });
  socket.on('error', () => {});
  const wait = async (done: () => boolean): Promise<string> => {
    while (!done()) {
      if (ended) return text;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return text;
  };
  return {
    socket,
    write: (data) => {
      socket.write(data);
    },
    received: () => text,
    until: (wanted) => wait(() => text.includes(wanted)),
    closed: () => wait(() => ended),
    close: () => socket.destroy(),
  };
}

/** One request on a connection of its own; the whole answer. */
export async function rawRequest(port: number, text: string): Promise<string> {
  const client = await rawClient(port);
  client.write(text);
  const answer = await client.closed();
  client.close();
  return answer;
}
