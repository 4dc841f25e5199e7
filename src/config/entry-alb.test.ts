// The attributes of the load balancer in `entry`.

import { describe, expect, it } from 'vitest';
import { isFault } from '../base/fault.ts';
import { loadApp } from './load.ts';

const withEntry = (entry: string) =>
  `app: a\nservices:\n  api:\n    command: run\n    lambda: {}\nentry: ${entry}\n`;

const entryOf = (entry: string) =>
  loadApp({ name: 'fulcrum.yml', text: withEntry(entry) }, undefined).entry;

function problemsOf(entry: string): readonly string[] {
  try {
    entryOf(entry);
  } catch (error) {
    if (!isFault(error, 'CONFIG_INVALID')) throw error;
    return error.facts.problems.map(({ line, path, say, fix }) => `${line} ${path}: ${say} ${fix}`);
  }
  return [];
}

describe('a load balancer', () => {
  it('has the defaults of AWS', () => {
    expect(entryOf('alb')).toEqual({
      type: 'alb',
      idleTimeoutMs: 60_000,
      keepAliveMs: 3_600_000,
      multiValueHeaders: true,
      forwardedFor: 'append',
      clientPort: false,
      preserveHost: false,
      https: undefined,
      accessLogs: undefined,
    });
  });

  it('takes every attribute', () => {
    expect(
      entryOf(
        '{ keepAlive: 2m, forwardedFor: remove, clientPort: true, preserveHost: true, accessLogs: logs }',
      ),
    ).toMatchObject({
      keepAliveMs: 120_000,
      forwardedFor: 'remove',
      clientPort: true,
      preserveHost: true,
      accessLogs: 'logs',
    });
  });

  it.each([
    ['true', { port: 0, http2: true, own: undefined }],
    ['false', undefined],
    ['{}', { port: 0, http2: true, own: undefined }],
    ['{ port: 8443, http2: false }', { port: 8443, http2: false, own: undefined }],
    [
      '{ certificate: a.pem, key: a.key }',
      { port: 0, http2: true, own: { certificate: 'a.pem', key: 'a.key' } },
    ],
  ])('listens for HTTPS as "https: %s" says', (https, model) => {
    expect(entryOf(`{ https: ${https} }`)).toMatchObject({ https: model });
  });

  it.each([
    ['{ keepAlive: 59s }', /^6 entry\.keepAlive: must be a duration from 1m to 7d/],
    ['{ keepAlive: 8d }', /^6 entry\.keepAlive: /],
    ['{ forwardedFor: add }', /^6 entry\.forwardedFor: /],
    ['{ https: { port: 70000 } }', /^6 entry\.https/],
    [
      '{ https: { certificate: a.pem } }',
      /^6 entry\.https\.certificate: needs "key" too Add "key:"/,
    ],
    ['{ https: { key: a.key } }', /^6 entry\.https\.key: needs "certificate" too/],
    ['{ type: http-api, https: true }', /^6 entry\.https: goes with the front door "alb"/],
    [
      '{ type: http-api, accessLogs: true }',
      /^6 entry\.accessLogs: goes with the front door "alb"/,
    ],
  ])('refuses %s', (entry, problem) => {
    expect(problemsOf(entry)).toEqual([expect.stringMatching(problem)]);
  });
});
