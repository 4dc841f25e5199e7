// The `cors` block of `fulcrum.yml`, of an HTTP API and of a function URL.

import { z } from 'zod';
import { CORS_LIMITS } from '../model/aws-limits.ts';
import { oneOrMore, whole } from './quantity.ts';

const origin = z.string().regex(/^(\*|https?:\/\/(\*|[\w.-]+)(:(\d+|\*))?)$/, {
  error: 'must be "*" or an origin such as "https://app.example"',
});

const method = z.string().regex(/^(\*|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/, {
  error: 'must be "*" or a method in capitals, as "GET"',
});

const header = z.string().regex(/^(\*|[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100})$/, {
  error: 'must be "*" or the name of a header',
});

/** One value or a list of at most `most`. */
const upTo = (most: number, item: z.ZodType<string, string>) =>
  oneOrMore(item).refine((values) => values.length <= most, {
    error: `must have at most ${most} values`,
  });

export const cors = z
  .strictObject({
    origins: upTo(CORS_LIMITS.names, origin)
      .optional()
      .describe('Origins that may ask: "https://app.example", or "*".'),
    methods: upTo(CORS_LIMITS.methods, method).optional().describe('Methods they may use, or "*".'),
    headers: upTo(CORS_LIMITS.names, header)
      .optional()
      .describe('Request headers they may send, or "*".'),
    exposeHeaders: upTo(CORS_LIMITS.names, header)
      .optional()
      .describe('Response headers their scripts may read, or "*".'),
    maxAge: whole({ min: 0, max: CORS_LIMITS.maxAgeS })
      .optional()
      .describe('Seconds a browser may keep the answer to a pre-flight.'),
    credentials: z.boolean().default(false).describe('They may send cookies and Authorization.'),
  })
  .superRefine(({ origins, credentials }, context) => {
    if (!credentials || origins?.includes('*') !== true) return;
    context.addIssue({
      code: 'custom',
      path: ['credentials'],
      message: 'cannot go with the origin "*": no browser accepts that',
      params: { fix: 'Name the origins.' },
    });
  });
