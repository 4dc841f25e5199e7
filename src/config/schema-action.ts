// What a route of `fulcrum.yml` does besides going to one service or function: the other actions and
// the transforms of a listener rule.

import { z } from 'zod';
import {
  ALB_FIXED_BODY,
  ALB_FORWARD,
  ALB_REDIRECT_LENGTH,
  ALB_REWRITE_LENGTH,
  ALB_STICKINESS_S,
} from '../model/aws-limits.ts';
import { compileRegex, regexProblem } from '../model/rule-regex.ts';
import { duration, whole } from './quantity.ts';
import { name } from './schema-program.ts';

/** A regular expression of a rule. */
export function regularExpression(maxLength: number) {
  return z
    .string({ error: 'must be a regular expression' })
    .min(1, { error: 'must not be empty' })
    .max(maxLength, { error: `must be at most ${maxLength} characters` })
    .superRefine((text, context) => {
      const problem = regexProblem(text);
      if (problem === undefined) return;
      context.addIssue({
        code: 'custom',
        message: `${problem}, was: ${JSON.stringify(text)}`,
        params: {
          fix: 'Write it for RE2: no lookaround, no references back, no possessive quantifiers, no \\p classes.',
        },
      });
    });
}

const redirectPart = (pattern: RegExp, error: string) => z.string().regex(pattern, { error });

const PARTS = {
  host: /^(?:[\w.-]|#\{host\})+$/,
  path: /^\/(?:[\w\-.$/~"'@:+&()!,;=*%]|#\{(?:host|port|path)\})*$/,
  query: /^(?:[^\s#]|#\{(?:protocol|host|port|path|query)\})*$/,
};

/** "https://#{host}:443/#{path}?#{query}" */
const REDIRECT_URL =
  /^(https?|#\{protocol\}):\/\/((?:[\w.-]|#\{host\})+)(?::(\d{1,5}|#\{port\}))?(\/(?:[\w\-.$/~"'@:+&()!,;=*%]|#\{(?:host|port|path)\})*)(?:\?((?:[^\s#]|#\{(?:protocol|host|port|path|query)\})*))?$/;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** What is not written is not there: a URL without a query drops the query. */
const redirectUrl = z
  .string()
  .regex(REDIRECT_URL, {
    error:
      'must be a URL with protocol, host and path, such as "https://#{host}:443/#{path}?#{query}"',
  })
  .transform((text) => {
    const [, protocol = '', host = '', port, path = '', query = ''] = REDIRECT_URL.exec(text) ?? [];
    return {
      protocol: protocol as 'http' | 'https' | '#{protocol}',
      host,
      port: port ?? DEFAULT_PORTS[protocol] ?? '#{port}',
      path,
      query,
      status: 302 as const,
    };
  });

const redirectBlock = z.strictObject({
  protocol: z.enum(['http', 'https', '#{protocol}']).default('#{protocol}').describe('Protocol.'),
  host: redirectPart(PARTS.host, 'must be a host name; "#{host}" is that of the request')
    .default('#{host}')
    .describe('Host; may contain "#{host}".'),
  port: z
    .union([whole({ min: 1, max: 65_535 }).transform(String), z.literal('#{port}')], {
      error: 'must be a port from 1 to 65535, or "#{port}"',
    })
    .prefault('#{port}')
    .describe('Port, 1 to 65535.'),
  path: redirectPart(PARTS.path, 'must begin with "/"; may contain #{host}, #{port} and #{path}')
    .default('/#{path}')
    .describe('Path; may contain #{host}, #{port} and #{path}, which comes without its "/".'),
  query: redirectPart(PARTS.query, 'must have no spaces and no "#" but those of the keywords')
    .default('#{query}')
    .describe('Query, without the "?"; may contain every keyword.'),
  status: z
    .literal([301, 302])
    .default(302)
    .describe('301 moved for good, which browsers remember; 302 for now.'),
});

export const redirect = z
  .union([redirectUrl, redirectBlock], { error: 'must be a URL or a block of its parts' })
  .superRefine(({ protocol, host, port, path, query }, context) => {
    const tooLong = Object.entries({ host, path, query }).find(
      ([, part]) => part.length > ALB_REDIRECT_LENGTH.part,
    );
    if (tooLong !== undefined || Number(port) > 65_535) {
      context.addIssue({
        code: 'custom',
        message:
          tooLong === undefined
            ? `must have a port of at most 65535, was: ${port}`
            : `must have a ${tooLong[0]} of at most ${ALB_REDIRECT_LENGTH.part} characters`,
        params: { fix: 'Shorten it.' },
      });
    }
    const same =
      protocol === '#{protocol}' && host === '#{host}' && port === '#{port}' && path === '/#{path}';
    if (!same) return;
    context.addIssue({
      code: 'custom',
      message: 'leads back to where it comes from',
      params: { fix: 'Change the protocol, the host, the port or the path.' },
    });
  });

export const respond = z
  .strictObject({
    status: whole({ min: 200, max: 599 })
      .refine((status) => status < 300 || status >= 400, {
        error: 'must be a status from 200 to 299 or from 400 to 599',
      })
      .describe('Status: 2XX, 4XX or 5XX.'),
    type: z
      .enum(['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'])
      .default('text/plain')
      .describe('Content type.'),
    body: z
      .string()
      .max(ALB_FIXED_BODY, { error: `must be at most ${ALB_FIXED_BODY} characters` })
      .default('')
      .describe(`Body, at most ${ALB_FIXED_BODY} characters.`),
  })
  .superRefine(({ status, body }, context) => {
    if (body === '' || (status !== 204 && status !== 205)) return;
    context.addIssue({
      code: 'custom',
      path: ['body'],
      message: `an answer ${status} has no body`,
      params: { fix: 'Remove it, or answer 200.' },
    });
  });

const replacement = z
  .strictObject({
    match: regularExpression(ALB_REWRITE_LENGTH).describe('Regular expression to look for.'),
    replace: z
      .string()
      .max(ALB_REWRITE_LENGTH, { error: `must be at most ${ALB_REWRITE_LENGTH} characters` })
      .describe('What stands in its place; "$1" is the text of the first group.'),
  })
  .superRefine(({ match, replace }, context) => {
    if (regexProblem(match) !== undefined) return;
    const { groups } = compileRegex(match, { ignoreCase: false });
    const beyond = [...replace.matchAll(/\$(\d)/g)].find(([, digit]) => Number(digit) > groups);
    if (beyond === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['replace'],
      message: `there is no group "${beyond[0]}": the expression has ${groups}`,
      params: { fix: 'Put the part to keep in parentheses, or use a lower number.' },
    });
  });

export const rewrite = z
  .strictObject({
    path: replacement.optional().describe('Path and query together; the result begins with "/".'),
    host: replacement.optional().describe('Host that the target is asked for.'),
  })
  .refine(({ path, host }) => path !== undefined || host !== undefined, {
    error: 'says nothing to write anew',
    params: { fix: 'Add "path:" or "host:" with "match" and "replace".' },
  });

export const forward = z
  .array(
    z.strictObject({
      service: name.optional().describe('A service.'),
      function: name.optional().describe('A function, instead of a service.'),
      compute: z
        .enum(['lambda', 'fargate'], {
          error:
            'must be "lambda" or "fargate": a listener rule names target groups, and each is of one compute',
        })
        .optional()
        .describe('Where. Has to be said for a service with both computes.'),
      weight: whole(ALB_FORWARD.weight).describe('Its part is this over the sum of all weights.'),
    }),
  )
  .min(1, { error: 'must have at least one group' })
  .max(ALB_FORWARD.groups, { error: `must have at most ${ALB_FORWARD.groups} groups` });

export const sticky = duration(ALB_STICKINESS_S);
