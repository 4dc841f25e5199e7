// Golden events and answers for tests, and requests made short.

import { readFileSync } from 'node:fs';
import type { Field, HttpRequest } from '../../src/payload/http-message.ts';

export function fixture(name: string) {
  return JSON.parse(
    readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), 'utf8'),
  );
}

export const payload = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly fields?: readonly Field[];
  readonly body?: string | Buffer;
}

export function request({ method = 'GET', target = '/', fields = [], body = '' }: RequestParts) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return {
    method,
    target,
    protocol: 'HTTP/1.1',
    fields,
    body: bytes,
    sourceIp: '192.0.2.7',
  } satisfies HttpRequest;
}

/** What the Lambda Web Adapter did: `test/fixtures/adapter`. */
export function recording<Case>(name: string): readonly Case[] {
  const file = new URL(`../fixtures/adapter/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}
