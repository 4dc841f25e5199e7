// The `entry` block of `fulcrum.yml`: which front door, and its settings.

import { z } from 'zod';
import {
  ALB_IDLE_TIMEOUT_S,
  ALB_KEEP_ALIVE_S,
  HTTP_API_AUDIENCES,
  HTTP_API_TIMEOUT_S,
} from '../model/aws-limits.ts';
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

const https = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(0)
      .describe('Where it listens on this machine; 0 takes a free port.'),
    http2: z.boolean().default(true).describe('Clients may speak HTTP/2.'),
    certificate: text
      .optional()
      .describe(
        'File in PEM with your certificate and those between it and its authority, relative to this file. Without it one for localhost is made in .fulcrum/tls.',
      ),
    key: text.optional().describe('File in PEM with the key of `certificate`.'),
  })
  .superRefine(({ certificate, key }, context) => {
    if ((certificate === undefined) === (key === undefined)) return;
    const [has, lacks] =
      certificate === undefined ? ['key', 'certificate'] : ['certificate', 'key'];
    context.addIssue({
      code: 'custom',
      path: [has],
      message: `needs "${lacks}" too`,
      params: { fix: `Add "${lacks}:", or remove it and let a certificate be made.` },
    });
  });

/** Keys that go with one front door only. */
const ONLY = {
  idleTimeout: 'alb',
  keepAlive: 'alb',
  forwardedFor: 'alb',
  clientPort: 'alb',
  preserveHost: 'alb',
  https: 'alb',
  accessLogs: 'alb',
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
    keepAlive: duration(ALB_KEEP_ALIVE_S)
      .optional()
      .describe(
        `alb: a client's connection that is older takes one more request and is closed with its answer. 1m to 7d, default ${ALB_KEEP_ALIVE_S.default}s.`,
      ),
    forwardedFor: z
      .enum(['append', 'preserve', 'remove'])
      .optional()
      .describe(
        'alb: what becomes of X-Forwarded-For: the client is added, it goes on as it came, it is taken out. Default append.',
      ),
    clientPort: z
      .boolean()
      .optional()
      .describe('alb: X-Forwarded-For has the port of the client too. Default false.'),
    preserveHost: z
      .boolean()
      .optional()
      .describe(
        'alb: Host goes on as it came. Default false: with the port of the listener, or without any if that is 80 or 443.',
      ),
    https: z
      .union([z.boolean(), https])
      .optional()
      .describe(
        'alb: a second listener for HTTPS and HTTP/2, with a certificate made on this machine or your own. Default false.',
      ),
    accessLogs: z
      .union([z.boolean(), text])
      .optional()
      .describe(
        'alb: lines as the access logs of a load balancer have them, in files of five minutes: true for .fulcrum/logs/access, or a folder relative to this file. Default false.',
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
