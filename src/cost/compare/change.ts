// "What if": one thing that would be different, read from "key=value".

import { closest } from '../../base/closest.ts';
import { Fault } from '../../base/fault.ts';
import type { ChangeProblem } from '../../base/fault-entry.ts';
import { CHANGE_KEYS, type ChangeValues } from './change-values.ts';

export type ChangeKey = keyof ChangeValues;

/** `service` undefined: every service that has it. */
export type Change = {
  readonly [key in ChangeKey]: {
    readonly key: key;
    readonly value: ChangeValues[key];
    readonly service: string | undefined;
    /** As it was written. */
    readonly text: string;
  };
}[ChangeKey];

/**
 * "memory=1024", "task=0.5vCPU/1GB", "api.memory=2GB" for the service "api" alone. Throws
 * CHANGES_INVALID with all that cannot be understood, and why. `write` is how they were given.
 */
export function parseChanges(
  texts: readonly string[],
  write: Written = asChange,
): readonly Change[] {
  const changes: Change[] = [];
  const problems: ChangeProblem[] = [];
  for (const text of texts) {
    const read = parseChange(text, write);
    if ('say' in read) problems.push(read);
    else if (changes.some((other) => isSame(other, read))) {
      problems.push({ text, say: `says "${nameOf(read)}" again.`, fix: 'Give each one once.' });
    } else changes.push(read);
  }
  if (problems.length > 0) throw new Fault('CHANGES_INVALID', { problems });
  return changes;
}

type Written = (key: string, value: string) => string;

const asChange: Written = (key, value) => `${key}=${value}`;

/** As an option of a command: "--memory 1024". */
export const asOption: Written = (key, value) => `--${key} ${value}`;

function isSame(one: Change, other: Change): boolean {
  return one.key === other.key && one.service === other.service;
}

function nameOf({ key, service }: Change): string {
  return service === undefined ? key : `${service}.${key}`;
}

/** Every key with the values it takes, for the help of the command and the guide. */
export function changeKeys(): readonly { key: ChangeKey; takes: string; does: string }[] {
  return KEYS.map((key) => ({ key, takes: CHANGE_KEYS[key].takes, does: CHANGE_KEYS[key].does }));
}

const KEYS = Object.keys(CHANGE_KEYS) as ChangeKey[];

function parseChange(text: string, write: Written): Change | ChangeProblem {
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).trim();
  const dot = name.lastIndexOf('.');
  const service = dot === -1 ? undefined : name.slice(0, dot);
  const key = name.slice(dot + 1);
  if (!isKey(key)) {
    const near = closest(key, KEYS);
    const fix = near === undefined ? `Use one of: ${KEYS.join(', ')}.` : `Did you mean "${near}"?`;
    return { text, say: key === '' ? 'names nothing.' : `there is no "${key}" to change.`, fix };
  }
  const { takes, example, read, wide } = CHANGE_KEYS[key];
  if (service !== undefined && (wide || service === '')) {
    const say = service === '' ? 'names no service.' : `"${key}" is of the whole app.`;
    return { text, say, fix: `Write ${key}=${example}.` };
  }
  const written = equals === -1 ? '' : text.slice(equals + 1).trim();
  const asWritten = write === asChange ? text : write(name, written);
  if (written === '') {
    return { text: asWritten.trim(), say: 'has no value.', fix: `Write ${write(key, example)}.` };
  }
  const value = read(written);
  if (typeof value === 'object' && 'wrong' in value) {
    const fix = `${key} takes ${takes}, as ${write(key, example)}.`;
    return { text: asWritten, say: value.wrong, fix };
  }
  // The reader of a key gives a value of that key.
  return { key, value, service, text: asWritten } as Change;
}

function isKey(text: string): text is ChangeKey {
  return Object.hasOwn(CHANGE_KEYS, text);
}
