import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from './lines.ts';

function linesOf(text: string, cuts: readonly number[]): readonly string[] {
  const bytes = new TextEncoder().encode(text);
  const lines: string[] = [];
  const splitter = new LineSplitter(
    (line, from, to) => lines.push(new TextDecoder().decode(line.slice(from, to))),
    () => expect.fail('too long'),
  );
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )) {
    // The chunk is written over, as one that is read into again.
    const chunk = bytes.slice(from, cut);
    splitter.push(chunk);
    chunk.fill(88);
    from = cut;
  }
  splitter.end();
  return lines;
}

it('cuts as String.split does, wherever chunks end', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r\n', '"'), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 12 }), (given, cuts) => {
      const wanted = given.split(/\r?\n/);
      if (wanted.at(-1) === '') wanted.pop();
      expect(linesOf(given, cuts)).toEqual(wanted);
    }),
    { numRuns: 2000 },
  );
});

it('keeps a line that is longer than its buffer, and refuses one without end', () => {
  const long = 'x'.repeat(MAX_LINE_BYTES);
  expect(linesOf(`a\n${long}\nb`, [5, 5000, 500_000])).toEqual(['a', long, 'b']);
  const refuse = new LineSplitter(
    () => {},
    () => {
      throw new Error('too long');
    },
  );
  refuse.push(new Uint8Array(MAX_LINE_BYTES));
  expect(() => refuse.push(new Uint8Array(1))).toThrow('too long');
});
