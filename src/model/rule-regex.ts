// The regular expressions of listener rules.
//
// They run in RE2's engine, whose time grows with the text and never explodes, and which lacks what
// a load balancer lacks too: looking around, references back, atomic groups, possessive quantifiers,
// recursion, classes of Unicode. [ELB:rule-condition-types]

import { RE2JS, RE2JSSyntaxException } from 're2js';

/** As large as a compiled expression may be; a load balancer has a limit too, but says no number. */
export const REGEX_INSTRUCTIONS = 1000;

export interface Regex {
  /** Any part of `text` matches. */
  test(text: string): boolean;
  /** Where the first match is, with the texts of its groups; undefined without one. */
  first(text: string): RegexMatch | undefined;
  readonly groups: number;
}

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** [0] is the whole match; a group that took no part is "". */
  readonly groups: readonly string[];
}

/** What is wrong with it, in words; undefined if it can be used. */
export function regexProblem(text: string): string | undefined {
  try {
    const size = RE2JS.compile(text, RE2JS.DISABLE_UNICODE_GROUPS).programSize();
    if (size <= REGEX_INSTRUCTIONS) return undefined;
    return `is too large: ${size} steps of at most ${REGEX_INSTRUCTIONS}`;
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return `is not one a load balancer takes (${sayProblem(error.message)})`;
  }
}

/** "error parsing regexp: missing closing ): `(a`" without its first half. */
function sayProblem(message: string): string {
  return message.replace(/^error parsing regexp: /, '').replaceAll('`', '"');
}

/** `text` has no problem. */
export function compileRegex(text: string, { ignoreCase }: { ignoreCase: boolean }): Regex {
  const flags = RE2JS.DISABLE_UNICODE_GROUPS | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  const compiled = RE2JS.compile(text, flags);
  const groups = compiled.groupCount();
  return {
    groups,
    test: (input) => compiled.test(input),
    first(input) {
      const matcher = compiled.matcher(input);
      if (!matcher.find()) return undefined;
      return {
        start: matcher.start(),
        end: matcher.end(),
        groups: Array.from({ length: groups + 1 }, (_, index) => matcher.group(index) ?? ''),
      };
    },
  };
}
