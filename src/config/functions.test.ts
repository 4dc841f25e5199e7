import { describe, expect, it } from 'vitest';
import { Fault, isFault } from '../base/fault.ts';
import { loadApp } from './load.ts';

const APP = `app: demo
services:
  web: { command: node web.js, lambda: {} }
functions:
`;

function load(functions: string) {
  const text = APP + functions.replaceAll(/^/gm, '  ');
  return loadApp({ name: 'fulcrum.yml', text }, undefined).functions;
}

function problemsOf(functions: string): readonly string[] {
  try {
    load(functions);
  } catch (error) {
    if (isFault(error, 'CONFIG_INVALID')) {
      return error.facts.problems.map(({ path, say }) => `${path}: ${say}`);
    }
    if (!(error instanceof Fault)) throw error;
  }
  return [];
}

describe('a function', () => {
  it('without versions has version 1, to which what is provisioned belongs', () => {
    const [fn] = load('fn: { handler: index.handler, lambda: { provisioned: 2, memory: 256 } }');
    expect(fn?.lambda).toMatchObject({ provisioned: 0, memoryMiB: 256 });
    expect(Object.keys(fn?.versions ?? {})).toEqual(['1']);
    expect(fn?.versions['1']).toMatchObject({
      handler: 'index.handler',
      lambda: { provisioned: 2, memoryMiB: 256 },
    });
    expect(fn?.async).toEqual({
      retries: 2,
      maxAgeMs: 21_600_000,
      onSuccess: undefined,
      onFailure: undefined,
      deadLetter: undefined,
    });
  });

  it('may have a PORT, which is its own, and not what Lambda sets', () => {
    const [fn] = load('fn: { handler: x.y, environment: { PORT: 8080 } }');
    expect(fn?.environment).toEqual({ PORT: '8080' });
    expect(problemsOf('fn: { handler: x.y, environment: { _HANDLER: z } }')).toEqual([
      'functions.fn.environment._HANDLER: "_HANDLER" is set by Lambda or by Fulcrum itself',
    ]);
  });

  it('has an image or a Dockerfile, and its handler is the CMD', () => {
    const [fn] = load(`fn:
  handler: index.handler
  image: shop/fn:1
  versions:
    1: { dockerfile: old/Dockerfile }
    2: { imageCommand: [other.handler] }`);
    const command = ['index.handler'];
    expect(fn?.container).toEqual({ image: 'shop/fn:1', dockerfile: 'Dockerfile', command });
    expect(fn?.versions['1']?.container).toEqual({
      image: undefined,
      dockerfile: 'old/Dockerfile',
      command,
    });
    expect(fn?.versions['2']?.container).toMatchObject({
      image: 'shop/fn:1',
      command: ['other.handler'],
    });
    expect(load('fn: {}')[0]?.container.command).toBeUndefined();
    expect(problemsOf('fn: { image: a, dockerfile: b }')).toEqual([
      'functions.fn.image: has both "image" and "dockerfile"',
    ]);
  });

  it('has versions that differ from it in what they say', () => {
    const [fn] = load(`fn:
  source: now
  environment: { A: 1, B: 1 }
  lambda: { memory: 256, timeout: 5s }
  versions:
    1: { source: v1, environment: { B: 2 }, lambda: { provisioned: 3 } }
    10: { handler: other.handler, lambda: { memory: 512 } }
    2:
      command: ./two
`);
    expect(fn).toMatchObject({ source: 'now', environment: { A: '1', B: '1' } });
    expect(Object.keys(fn?.versions ?? {})).toEqual(['1', '2', '10']);
    expect(fn?.versions['1']).toMatchObject({
      name: 'fn',
      source: 'v1',
      command: './bootstrap',
      environment: { A: '1', B: '2' },
      lambda: { memoryMiB: 256, timeoutMs: 5000, provisioned: 3 },
    });
    expect(fn?.versions['2']).toMatchObject({ source: 'now', command: './two' });
    expect(fn?.versions['10']).toMatchObject({
      command: undefined,
      handler: 'other.handler',
      lambda: { memoryMiB: 512, timeoutMs: 5000, provisioned: 0 },
    });
  });

  it('has aliases; the larger part comes first', () => {
    const [fn] = load(`fn:
  versions: { 1: {}, 2: {} }
  aliases: { live: 2, next: $LATEST, canary: { 1: 90, 2: 10 }, half: { 1: 50, 2: 50 } }
`);
    expect(fn?.aliases).toEqual({
      live: { version: '2', second: undefined },
      next: { version: '$LATEST', second: undefined },
      canary: { version: '1', second: { version: '2', share: 0.1 } },
      half: { version: '2', second: { version: '1', share: 0.5 } },
    });
  });

  it('says where the records of its events go', () => {
    const [fn] = load(`fn:
  async: { retries: 0, maxAge: 2m, onSuccess: { function: fn }, onFailure: { function: other } }
other: {}
`);
    expect(fn?.async).toEqual({
      retries: 0,
      maxAgeMs: 120_000,
      onSuccess: { kind: 'function', name: 'fn' },
      onFailure: { kind: 'function', name: 'other' },
      deadLetter: undefined,
    });
  });

  it.each([
    ['fn: { aliases: { live: 2 } }', 'functions.fn.aliases.live: there is no version 2'],
    [
      'fn: { versions: { 1: {}, 2: {} }, aliases: { c: { 1: 50, 2: 40 } } }',
      'functions.fn.aliases.c: must have percentages that sum to 100, was: 90',
    ],
    [
      'fn: { versions: { 1: {}, 2: {}, 3: {} }, aliases: { c: { 1: 50, 2: 40, 3: 10 } } }',
      'functions.fn.aliases.c: must have at most 2 versions, was: 3',
    ],
    [
      'fn: { lambda: { provisioned: 1 }, versions: { 1: {} } }',
      'functions.fn.lambda.provisioned: belongs to a version; the function itself is $LATEST, which can have none',
    ],
    [
      'fn: { lambda: { reserved: 1 }, versions: { 1: { lambda: { provisioned: 2 } } } }',
      'functions.fn.versions: all "provisioned" together must be at most "reserved" (1), was: 2',
    ],
    [
      'fn: { async: { onFailure: { function: fm } } }',
      'functions.fn.async.onFailure.function: there is no function "fm"',
    ],
    [
      'fn: { async: { deadLetter: { queue: jobs } } }',
      'functions.fn.async.deadLetter.queue: there is no queue "jobs"',
    ],
    [
      'fn: { async: { onFailure: {} } }',
      'functions.fn.async.onFailure: must have either "function" or "queue"',
    ],
    ['fn: { async: { retries: 3 } }', 'functions.fn.async.retries: must be at most 2, was: 3'],
    [
      'fn: { versions: { one: {} } }',
      'functions.fn.versions.one: must be the number of a version, from 1',
    ],
    [
      'fn: { aliases: { 7: 1 } }',
      'functions.fn.aliases.7: must be letters, digits, "-" and "_", and not a number',
    ],
  ])('%s', (functions, problem) => {
    expect(problemsOf(functions)).toEqual([problem]);
  });
});
