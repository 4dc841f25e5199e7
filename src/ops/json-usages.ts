// Reads usages out of a text: one JSON value, a list, or one JSON value on each line. JSON.parse says
// where it gave up only at times, so a text that it refuses is walked once more for the place.

import { Fault } from '../base/fault.ts';

export interface UsageTexts {
  readonly values: readonly unknown[];
  /** Several were given, so several are answered, however many they are. */
  readonly isList: boolean;
}

/** Throws RATE_INPUT_EMPTY, RATE_INPUT_NOT_JSON. */
export function parseUsages(text: string): UsageTexts {
  const clean = text.replace(/^\uFEFF/, '');
  if (clean.trim() === '') throw new Fault('RATE_INPUT_EMPTY', {});
  const whole = parsed(clean);
  if (whole !== undefined) {
    return Array.isArray(whole.value)
      ? { values: whole.value, isList: true }
      : { values: [whole.value], isList: false };
  }
  const lines = clean.split('\n');
  const first = lines.find((line) => line.trim() !== '') ?? '';
  if (lines.filter((line) => line.trim() !== '').length < 2 || parsed(first) === undefined) {
    throw notJson(clean, 0);
  }
  const values: unknown[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const one = parsed(line);
    if (one === undefined) throw notJson(line, index);
    values.push(one.value);
  }
  return { values, isList: true };
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function notJson(text: string, linesBefore: number): Fault {
  const at = brokenAt(text);
  const before = text.slice(0, at).split('\n');
  const rest = text.slice(at).split('\n')[0] ?? '';
  return new Fault('RATE_INPUT_NOT_JSON', {
    line: linesBefore + before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    found:
      rest === '' ? (at >= text.length ? 'the end' : 'the end of the line') : rest.slice(0, 20),
  });
}

const TOKEN =
  /\s*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b))/uy;

/** Where a text stops being JSON. */
function brokenAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let awaits: 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing' = 'value';
  const after = () => (open.length === 0 ? 'nothing' : ', or end');
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const [matched, mark, quoted, plain] = TOKEN.exec(text) ?? [];
    if (matched === undefined) return from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
    const isKey = awaits === 'key' || awaits === 'key or }';
    const isValue = awaits === 'value' || awaits === 'value or ]';
    if (isKey && quoted !== undefined) awaits = ':';
    else if (isValue && (quoted ?? plain) !== undefined) awaits = after();
    else if (isValue && (mark === '{' || mark === '[')) {
      open.push(mark);
      awaits = mark === '{' ? 'key or }' : 'value or ]';
    } else if (awaits === ':' && mark === ':') awaits = 'value';
    else if (awaits === ', or end' && mark === ',') awaits = open.at(-1) === '{' ? 'key' : 'value';
    else if (closes(mark, open.at(-1), awaits)) {
      open.pop();
      awaits = after();
    } else return from + matched.length - (mark ?? quoted ?? plain ?? '').length;
  }
}

function closes(mark: string | undefined, open: '{' | '[' | undefined, awaits: string): boolean {
  if (open === '{') return mark === '}' && (awaits === ', or end' || awaits === 'key or }');
  return open === '[' && mark === ']' && (awaits === ', or end' || awaits === 'value or ]');
}
