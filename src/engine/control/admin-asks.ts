// What the admin port may be asked, held to its form: whoever has the token may still be another
// version of the command line, or a script.

import { z } from 'zod';
import type { DescribedRequest } from '../../routing/explain.ts';
import type { Failure } from '../fargate/failures.ts';
import type { RedeployAsk } from '../redeploy.ts';

const text = z.string().min(1);

const explainAsk: z.ZodType<DescribedRequest> = z.strictObject({
  method: text,
  target: text,
  headers: z.array(z.tuple([z.string(), z.string()])),
  source: text,
  bodyBytes: z.int().min(0),
});

const redeployAsk: z.ZodType<RedeployAsk> = z.strictObject({
  services: z.array(text),
  force: z.boolean(),
});

const failure: z.ZodType<Failure> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('task'),
    task: text,
    how: z.enum(['kill', 'stop', 'hang']),
  }),
  z.strictObject({
    kind: z.literal('spot'),
    task: text.optional().transform((task): string | undefined => task),
  }),
  z.strictObject({ kind: z.literal('zone'), zone: text, back: z.boolean() }),
]);

export const ASKS = { explain: explainAsk, redeploy: redeployAsk, fail: failure } as const;

export type Read<of> =
  | { readonly ok: true; readonly asked: of }
  /** In words, what is wrong with it. */
  | { readonly ok: false; readonly why: string };

/** Reads the body of a request to the admin port. */
export function readAsk<of>(form: z.ZodType<of>, body: string): Read<of> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { ok: false, why: 'the body is not JSON' };
  }
  const read = form.safeParse(value);
  if (read.success) return { ok: true, asked: read.data };
  const why = read.error.issues.map(({ path, message }) => {
    const at = path.length === 0 ? 'the body' : `"${path.join('.')}"`;
    return `${at}: ${message}`;
  });
  return { ok: false, why: why.join('; ') };
}
