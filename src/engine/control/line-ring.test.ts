import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LineRing } from './line-ring.ts';

it('keeps the last texts in order, whole, whatever comes', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constant('x'.repeat(3000)),
  );
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 200, max: 5000 }),
      (texts, capacity) => {
        const ring = new LineRing(capacity);
        const all: string[] = [];
        for (const one of texts) {
          // What is not well-formed is replaced on the way to UTF-8, as everywhere.
          const most = Math.floor(capacity / 4 / 3);
          all.push(Buffer.from(one.length > most ? one.slice(0, most) : one).toString());
          ring.push(one);
          const kept = ring.texts();
          expect(kept).toEqual(all.slice(all.length - kept.length));
          expect(kept.length + ring.dropped).toBe(all.length);
          expect(kept.length).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 100 },
  );
});

it('keeps about as much as it may', () => {
  const ring = new LineRing(100_000);
  for (let index = 0; index < 10_000; index += 1) ring.push(`line ${index} ${'.'.repeat(80)}`);
  const bytes = ring.texts().join('').length;
  expect(bytes).toBeGreaterThan(80_000);
  expect(bytes).toBeLessThan(100_000);
});
