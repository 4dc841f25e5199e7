import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRegex, regexProblem } from './rule-regex.ts';

describe('a regular expression of a rule', () => {
  it.each(['^/api/(.*)$', 'a{2,3}', '[a-z]+\\.example', '(?i)x', '\\d\\/\\w', ''])(
    'may be %s',
    (text) => {
      expect(regexProblem(text)).toBeUndefined();
    },
  );

  it.each([
    ['a(?=b)', 'lookahead'],
    ['(?<=a)b', 'lookbehind'],
    ['(a)\\1', 'reference back'],
    ['(?>a)', 'atomic group'],
    ['a++', 'possessive quantifier'],
    ['(?1)', 'subroutine'],
    ['(?R)', 'recursion'],
    ['\\p{L}', 'class of Unicode'],
    ['(', 'unfinished'],
  ])('may not be %s: %s', (text) => {
    expect(regexProblem(text)).toMatch(/^is not one a load balancer takes \(.+\)$/);
  });

  it('may not be larger than the front door can afford', () => {
    expect(regexProblem('(.{900})(.{900})')).toMatch(/^is too large: \d+ steps of at most 1000$/);
  });

  it('finds what the engine of JavaScript finds', () => {
    const expressions = ['^/a(b*)', '(a|b)+/', '/([^/]*)$', 'b{2}', 'a?b(a)?', '^$'];
    fc.assert(
      fc.property(
        fc.constantFrom(...expressions),
        fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 }),
        (expression, text) => {
          const ours = compileRegex(expression, { ignoreCase: false });
          const theirs = new RegExp(expression).exec(text);
          expect(ours.test(text)).toBe(theirs !== null);
          const found = ours.first(text);
          expect(found?.groups).toEqual(
            theirs === null ? undefined : theirs.map((one) => one ?? ''),
          );
          expect(found?.start).toBe(theirs?.index);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('costs steps in proportion to the text, where others explode', () => {
    const text = `${'a'.repeat(16_000)}!`;
    for (const expression of ['(a*)*b', '(a|aa)+$', '(x+x+)+y', '([a-z]+)*\\d']) {
      expect(compileRegex(expression, { ignoreCase: true }).test(text)).toBe(false);
    }
  });
});
