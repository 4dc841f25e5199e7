// `functions.<name>` of `fulcrum.yml`: a program that speaks the Lambda Runtime API itself, its
// versions and aliases, and what becomes of an invocation that nobody waits for.

import { z } from 'zod';
import { LAMBDA_ALIAS_VERSIONS, LAMBDA_ASYNC } from '../model/aws-limits.ts';
import { duration, whole } from './quantity.ts';
import { cors } from './schema-cors.ts';
import {
  command,
  lambda,
  lambdaOverlay,
  name,
  programKeys,
  programOverlay,
  text,
} from './schema-program.ts';
import { queueSource } from './schema-queue.ts';

const versionNumber = z.string().regex(/^[1-9]\d{0,8}$/, {
  error: 'must be the number of a version, from 1',
});

const aliasName = z.string().regex(/^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/, {
  error: 'must be letters, digits, "-" and "_", and not a number',
});

const versionName = z
  .union([z.number(), z.string()])
  .transform((value) => String(value))
  .pipe(
    z.string().regex(/^([1-9]\d{0,8}|\$LATEST)$/, {
      error: 'must be the number of a version, or "$LATEST"',
    }),
  );

const shares = z
  .record(versionNumber, z.number().min(0).max(100), {
    error: `must be a version, or ${LAMBDA_ALIAS_VERSIONS} versions with their percentages as { 2: 90, 1: 10 }`,
  })
  .superRefine((parts, context) => {
    const versions = Object.keys(parts).length;
    const sum = Object.values(parts).reduce((all, part) => all + part, 0);
    if (versions > LAMBDA_ALIAS_VERSIONS) {
      context.addIssue({
        code: 'custom',
        message: `must have at most ${LAMBDA_ALIAS_VERSIONS} versions, was: ${versions}`,
        params: { fix: 'Leave the two between which traffic shifts.' },
      });
    }
    if (Math.abs(sum - 100) > 1e-9) {
      context.addIssue({
        code: 'custom',
        message: `must have percentages that sum to 100, was: ${sum}`,
        params: { fix: 'Write it as { 2: 90, 1: 10 }.' },
      });
    }
  });

const alias = z.union([versionName, shares], {
  error: 'must be a version, or two versions with their percentages as { 2: 90, 1: 10 }',
});

const version = z.strictObject({
  ...programOverlay,
  command: command.optional().describe('Starts the runtime of this version.'),
  handler: text.optional().describe('What the runtime of this version runs.'),
  extensions: text.optional().describe('Folder of the extensions of this version.'),
  lambda: lambdaOverlay.optional().describe('Settings of this version on Lambda.'),
});

const destination = z
  .strictObject({
    function: name
      .optional()
      .describe('A function of this app, or a service on Lambda; it is invoked with the record.'),
    queue: name.optional().describe('A queue of this app; the record is a message in it.'),
  })
  .superRefine(({ function: fn, queue }, context) => {
    if ((fn === undefined) !== (queue === undefined)) return;
    context.addIssue({
      code: 'custom',
      message: 'must have either "function" or "queue"',
      params: { fix: 'Write { function: name } or { queue: name }.' },
    });
  });

const deadLetter = z.strictObject({
  queue: name.describe('A queue of this app; the event itself is a message in it.'),
});

const { retries, maxAge } = LAMBDA_ASYNC;

const asyncBlock = z.strictObject({
  retries: whole(retries)
    .default(retries.default)
    .describe('Attempts after one that ended with an error of the function: after 1, then 2 min.'),
  maxAge: duration(maxAge)
    .prefault('6h')
    .describe('An event that could not be handed over for this long is given up.'),
  onSuccess: destination.optional().describe('Gets the record of an event that succeeded.'),
  onFailure: destination.optional().describe('Gets the record of an event that was given up.'),
  deadLetter: deadLetter.optional().describe('Gets the event itself when it is given up.'),
});

const url = z
  .strictObject({
    invokeMode: z
      .enum(['buffered', 'stream'])
      .default('buffered')
      .describe('Answers in one piece of at most 6 MB, or as a stream of at most 200 MB.'),
    cors: cors
      .optional()
      .describe(
        'The URL answers pre-flights itself, and adds its headers to those of the function.',
      ),
    auth: z
      .enum(['none', 'iam'])
      .default('none')
      .describe('Who may call it. "iam" is refused yet.'),
  })
  .superRefine(({ auth }, context) => {
    if (auth === 'none') return;
    context.addIssue({
      code: 'custom',
      path: ['auth'],
      message: 'not yet: signatures of callers are not checked',
      params: { fix: 'Use "auth: none", or route to the function behind the front door.' },
    });
  });

export const lambdaFunction = z.strictObject({
  ...programKeys,
  command: command
    .optional()
    .describe(
      'Starts the runtime. Default: the runtime client that goes with "handler", else "./bootstrap".',
    ),
  handler: text
    .optional()
    .describe(
      'What the runtime runs, as "index.handler" (Node) or "app.handler" (Python). Without "command" it also chooses the runtime client: aws-lambda-ric or awslambdaric, installed with the function.',
    ),
  extensions: text
    .optional()
    .describe(
      'Folder of executables, in the source folder, that start before the runtime as /opt/extensions does.',
    ),
  lambda: lambda.prefault({}).describe('Settings on Lambda.'),
  url: url
    .optional()
    .describe('Gives the function a URL of its own; locally that is a port of its own.'),
  queue: queueSource
    .optional()
    .describe('The queue whose messages it is invoked with: a name, or a block.'),
  versions: z
    .record(versionNumber, version)
    .default({})
    .describe(
      'Published versions, by number: what differs from the function itself, which is $LATEST. Default: a version 1 like the function.',
    ),
  aliases: z
    .record(aliasName, alias)
    .default({})
    .describe('Name → version, or two versions with their percentages as { 2: 90, 1: 10 }.'),
  async: asyncBlock.prefault({}).describe('What becomes of an invocation that nobody waits for.'),
});
