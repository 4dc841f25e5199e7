// `functions.<name>` of `fulcrum.yml`: a program that speaks the Lambda Runtime API itself.

import { z } from 'zod';
import { command, lambda, programKeys, text } from './schema-program.ts';
import { queueSource } from './schema-queue.ts';

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
  queue: queueSource
    .optional()
    .describe('The queue whose messages it is invoked with: a name, or a block.'),
});
