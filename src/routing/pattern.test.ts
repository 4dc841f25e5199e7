import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, literalPrefix } from './pattern.ts';

const matches = (pattern: string, text: string, ignoreCase = false) =>
  compilePattern(pattern, { ignoreCase })(text);

/** The same meaning as a regular expression: the oracle. */
function oracle(pattern: string): RegExp {
  const source = pattern
    .split('')
    .map((char) =>
      char === '*' ? '[^]*' : char === '?' ? '[^]' : char.replace(/[$()+.[\\\]^{|}]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`);
}

describe('patterns of a load balancer', () => {
  it('take "*" as any text and "?" as one character', () => {
    expect(matches('/api/*', '/api/')).toBe(true);
    expect(matches('/api/*', '/api')).toBe(false);
    expect(matches('/api/*', '/apix/y')).toBe(false);
    expect(matches('/img/*/pics', '/img/a/b/pics')).toBe(true);
    expect(matches('/v?/x', '/v1/x')).toBe(true);
    expect(matches('/v?/x', '/v12/x')).toBe(false);
    expect(matches('*', '')).toBe(true);
    expect(matches('?', '')).toBe(false);
  });

  it('tell cases apart in paths and not in hosts', () => {
    expect(matches('/Api', '/api')).toBe(false);
    expect(matches('*.Example.com', 'API.example.COM', true)).toBe(true);
  });

  it('mean what the same regular expression means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 12 });
    const pattern = fc.string({
      unit: fc.constantFrom('a', 'b', '/', '.', '*', '?'),
      maxLength: 8,
    });
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect(matches(one, other)).toBe(oracle(one).test(other));
      }),
      { numRuns: 5000 },
    );
  });

  it('stay fast where a regular expression would not', () => {
    const pattern = `${'*a'.repeat(6)}b`;
    expect(matches(pattern, 'a'.repeat(20_000))).toBe(false);
  });

  it('begin with their literal prefix', () => {
    expect(literalPrefix('/api/*')).toBe('/api/');
    expect(literalPrefix('/api')).toBe('/api');
    expect(literalPrefix('*')).toBe('');
  });
});
