// How a caller names a function: by its name, a part of its ARN or the whole ARN, with or without a
// qualifier. [BOTO lambda NamespacedFunctionName]
//
// The account is not compared: a program that has the ARN of its real function in its settings
// reaches the local one.

export interface NamedFunction {
  readonly name: string;
  /** Undefined when the name says no region. */
  readonly region: string | undefined;
  readonly qualifier: string | undefined;
}

const REGION = '(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\\d';
const NAME = new RegExp(
  `^(?:arn:aws[a-zA-Z-]*:lambda:(${REGION}):\\d{12}:(?:function:)?|(?:(${REGION}):)?(?:\\d{12}:)?(?:function:)?)` +
    '([a-zA-Z0-9-_.]+)(?::(\\$LATEST|[a-zA-Z0-9-_]+))?$',
);
const QUALIFIER = /^(\$LATEST|[a-zA-Z0-9-_]+)$/;

/** The longest name the API takes, as an ARN. [BOTO lambda NamespacedFunctionName] */
const MAX_LENGTH = 170;

/** What is wrong with the name or the qualifier, in AWS's words. */
export interface NameProblem {
  readonly kind: 'malformed' | 'mismatch';
  readonly problem: string;
}

/** `qualifier` is that of the query; it must agree with one in the name. */
export function parseFunctionName(
  text: string,
  qualifier: string | undefined,
): NamedFunction | NameProblem {
  const match = text.length > MAX_LENGTH ? null : NAME.exec(text);
  if (match === null) return malformed(text, 'functionName', NAME);
  if (qualifier !== undefined && !QUALIFIER.test(qualifier)) {
    return malformed(qualifier, 'qualifier', QUALIFIER);
  }
  const [, arnRegion, region, name = '', inName] = match;
  if (inName !== undefined && qualifier !== undefined && inName !== qualifier) {
    return {
      kind: 'mismatch',
      problem:
        'The derived qualifier from the function name does not match the specified qualifier.',
    };
  }
  return { name, region: arnRegion ?? region, qualifier: qualifier ?? inName };
}

function malformed(value: string, key: string, pattern: RegExp): NameProblem {
  return {
    kind: 'malformed',
    problem: `1 validation error detected: Value '${value}' at '${key}' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`,
  };
}
