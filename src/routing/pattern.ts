// The patterns of a load balancer's rules: "*" stands for any text, also none, "?" for exactly one
// character, everything else for itself. No regular expression, so no pattern can be slow: matching
// takes time proportional to text × pattern at worst.

/** How texts are compared. */
export interface Comparing {
  /** As ALB compares hosts, header values and queries. */
  readonly ignoreCase: boolean;
  /** "\*" and "\?" are these characters themselves, as in queries. */
  readonly escapes?: boolean;
}

export type Matcher = (text: string) => boolean;

export function compilePattern(
  pattern: string,
  { ignoreCase, escapes = false }: Comparing,
): Matcher {
  if (ignoreCase) {
    const match = compilePattern(pattern.toLowerCase(), { ignoreCase: false, escapes });
    return (text) => match(text.toLowerCase());
  }
  if (pattern === '*') return () => true;
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  if (escapes && pattern.includes('\\')) {
    const tokens = tokensOf(pattern);
    return (text) => matches(tokens, text);
  }
  const prefix = literalPrefix(pattern);
  if (pattern === `${prefix}*`) return (text) => text.startsWith(prefix);
  return (text) => matches(pattern, text);
}

/** Single characters; an escaped one has its "\" before it. */
function tokensOf(pattern: string): readonly string[] {
  return pattern.match(/\\[*?]|[\s\S]/g) ?? [];
}

/** The text before the first wildcard: every match begins with it. */
export function literalPrefix(pattern: string): string {
  const wildcard = pattern.search(/[*?]/);
  return wildcard === -1 ? pattern : pattern.slice(0, wildcard);
}

/** `pattern`: its characters, or its tokens. */
function matches(pattern: ArrayLike<string>, text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let retryFrom = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      retryFrom = position;
      at += 1;
    } else if (wanted === '?' || wanted === text[position] || isEscaped(wanted, text[position])) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      // The last "*" takes one character more, and the rest is tried again.
      retryFrom += 1;
      position = retryFrom;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function isEscaped(wanted: string | undefined, character: string | undefined): boolean {
  return wanted?.length === 2 && wanted[1] === character;
}
