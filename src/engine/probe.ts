// Asks a program one question over HTTP on a connection of its own: readiness and health checks.

import { connect } from 'node:net';
import type { Clock, Release } from '../base/ports.ts';
import type { Millis } from '../base/units.ts';

export type Probe =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'nonsense'; readonly problem: string };

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/;

export interface Question {
  readonly port: number;
  readonly path: string;
  /** What a health check says it is. */
  readonly userAgent: string;
  readonly timeoutMs: Millis;
}

/** GET `path`; never rejects. `userAgent` is what a health check says it is. */
export function probe(
  clock: Clock,
  port: number,
  path: string,
  userAgent: string,
  timeoutMs: Millis,
): Promise<Probe> {
  return new Promise((resolve) => {
    ask(clock, { port, path, userAgent, timeoutMs }, resolve);
  });
}

/** Asks once; `answered` is called once, unless the release ends it before. */
export type Asker = (
  clock: Clock,
  question: Question,
  answered: (result: Probe) => void,
) => Release;

const NONSENSE: Probe = { kind: 'nonsense', problem: 'the answer is not HTTP' };

/** Asks with HTTP/1.1. */
export function ask(
  clock: Clock,
  { port, path, userAgent, timeoutMs }: Question,
  answered: (result: Probe) => void,
): Release {
  const socket = connect({ port, host: '127.0.0.1' });
  const stopWaiting = clock.after(timeoutMs, () => finish({ kind: 'silent' }));
  let text = '';
  let connected = false;
  let over = false;
  const end = (): void => {
    over = true;
    stopWaiting();
    socket.destroy();
  };
  const finish = (result: Probe): void => {
    if (over) return;
    end();
    answered(result);
  };
  socket.once('connect', () => {
    connected = true;
    const host = `127.0.0.1:${port}`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${userAgent}\r\nConnection: close\r\n\r\n`,
    );
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const status = STATUS_LINE.exec(text)?.[1];
    if (status !== undefined) finish({ kind: 'answered', status: Number(status) });
    else if (text.length > 15) finish(NONSENSE);
  });
  socket.on('error', () => finish(connected ? NONSENSE : { kind: 'refused' }));
  socket.on('close', () => finish(connected ? NONSENSE : { kind: 'refused' }));
  return end;
}

/** Whether something listens on the port; never rejects. */
export function accepts(clock: Clock, port: number, timeoutMs: Millis): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const stopWaiting = clock.after(timeoutMs, () => finish(false));
    const finish = (result: boolean): void => {
      stopWaiting();
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.on('error', () => finish(false));
  });
}

/** "status 503", "no answer within 5000 ms". */
export function sayProbe(result: Probe, timeoutMs: Millis): string {
  switch (result.kind) {
    case 'answered':
      return `status ${result.status}`;
    case 'refused':
      return 'nothing listens';
    case 'silent':
      return `no answer within ${timeoutMs} ms`;
    case 'nonsense':
      return result.problem;
  }
}
