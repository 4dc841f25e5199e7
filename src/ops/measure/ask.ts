// What a person asks `fulcrum measure` for, read from the command line and from a file of requests.

import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import type { Target } from '../../cost/measure/measurement.ts';
import { MAX_WEIGHT, parseRequest, type RequestSpec } from '../../cost/measure/requests.ts';
import type { Machine } from '../machine.ts';

export interface Asked {
  readonly cwd: string;
  /** "GET /path", with a weight in front. */
  readonly requests: readonly string[];
  /** A file of requests. */
  readonly file: string | undefined;
  /** "Name: value", for every request of `requests`. */
  readonly headers: readonly string[];
  /** For those of `requests` that take one: a text, or "@" and a file. */
  readonly body: string | undefined;
  /** "200ms". */
  readonly target: string | undefined;
  /** "p95". */
  readonly percentile: string | undefined;
  /** "30s". */
  readonly time: string | undefined;
  /** "0.25". */
  readonly vcpu: string | undefined;
}

/** Missing are those that were not asked for. */
export interface Understood {
  readonly requests: readonly RequestSpec[];
  readonly targetMs: Millis | undefined;
  readonly percentile: Target['percentile'] | undefined;
  readonly timeMs: Millis | undefined;
  readonly vcpu: number | undefined;
}

/** Sizes of a task. [ECS:task_definition_parameters] */
const VCPUS = [0.25, 0.5, 1, 2, 4, 8, 16];

const MIN_TIME_MS = 5000;

const BODILESS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Throws USAGE. */
export function understand(machine: Machine, asked: Asked): Understood {
  const headers = headersOf(asked.headers);
  const body = bodyOf(machine, asked);
  const given = asked.requests.map((text) => requestOf(text, headers, body));
  if (body !== undefined && given.every(({ method }) => BODILESS.has(method))) {
    throw usage('--body is for a request that takes one.', "Add --request 'POST /path'.");
  }
  if (asked.headers.length > 0 && given.length === 0) {
    throw usage('--header is for a --request, and there is none.', "Add --request 'GET /path'.");
  }
  const fromFile = asked.file === undefined ? [] : requestsOf(machine, asked.cwd, asked.file);
  return {
    requests: [...given, ...fromFile],
    targetMs: duration('--target', asked.target, { min: 1, max: 900_000 }),
    percentile: asked.percentile === undefined ? undefined : Number(asked.percentile.slice(1)),
    timeMs: duration('--time', asked.time, { min: MIN_TIME_MS, max: 3_600_000 }),
    vcpu: vcpuOf(asked.vcpu),
  };
}

function usage(problem: string, fix: string): Fault {
  return new Fault('USAGE', { problem, fix });
}

function duration(
  option: string,
  text: string | undefined,
  { min, max }: { readonly min: Millis; readonly max: Millis },
): Millis | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= min && ms <= max) return ms;
  throw usage(
    `${option} must be a duration from ${say(min)} to ${say(max)}, was: ${text}`,
    `Write it with its unit: ${option} ${option === '--time' ? '60s' : '200ms'}.`,
  );
}

const say = (ms: Millis): string => (ms < 1000 ? `${ms}ms` : `${ms / 1000}s`);

function vcpuOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const vcpu = Number(text);
  if (VCPUS.includes(vcpu)) return vcpu;
  throw usage(`--vcpu must be the size of a task, was: ${text}`, `Use ${VCPUS.join(', ')}.`);
}

function headersOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*([^\r\n]*)$/.exec(text);
      if (match === null) {
        throw usage(
          `--header must be "Name: value", was: ${text}`,
          "Write --header 'Authorization: Bearer …'.",
        );
      }
      return [match[1] ?? '', match[2] ?? ''];
    }),
  );
}

function bodyOf(machine: Machine, { body, cwd }: Asked): string | undefined {
  if (body?.startsWith('@') !== true) return body;
  const text = machine.readText(resolve(cwd, body.slice(1)));
  if (text !== undefined) return text;
  throw usage(
    `There is no file ${body.slice(1)}, which --body names.`,
    'Name a file that is there, or give the body itself without "@".',
  );
}

function requestOf(
  text: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): RequestSpec {
  const parsed = parseRequest(text);
  if (parsed === undefined) {
    throw usage(
      `--request must be a method and a path, with a weight from 1 to ${MAX_WEIGHT} in front if you like, was: ${text}`,
      "Write --request 'GET /orders?limit=10', or --request '3 POST /orders'.",
    );
  }
  return { ...parsed, headers, body: BODILESS.has(parsed.method) ? undefined : body };
}

const fileEntry = z.union([
  z.string(),
  z.strictObject({
    request: z.string(),
    weight: z.int().min(1).max(MAX_WEIGHT).optional(),
    headers: z
      .record(z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/), z.string().regex(/^[^\r\n]*$/))
      .optional(),
    body: z.unknown().optional(),
    bodyFile: z.string().optional(),
  }),
]);

/** A list, in YAML or JSON. Bodies that are no texts are sent as JSON. */
function requestsOf(machine: Machine, cwd: string, file: string): readonly RequestSpec[] {
  const path = resolve(cwd, file);
  const text = machine.readText(path);
  const wrong = (problem: string) =>
    usage(
      `${file} is not a list of requests: ${problem}`,
      'Write it as docs/guide/measure.md has it: - request: POST /orders, with weight, headers and body.',
    );
  if (text === undefined) {
    throw usage(`There is no file ${file}, which --requests names.`, 'Name one that is there.');
  }
  let read: unknown;
  try {
    read = parse(text);
  } catch (error) {
    throw wrong(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  const parsed = z.array(fileEntry).min(1).safeParse(read);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const [entry = 0, ...key] = issue?.path ?? [];
    throw wrong(`entry ${Number(entry) + 1}, ${key.join('.') || 'the whole'}: ${issue?.message}`);
  }
  return parsed.data.map((entry, index) => {
    const one = typeof entry === 'string' ? { request: entry } : entry;
    const request = parseRequest(one.request);
    if (request === undefined) {
      throw wrong(`entry ${index + 1} must be a method and a path, was: ${one.request}`);
    }
    const body = fileBody(machine, path, one, wrong);
    return {
      ...request,
      weight: one.weight ?? request.weight,
      headers: one.headers ?? {},
      body,
    };
  });
}

function fileBody(
  machine: Machine,
  path: string,
  { body, bodyFile }: { readonly body?: unknown; readonly bodyFile?: string | undefined },
  wrong: (problem: string) => Fault,
): string | undefined {
  if (bodyFile !== undefined) {
    if (body !== undefined) throw wrong('an entry has both a body and a bodyFile.');
    const text = machine.readText(resolve(dirname(path), bodyFile));
    if (text === undefined) throw wrong(`there is no file ${bodyFile}.`);
    return text;
  }
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}
