// Puts a document where a person wants it, and not over something else of theirs.

import { dirname, relative, resolve } from 'node:path';
import { Fault, systemReason } from '../base/fault.ts';
import type { Machine } from './machine.ts';

export interface OutputKind {
  /** "an SVG picture". */
  readonly says: string;
  /** How such a document begins. */
  readonly begins: RegExp;
}

export const SVG: OutputKind = {
  says: 'an SVG picture',
  begins: /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/i,
};
export const HTML: OutputKind = { says: 'a page of HTML', begins: /^\s*(<!doctype html|<html)/i };

/**
 * Throws OUTPUT_FOLDER_MISSING, OUTPUT_IS_OTHER, for a file that is there and of another kind, and
 * OUTPUT_FAILED. To be asked before anything is worked out.
 */
export function checkOutput(
  machine: Pick<Machine, 'isFolder' | 'readText' | 'exists'>,
  cwd: string,
  file: string,
  kind: OutputKind,
): string {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  if (!machine.isFolder(folder)) {
    throw new Fault('OUTPUT_FOLDER_MISSING', { file, folder: relative(cwd, folder) || folder });
  }
  if (machine.isFolder(path)) throw new Fault('OUTPUT_IS_OTHER', { file, kind: kind.says });
  const text = machine.readText(path);
  if (text !== undefined && text.trim() !== '' && !kind.begins.test(text)) {
    throw new Fault('OUTPUT_IS_OTHER', { file, kind: kind.says });
  }
  return path;
}

/** Throws as `checkOutput` does. */
export function writeOutputFile(
  machine: Machine,
  cwd: string,
  output: { readonly file: string; readonly kind: OutputKind; readonly text: string },
): void {
  const { file, kind, text } = output;
  const path = checkOutput(machine, cwd, file, kind);
  try {
    machine.writeOutput(path, text);
  } catch (error) {
    throw new Fault('OUTPUT_FAILED', { file, why: systemReason(error) }, { cause: error });
  }
}
