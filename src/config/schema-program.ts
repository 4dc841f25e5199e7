// What services and functions share in `fulcrum.yml`: names, variables, secrets, the Lambda block.

import { z } from 'zod';
import { LAMBDA_EPHEMERAL_MIB, LAMBDA_MEMORY_MIB, LAMBDA_TIMEOUT_S } from '../model/aws-limits.ts';
import { duration, size, whole } from './quantity.ts';

/** How much of it there is, the account says. */
const MAX_RESERVED = 1_000_000;

export const name = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, {
  error: 'must be 1 to 30 of a-z, 0-9 and "-", beginning with a letter',
});
const variableName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, {
  error: 'must be the name of an environment variable: letters, digits and "_"',
});
export const text = z.string().min(1, { error: 'must not be empty' });

export const architecture = z
  .enum(['x86_64', 'arm64'])
  .default('x86_64')
  .describe('Processor. It decides the price; locally the program runs on what this machine has.');

export const command = z.union([text, z.array(text).min(1)], {
  error: 'must be a command line, or a list of words',
});

const secret = z.string().regex(/^(ssm:\/?|secretsmanager:)[\w./@+=:-]+$/, {
  error: 'must be "ssm:/name" or "secretsmanager:name"',
});

/** Keys of every program. */
export const programKeys = {
  source: text.default('.').describe('Folder of the program, relative to this file.'),
  build: text.optional().describe('Run once in the source folder before the first copy starts.'),
  environment: z
    .record(variableName, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('Variables for the program, on both computes.'),
  secrets: z
    .record(variableName, secret)
    .default({})
    .describe(
      'Variables whose value is kept elsewhere: "ssm:/name" or "secretsmanager:name". Locally the value comes from .env, by the name of the variable.',
    ),
  image: text
    .optional()
    .describe(
      'With --containers: an image that is there or can be pulled, instead of building one.',
    ),
  dockerfile: text
    .optional()
    .describe(
      'With --containers: the Dockerfile, in the source folder, which is what it may copy from. Default "Dockerfile".',
    ),
  imageCommand: z
    .array(text)
    .min(1)
    .optional()
    .describe(
      'With --containers: words in place of the CMD of the image, as "command" of a container on ECS. Default: what the image says; for a function with a "handler", the handler.',
    ),
};

/** What a version may say instead of its function. Variables are merged. */
export const programOverlay = {
  source: text.optional().describe('Folder of this version, relative to this file.'),
  build: text.optional().describe('Run once in the source folder of this version.'),
  environment: z
    .record(variableName, z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe('Variables of this version, over those of the function.'),
  secrets: z
    .record(variableName, secret)
    .default({})
    .describe('Secrets of this version, over those of the function.'),
  image: text.optional().describe('Image of this version, with --containers.'),
  dockerfile: text.optional().describe('Dockerfile of this version, with --containers.'),
  imageCommand: z
    .array(text)
    .min(1)
    .optional()
    .describe('In place of the CMD of the image of this version.'),
};

export const lambdaOverlay = z.strictObject({
  memory: size(LAMBDA_MEMORY_MIB).optional().describe('Memory in MB, 128 to 10240.'),
  timeout: duration(LAMBDA_TIMEOUT_S).optional().describe('Time an invocation may take.'),
  provisioned: whole({ min: 0, max: MAX_RESERVED })
    .default(0)
    .describe('Environments of this version kept initialised.'),
  architecture: z.enum(['x86_64', 'arm64']).optional().describe('Processor.'),
  ephemeral: size(LAMBDA_EPHEMERAL_MIB).optional().describe('Size of /tmp in MB.'),
  logFormat: z.enum(['text', 'json']).optional().describe('How Lambda writes its own lines.'),
});

export const lambda = z
  .strictObject({
    memory: size(LAMBDA_MEMORY_MIB)
      .prefault(512)
      .describe('Memory in MB, 128 to 10240. One vCPU comes with every 1769 MB.'),
    timeout: duration(LAMBDA_TIMEOUT_S)
      .prefault('30s')
      .describe('A request that takes longer fails and its environment is ended. 1 s to 900 s.'),
    reserved: whole({ min: 0, max: MAX_RESERVED })
      .optional()
      .describe(
        'Concurrency kept for this program: ceiling and floor. Without it the program shares what the account has left.',
      ),
    provisioned: whole({ min: 0, max: MAX_RESERVED })
      .default(0)
      .describe('Environments kept initialised. More load than they carry goes to others.'),
    architecture,
    ephemeral: size(LAMBDA_EPHEMERAL_MIB)
      .prefault(512)
      .describe(
        'Size of /tmp in MB, 512 to 10240. Charged above 512; locally $TMPDIR is a folder of its own, not limited in size.',
      ),
    logFormat: z
      .enum(['text', 'json'])
      .default('text')
      .describe('How Lambda writes its own lines: START, END and REPORT, or JSON objects.'),
  })
  .superRefine(({ reserved, provisioned }, context) => {
    if (reserved !== undefined && provisioned > reserved) {
      context.addIssue({
        code: 'custom',
        path: ['provisioned'],
        message: `must be at most "reserved" (${reserved}), was: ${provisioned}`,
        params: { fix: 'Lower "provisioned" or raise "reserved".' },
      });
    }
  });
