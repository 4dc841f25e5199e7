// The paths an HTTP API can route by: whole segments, variables, one greedy variable at the end, and
// $default. [AGW:http-api-develop-routes]

export interface ApiPath {
  /** As API Gateway writes it: "/items/{id}", "/files/{proxy+}", "$default". */
  readonly text: string;
  readonly segments: readonly ApiSegment[];
  /** Name of the variable that takes all the rest, if there is one. */
  readonly greedy: string | undefined;
  readonly isDefault: boolean;
}

export type ApiSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string };

const VARIABLE = /^\{([\w.-]+)\}$/;
const GREEDY = /^\{([\w.-]+)\+\}$/;

/** `/a`, `/a/{id}`, `/a/*` (the same as `/a/{proxy+}`), `/*` ($default); undefined for others. */
export function parseApiPath(path: string): ApiPath | undefined {
  if (path === '/*') return { text: '$default', segments: [], greedy: undefined, isDefault: true };
  if (!path.startsWith('/')) return undefined;
  const parts = path.slice(1).split('/');
  const last = parts[parts.length - 1] ?? '';
  const greedy = last === '*' ? 'proxy' : GREEDY.exec(last)?.[1];
  const segments: ApiSegment[] = [];
  for (const part of greedy === undefined ? parts : parts.slice(0, -1)) {
    const name = VARIABLE.exec(part)?.[1];
    if (name === undefined && /[*?{}]/.test(part)) return undefined;
    segments.push(
      name === undefined ? { kind: 'literal', text: part } : { kind: 'variable', name },
    );
  }
  const tail = greedy === undefined ? '' : `/{${greedy}+}`;
  const written = segments.map((one) => `/${one.kind === 'literal' ? one.text : `{${one.name}}`}`);
  return { text: `${written.join('')}${tail}`, segments, greedy, isDefault: false };
}

/** What a route is called: "GET /items/{id}", "ANY /items", "$default". */
export function routeKey(method: string | undefined, { text, isDefault }: ApiPath): string {
  return isDefault ? text : `${method ?? 'ANY'} ${text}`;
}
