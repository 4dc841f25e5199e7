import { expect, it } from 'vitest';
import type { RedirectAction } from '../model/route.ts';
import { locationOf } from './redirect.ts';

const KEEP: RedirectAction = {
  kind: 'redirect',
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
  status: 302,
};

const URL_OF = {
  protocol: 'http',
  host: 'shop.example',
  port: 8080,
  path: '/a/b%20c',
  query: 'd=e',
} as const;

it.each<[Partial<RedirectAction>, string]>([
  [{}, 'http://shop.example:8080/a/b%20c?d=e'],
  [{ protocol: 'https', port: '443' }, 'https://shop.example:443/a/b%20c?d=e'],
  [{ path: '/new/#{path}' }, 'http://shop.example:8080/new/a/b%20c?d=e'],
  [{ host: 'www.#{host}', query: '' }, 'http://www.shop.example:8080/a/b%20c'],
  [
    { path: '/x/#{host}/#{port}/#{path}' },
    'http://shop.example:8080/x/shop.example/8080/a/b%20c?d=e',
  ],
  [
    { query: '#{query}&from=#{protocol}-#{host}-#{port}-#{path}' },
    'http://shop.example:8080/a/b%20c?d=e&from=http-shop.example-8080-a/b%20c',
  ],
])('a redirect %o leads to %s', (change, location) => {
  expect(locationOf({ ...KEEP, ...change }, URL_OF)).toBe(location);
});

it('a redirect of a request without a query has no "?"', () => {
  expect(locationOf(KEEP, { ...URL_OF, path: '/', query: '' })).toBe('http://shop.example:8080/');
});

it('a redirect fills in no keyword that the client wrote', () => {
  const url = { ...URL_OF, path: '/#{host}', query: '$&' };
  expect(locationOf(KEEP, url)).toBe('http://shop.example:8080/#{host}?$&');
});
