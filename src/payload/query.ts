// Query strings, as they were sent and decoded.

/** A parameter in the order of the query; without a "=" its value is "". */
export type Parameter = readonly [key: string, value: string];

/** The parameters as they were sent. */
export function rawParameters(query: string | undefined): readonly Parameter[] {
  if (query === undefined) return [];
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    });
}

/** The parameters decoded as those of a form: "+" is a space. */
export function decodedParameters(query: string | undefined): readonly Parameter[] {
  return rawParameters(query).map(([key, value]) => [formDecode(key), formDecode(value)]);
}

const formDecode = (text: string): string => percentDecode(text.replaceAll('+', ' '));

const ESCAPED_BYTES = /(?:%[0-9a-fA-F]{2})+/g;

/** What is not an escape stays; bytes that are not UTF-8 become U+FFFD. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(ESCAPED_BYTES, (escapes) =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** The values of each key, in the order in which the keys first came. */
export function grouped(pairs: Iterable<Parameter>): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
