// The prelude of a stream: however it is cut, whatever is wrong with it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRELUDE_BYTES, PreludeReader, type PreludeStep } from './prelude.ts';

const NULS = Buffer.alloc(8);

/** What the chunks bring to light together. */
function readAll(chunks: readonly Buffer[]) {
  const reader = new PreludeReader();
  const steps: PreludeStep[] = chunks.map((chunk) => reader.push(chunk));
  const body = steps.flatMap((step) =>
    step.kind === 'head' || step.kind === 'body' ? [step.body] : [],
  );
  return {
    heads: steps.flatMap((step) => (step.kind === 'head' ? [step.head] : [])),
    bad: steps.flatMap((step) => (step.kind === 'bad' ? [step.bad.problem] : [])),
    body: Buffer.concat(body),
    end: reader.end()?.problem,
  };
}

const stream = (prelude: unknown, body: Buffer | string) =>
  Buffer.concat([Buffer.from(JSON.stringify(prelude)), NULS, Buffer.from(body)]);

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
}

describe('a prelude', () => {
  const prelude = {
    statusCode: 201,
    headers: { 'Content-Type': 'text/event-stream', 'x-many': ['1', '2'], connection: 'close' },
    cookies: ['a=1', 'b=2'],
  };

  it('(P2) is the same however it is cut', () => {
    const body = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(body, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        const read = readAll(cut(stream(prelude, Buffer.from(bytes)), places));
        expect(read).toEqual({
          heads: [
            {
              status: 201,
              fields: [
                ['Content-Type', 'text/event-stream'],
                ['x-many', '1'],
                ['x-many', '2'],
                ['set-cookie', 'a=1'],
                ['set-cookie', 'b=2'],
              ],
            },
          ],
          bad: [],
          body: Buffer.from(bytes),
          end: undefined,
        });
      }),
    );
  });

  it('says 200 when it says nothing', () => {
    expect(readAll([stream({}, '')]).heads).toEqual([{ status: 200, fields: [] }]);
  });

  it.each([
    ['oops', 'has no JSON as its prelude'],
    ['[]', 'has an array as its prelude'],
    ['{"statusCode":1000}', 'has the "statusCode" 1000'],
    ['{"headers":1}', 'has a number as its "headers"'],
    ['{"headers":{"a b":"1"}}', 'has the header name "a b"'],
    ['{"cookies":[1]}', 'has a number in its "cookies"'],
    ['a\0b', 'has a NUL byte in its prelude'],
  ])('%j %s', (text, problem) => {
    const bytes = Buffer.concat([Buffer.from(text), NULS, Buffer.from('body')]);
    const whole = readAll([bytes]);
    expect(whole).toMatchObject({ heads: [], bad: [problem], body: Buffer.alloc(0) });
    expect(readAll(cut(bytes, [...bytes.keys()]))).toEqual(whole);
  });

  it('ends within itself', () => {
    expect(readAll([Buffer.from('{"statusCode":200}'), Buffer.alloc(7)]).end).toBe(
      'ends within its prelude',
    );
  });

  it('(P1) is given up when it grows too long', () => {
    const space = Buffer.alloc(PRELUDE_BYTES - 2, ' ');
    const longest = Buffer.concat([Buffer.from('{}'), space, NULS]);
    expect(readAll([longest]).heads).toHaveLength(1);
    const problem = `has no 8 NUL bytes within its first ${PRELUDE_BYTES} bytes`;
    expect(readAll([Buffer.from(' '), longest]).bad).toEqual([problem]);
    expect(readAll([space, space, space]).bad).toEqual([problem]);
  });

  it('never throws', () => {
    const chunks = fc.array(fc.uint8Array().map((bytes) => Buffer.from(bytes)));
    fc.assert(fc.property(chunks, (all) => void readAll(all)));
  });
});
