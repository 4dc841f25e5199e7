// `routes[]` of `fulcrum.yml`: which request goes to which service or function.

import { z } from 'zod';
import {
  ALB_PATTERN_LENGTH,
  ALB_REGEX_LENGTH,
  ALB_RULES,
  HTTP_API_SCOPES,
} from '../model/aws-limits.ts';
import { oneOrMore, whole } from './quantity.ts';
import { forward, redirect, regularExpression, respond, rewrite, sticky } from './schema-action.ts';
import { name } from './schema-program.ts';

const pattern = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(ALB_PATTERN_LENGTH, { error: `must be at most ${ALB_PATTERN_LENGTH} characters` });

const pathPattern = pattern.regex(/^[/*?][\w\-.$/~"'@:+&()!,;=*?%{}]*$/, {
  error: 'must begin with "/" and have only the characters a load balancer takes, "*" and "?"',
});

const hostPattern = pattern.regex(/^[\w\-.*?]+$/, {
  error: 'must be a host name; "*" and "?" are wildcards',
});

const methodName = z.string().regex(/^[A-Z_-]{1,40}$/, { error: 'must be in capitals, as "GET"' });

const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: 'must be a block such as 10.0.0.0/8' });

const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, {
  error: 'must be a scope, without spaces',
});

const regexes = z.strictObject({
  regex: oneOrMore(regularExpression(ALB_REGEX_LENGTH)).describe(
    'Regular expressions, any of which is enough.',
  ),
});

/** Patterns, or regular expressions: as in a listener rule, not both. */
function textCondition(item: z.ZodType<string, string>) {
  return z.union(
    [
      oneOrMore(item).transform((values) => ({ kind: 'patterns' as const, values })),
      regexes.transform(({ regex }) => ({ kind: 'regexes' as const, values: regex })),
    ],
    { error: 'must be a text, a list of texts, or "regex:" with one of either' },
  );
}

export const route = z.strictObject({
  path: textCondition(pathPattern)
    .optional()
    .describe(
      'alb: "*" is any text, "?" one character; or { regex: … }. http-api: "/a", "/a/{id}", "/a/*" for all below it, "/*" for everything else.',
    ),
  host: textCondition(hostPattern)
    .optional()
    .describe('alb: host name; "*" and "?" are wildcards; or { regex: … }.'),
  method: oneOrMore(methodName).optional().describe('HTTP method.'),
  header: z
    .record(z.string().regex(/^[\w-]{1,40}$/), textCondition(pattern))
    .optional()
    .describe(
      'alb: header name → value, list of values or { regex: … }; "*" and "?" are wildcards.',
    ),
  query: z
    .record(pattern, oneOrMore(pattern))
    .optional()
    .describe('alb: query key → value or list of values; the key "*" is any key.'),
  source: oneOrMore(cidr as z.ZodType<string, string>)
    .optional()
    .describe('alb: address block of the client, as the front door sees it.'),
  priority: whole({ min: 1, max: ALB_RULES.maxPriority })
    .optional()
    .describe(
      'alb: lowest first. Without it routes are tried in the order they are written. An http-api takes the most exact path instead.',
    ),
  service: name.optional().describe('The service that answers.'),
  function: name.optional().describe('The function that answers, instead of a service.'),
  compute: z
    .enum(['lambda', 'fargate', 'auto'])
    .optional()
    .describe('Where. Default "auto" for a service with both computes, else the one it has.'),
  forward: forward
    .optional()
    .describe(
      'alb: instead of one service, up to five groups by weight. None stands in for another that is empty or unhealthy.',
    ),
  sticky: sticky
    .optional()
    .describe('alb: a client stays with its group of "forward" for this long: 1 s to 7 d.'),
  redirect: redirect
    .optional()
    .describe(
      'alb: sends the client elsewhere: a URL, or its parts. #{protocol}, #{host}, #{port}, #{path} and #{query} are those of the request.',
    ),
  respond: respond.optional().describe('alb: answers by itself.'),
  rewrite: rewrite
    .optional()
    .describe('alb: writes path and host anew before the request goes to its target.'),
  authorizer: z
    .enum(['none'])
    .optional()
    .describe('http-api: "none" takes requests without a token.'),
  scopes: oneOrMore(scope)
    .refine((values) => values.length <= HTTP_API_SCOPES, {
      error: `must have at most ${HTTP_API_SCOPES} values`,
    })
    .optional()
    .describe('http-api: the token must have one of these scopes.'),
});
