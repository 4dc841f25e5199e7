// Clients of the HTTPS listener that trust its authority and nobody else.

import { readFileSync } from 'node:fs';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { type RequestOptions, request } from 'node:https';
import { onTestFinished } from 'vitest';
import type { TestApp } from './app.ts';

export interface SecureAt {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
}

export function secureAt({ session }: TestApp): SecureAt {
  const { https } = session;
  if (https?.authority === undefined) throw new Error('the app has no HTTPS listener of its own');
  return {
    url: https.url,
    port: Number(new URL(https.url).port),
    ca: readFileSync(https.authority, 'utf8'),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** HTTP/1.1. */
export function ask1(
  { url, ca }: SecureAt,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { ca, agent: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

export async function connect2({ url, ca }: Pick<SecureAt, 'url' | 'ca'>) {
  const session = connect(url, { ca });
  onTestFinished(() => session.destroy());
  await new Promise((resolve, reject) => {
    session.once('connect', resolve);
    session.once('error', reject);
  });
  session.on('error', () => {});
  return session;
}

/** Sends `body` and resolves with the whole answer; rejects when the stream is reset. */
export function ask2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Buffer,
): Promise<Answer> {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return answerOf(stream);
}

export function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders = {};
    let body = '';
    stream.setEncoding('latin1');
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('data', (text: string) => {
      body += text;
    });
    stream.on('error', reject);
    stream.on('aborted', () => reject(new Error('the stream was reset')));
    stream.on('end', () => resolve({ status: Number(headers[':status']), headers, body }));
  });
}
