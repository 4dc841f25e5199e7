// Rules about queues that need more than one block of the file. As `cross-checks.ts`, they read the
// raw file and leave to the schema whatever is not of the expected shape.

import { closest } from '../base/closest.ts';
import { parseDuration } from '../base/duration.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/** Defaults of `queues.<name>.visibility` and of `lambda.timeout`. */
const DEFAULT_VISIBILITY_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 30_000;

export function checkQueues(raw: Block): readonly Finding[] {
  const queues = isBlock(raw['queues']) ? raw['queues'] : {};
  return [
    ...Object.keys(queues).flatMap((name) => checkDeadLetter(name, queues)),
    ...checkSources('services', raw['services'], queues),
    ...checkSources('functions', raw['functions'], queues),
  ];
}

function checkDeadLetter(name: string, queues: Block): readonly Finding[] {
  const path = ['queues', name, 'deadLetter', 'queue'];
  const target = valueAt(queues, path.slice(1));
  if (typeof target !== 'string') return [];
  if (target === name) {
    return [
      {
        path,
        say: 'is the queue itself: its dead letters would come back',
        fix: 'Declare another queue for them.',
      },
    ];
  }
  const unknown = checkKnown(path, target, queues);
  if (unknown.length > 0 || isFifo(queues, name) === isFifo(queues, target)) return unknown;
  const [one, other] = isFifo(queues, name) ? ['FIFO', 'standard'] : ['standard', 'FIFO'];
  return [
    {
      path,
      say: `"${name}" is a ${one} queue and "${target}" a ${other} one`,
      fix: 'Dead letters go to a queue of the same kind: set "fifo" of both alike.',
    },
  ];
}

const isFifo = (queues: Block, name: string) => valueAt(queues, [name, 'fifo']) === true;

function checkSources(block: string, programs: unknown, queues: Block): readonly Finding[] {
  if (!isBlock(programs)) return [];
  return Object.entries(programs).flatMap(([name, program]) =>
    isBlock(program) && program['queue'] !== undefined
      ? [
          ...checkOnLambda([block, name], program),
          ...checkSource([block, name, 'queue'], program, queues),
        ]
      : [],
  );
}

/** Only Lambda reads a queue for a program. A function always runs there. */
function checkOnLambda(path: readonly string[], program: Block): readonly Finding[] {
  if (path[0] === 'functions' || program['lambda'] !== undefined) return [];
  const say = 'needs a "lambda" block: on Fargate nothing reads a queue for a service';
  return [{ path: [...path, 'queue'], say, fix: 'Add "lambda: {}", or read the queue yourself.' }];
}

function checkSource(path: readonly string[], program: Block, queues: Block): readonly Finding[] {
  const { queue: source } = program;
  if (typeof source === 'string') return checkRead(path, source, program, queues);
  if (!isBlock(source)) return [];
  const { name: read, url } = source;
  const fifo =
    typeof read === 'string' ? isFifo(queues, read) : String(url ?? '').endsWith('.fifo');
  return [
    ...(typeof read === 'string' ? checkRead([...path, 'name'], read, program, queues) : []),
    ...(fifo ? checkNoWindow(path, source) : []),
  ];
}

/** A FIFO queue has no batch window, and so no batch above 10. [LDG:services-sqs-configure] */
function checkNoWindow(path: Finding['path'], { window }: Block): readonly Finding[] {
  const ms = msOf(window, 0);
  if (ms === undefined || ms === 0) return [];
  const say = 'is not there for a FIFO queue';
  return [{ path: [...path, 'window'], say, fix: 'Remove it; a batch has 10 messages at most.' }];
}

/** AWS refuses a queue that gives a message back while the function may still work on it. */
function checkRead(
  path: Finding['path'],
  read: string,
  program: unknown,
  queues: Block,
): readonly Finding[] {
  const unknown = checkKnown(path, read, queues);
  if (unknown.length > 0) return unknown;
  const timeoutMs = msOf(valueAt(program, ['lambda', 'timeout']), DEFAULT_TIMEOUT_MS);
  const visibilityMs = msOf(valueAt(queues, [read, 'visibility']), DEFAULT_VISIBILITY_MS);
  if (timeoutMs === undefined || visibilityMs === undefined || visibilityMs >= timeoutMs) return [];
  return [
    {
      path,
      say: `the queue hides a message for ${visibilityMs / 1000} s, and the function may run ${timeoutMs / 1000} s`,
      fix: `Set "visibility" of "${read}" to ${timeoutMs / 1000}s or more (six times the timeout is recommended), or lower "lambda.timeout".`,
    },
  ];
}

function checkKnown(path: Finding['path'], name: string, queues: Block): readonly Finding[] {
  const known = Object.keys(queues);
  if (known.includes(name)) return [];
  const near = closest(name, known);
  const add = 'Declare it below "queues".';
  const fix = near === undefined ? add : `Did you mean "${near}"?`;
  return [{ path, say: `there is no queue "${name}"`, fix }];
}

/** Undefined when it is no duration. */
function msOf(value: unknown, fallback: number): number | undefined {
  if (value === undefined) return fallback;
  if (typeof value === 'number') return value * 1000;
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
