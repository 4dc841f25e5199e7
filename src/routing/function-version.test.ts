import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedVersion, resolveVersion, type VersionBook } from './function-version.ts';

const book: VersionBook = {
  versions: { 1: {}, 2: {}, 10: {} },
  aliases: {
    live: { version: '2', second: undefined },
    edge: { version: '$LATEST', second: undefined },
    canary: { version: '2', second: { version: '1', share: 0.1 } },
  },
};

describe('the version of a function', () => {
  it.each([
    [undefined, '$LATEST'],
    ['$LATEST', '$LATEST'],
    ['1', '1'],
    ['10', '10'],
    ['live', '2'],
    ['edge', '$LATEST'],
    ['3', undefined],
    ['nobody', undefined],
    ['constructor', undefined],
    ['$LATEST.PUBLISHED', undefined],
  ])('%s', (qualifier, version) => {
    expect(resolveVersion(book, qualifier, 0.5)).toBe(version);
  });

  it('is the newest for a route', () => {
    expect(publishedVersion(book)).toBe('10');
    expect(publishedVersion({ versions: { $LATEST: {}, 3: {} }, aliases: {} })).toBe('3');
    expect(publishedVersion({ versions: {}, aliases: {} })).toBe('$LATEST');
  });

  it('of an alias falls to the second for just its share', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (share, chance) => {
          const aliases = { canary: { version: '2', second: { version: '1', share } } };
          const version = resolveVersion({ ...book, aliases }, 'canary', chance);
          expect(version).toBe(chance < share ? '1' : '2');
        },
      ),
    );
  });

  it('is one of those behind the alias, whatever the chance', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        expect(['1', '2']).toContain(resolveVersion(book, 'canary', chance));
        expect(resolveVersion(book, 'live', chance)).toBe('2');
      }),
    );
  });
});
