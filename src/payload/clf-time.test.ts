// The civil calendar of access logs, held against the one of Node.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clfTime } from './clf-time.ts';

it('writes a time as access logs do', () => {
  expect(clfTime(1767225600000)).toBe('01/Jan/2026:00:00:00 +0000');
  expect(clfTime(1584039838390)).toBe('12/Mar/2020:19:03:58 +0000');
});

it('agrees with Node on every day from 1900 to 2400', () => {
  const span = { min: -2208988800000, max: 13569465600000 };
  fc.assert(
    fc.property(fc.integer(span), (ms) => {
      const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
      expect(clfTime(ms)).toBe(`${day}/${month}/${year}:${time} +0000`);
    }),
  );
});
