// The head of a request on its way to a program, with what the Lambda Web Adapter does to every
// request, whatever door it came through: a base path taken off, a header that becomes Authorization.

import type { AdapterSettings } from './adapter-settings.ts';

/** The path without the base path, as often as it begins with it. May be empty. */
export function withoutBasePath(path: string, { basePath }: AdapterSettings): string {
  if (basePath === undefined || basePath === '') return path;
  let rest = path;
  while (rest.startsWith(basePath)) rest = rest.slice(basePath.length);
  return rest;
}

/** `head` is the text with its empty line. Only what the settings ask for is changed. */
export function adaptedHead(head: string, settings: AdapterSettings): string {
  const { basePath, authorizationSource } = settings;
  const based = basePath === undefined ? head : withBasePath(head, settings);
  return authorizationSource === undefined ? based : authorized(based, authorizationSource);
}

function withBasePath(head: string, settings: AdapterSettings): string {
  const from = head.indexOf(' ') + 1;
  const to = head.indexOf(' ', from);
  const target = head.slice(from, to);
  const mark = target.indexOf('?');
  const path = withoutBasePath(mark === -1 ? target : target.slice(0, mark), settings);
  const query = mark === -1 ? '' : target.slice(mark);
  const rooted = path.startsWith('/') ? path : `/${path}`;
  return `${head.slice(0, from)}${rooted}${query}${head.slice(to)}`;
}

/** The first value of the source; what was there as Authorization goes. */
function authorized(head: string, source: string): string {
  const lines = head.split('\r\n');
  const nameOf = (line: string) => line.slice(0, line.indexOf(':')).toLowerCase();
  const found = lines.slice(1).find((line) => nameOf(line) === source);
  if (found === undefined) return head;
  const value = found.slice(found.indexOf(':') + 1).trim();
  const kept = lines.filter(
    (line, index) => index === 0 || (nameOf(line) !== source && nameOf(line) !== 'authorization'),
  );
  // The last two are the end of the last line and the empty one.
  kept.splice(-2, 0, `authorization: ${value}`);
  return kept.join('\r\n');
}

/** What the request says it accepts, in a head as above. */
export function acceptedEncodings(head: string): readonly (readonly [string, string])[] {
  const values = [...head.matchAll(/^accept-encoding:(.*)$/gim)];
  return values.map(([, value = '']) => ['accept-encoding', value.trim()] as const);
}
