// What a call of the Lambda API asks for, from its method and target. [BOTO lambda]

import {
  type NamedFunction,
  type NameProblem,
  parseFunctionName,
} from '../../routing/function-name.ts';

export type InvokeKind = 'Invoke' | 'InvokeWithResponseStream' | 'InvokeAsync';

export type ReadKind =
  | 'GetFunction'
  | 'GetFunctionConfiguration'
  | 'ListVersionsByFunction'
  | 'ListAliases'
  | 'GetAlias';

export type Operation =
  | {
      readonly type: 'invoke';
      readonly kind: InvokeKind;
      readonly named: NamedFunction | NameProblem;
    }
  | {
      readonly type: 'read';
      readonly kind: ReadKind;
      readonly named: NamedFunction | NameProblem;
      /** Of GetAlias. */
      readonly alias: string;
      readonly query: URLSearchParams;
    }
  | { readonly type: 'list'; readonly query: URLSearchParams }
  | { readonly type: 'unknown' };

const PATHS: readonly (readonly [method: string, path: RegExp, kind: InvokeKind | ReadKind])[] = [
  ['POST', /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/, 'Invoke'],
  [
    'POST',
    /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations\/?$/,
    'InvokeWithResponseStream',
  ],
  ['POST', /^\/2014-11-13\/functions\/([^/]+)\/invoke-async\/?$/, 'InvokeAsync'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)$/, 'GetFunction'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/, 'GetFunctionConfiguration'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/versions\/?$/, 'ListVersionsByFunction'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/?$/, 'ListAliases'],
  ['GET', /^\/2015-03-31\/functions\/([^/]+)\/aliases\/([^/]+)$/, 'GetAlias'],
];

const LIST = /^\/2015-03-31\/functions\/?$/;

/** Targets seen before; callers repeat themselves. Long ones are not worth their memory. */
const MAX_KNOWN = 1000;
const MAX_KNOWN_LENGTH = 300;
const known = new Map<string, Operation>();

export function operationOf(method: string, target: string): Operation {
  const key = `${method} ${target}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const operation = read(method, target);
  if (key.length > MAX_KNOWN_LENGTH) return operation;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, operation);
  return operation;
}

function read(method: string, target: string): Operation {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
  if (method === 'GET' && LIST.test(path)) return { type: 'list', query };
  for (const [wanted, pattern, kind] of PATHS) {
    const match = wanted === method ? pattern.exec(path) : null;
    if (match === null) continue;
    const named = parseFunctionName(decoded(match[1]), query.get('Qualifier') ?? undefined);
    return isInvoke(kind)
      ? { type: 'invoke', kind, named }
      : { type: 'read', kind, named, alias: decoded(match[2]), query };
  }
  return { type: 'unknown' };
}

function isInvoke(kind: InvokeKind | ReadKind): kind is InvokeKind {
  return kind.startsWith('Invoke');
}

/** What cannot be decoded is no name either, and is refused as one. */
function decoded(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
