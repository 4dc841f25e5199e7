// The `entry` block of `fulcrum.yml`: which front door, and its settings.

import { z } from 'zod';
import { ALB_IDLE_TIMEOUT_S, HTTP_API_AUDIENCES, HTTP_API_TIMEOUT_S } from '../model/aws-limits.ts';
import { duration, oneOrMore } from './quantity.ts';
import { cors } from './schema-cors.ts';
import { text } from './schema-program.ts';

const httpUrl = z.string().regex(/^https?:\/\/[^\s?#]+$/, {
  error: 'must be a URL without query, as "https://login.example/pool"',
});

const authorizer = z.strictObject({
  issuer: httpUrl.describe(
    'Who signs the tokens: their "iss" must be this, and the keys are found below it in .well-known/openid-configuration.',
  ),
  audience: oneOrMore(text)
    .refine((values) => values.length <= HTTP_API_AUDIENCES, {
      error: `must have at most ${HTTP_API_AUDIENCES} values`,
    })
    .describe('The token\'s "aud", or "client_id" if it has no "aud", must be one of these.'),
  jwks: httpUrl
    .optional()
    .describe('Where the keys are; for issuers without openid-configuration.'),
});

const payload = z
  .union([z.string(), z.number().transform((value) => value.toFixed(1))])
  .pipe(z.enum(['2.0', '1.0']));

/** Keys that go with one front door only. */
const ONLY = {
  idleTimeout: 'alb',
  multiValueHeaders: 'alb',
  payload: 'http-api',
  timeout: 'http-api',
  cors: 'http-api',
  authorizer: 'http-api',
} as const;

const entryBlock = z
  .strictObject({
    type: z
      .enum(['alb', 'http-api'])
      .default('alb')
      .describe('The front door: a load balancer, or an HTTP API of API Gateway.'),
    idleTimeout: duration(ALB_IDLE_TIMEOUT_S)
      .optional()
      .describe(
        `alb: a connection with nothing moving for this long is closed. 1 s to 4000 s, default ${ALB_IDLE_TIMEOUT_S.default}s.`,
      ),
    multiValueHeaders: z
      .boolean()
      .optional()
      .describe(
        'alb: functions get every value of a header and of a query key, in multiValueHeaders and multiValueQueryStringParameters, and answer with multiValueHeaders. Default true; with false, AWS’s own default, the last value alone is left, so two Cookies or Set-Cookies cannot be told.',
      ),
    payload: payload
      .optional()
      .describe('http-api: format of the events functions get. Default 2.0.'),
    timeout: duration(HTTP_API_TIMEOUT_S)
      .optional()
      .describe(
        'http-api: without an answer for this long the API answers 503; the function runs on and is billed. 50 ms to 30 s, default 30s.',
      ),
    cors: cors
      .optional()
      .describe(
        'http-api: the API answers pre-flights itself and drops the CORS headers of the program.',
      ),
    authorizer: authorizer
      .optional()
      .describe('http-api: requests need a JSON Web Token, signed with RSA.'),
  })
  .superRefine((block, context) => {
    for (const [key, type] of Object.entries(ONLY)) {
      if (block[key as keyof typeof ONLY] === undefined || block.type === type) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: `goes with the front door "${type}", not with "${block.type}"`,
        params: { fix: `Remove it, or use "type: ${type}".` },
      });
    }
  });

export const entry = z
  .union([z.enum(['alb', 'http-api']).transform((type) => ({ type })), z.unknown()])
  .pipe(entryBlock);
