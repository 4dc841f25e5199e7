// The plan of the house: who may import whom, how large a file may be, and that the pure
// ring touches nothing outside. How long a function may be is a rule of the linter.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// Each folder of src/ and the folders it may import. A folder may always import itself.
// Rows are in layer order: a row may name only rows above it, so no cycle can be written.
const LAYERS: ReadonlyArray<readonly [folder: string, mayImport: readonly string[]]> = [
  ['base', []],
  ['model', ['base']],
  ['traffic', ['base', 'model']],
  ['fleet', ['base', 'model']],
  ['routing', ['base', 'model']],
  ['payload', ['base', 'model']],
  ['scaling', ['base', 'model']],
  ['cost', ['base', 'model', 'traffic']],
  ['config', ['base', 'model', 'cost']],
  ['sim', ['base', 'model', 'traffic', 'fleet', 'routing', 'scaling', 'cost']],
  ['charts', ['base']],
  ['host', ['base']],
  ['engine', ['base', 'model', 'traffic', 'fleet', 'routing', 'payload', 'scaling', 'cost']],
  [
    'ops',
    [
      'base',
      'model',
      'traffic',
      'config',
      'fleet',
      'routing',
      'scaling',
      'cost',
      'sim',
      'charts',
      'engine',
    ],
  ],
  ['cli', ['base', 'model', 'ops', 'host']],
];

const PURE = new Set([
  'base',
  'model',
  'traffic',
  'config',
  'fleet',
  'routing',
  'payload',
  'scaling',
  'cost',
  'sim',
  'charts',
]);

const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+)'/g;

const MAX_FILE_LINES = 400;

const src = resolve('src');
const folderOf = (file: string): string => relative(src, file).split('/')[0] ?? '';
const sourceFiles = (): string[] =>
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('/') && path.endsWith('.ts'))
    .map((path) => resolve(src, path));
const productFiles = () => sourceFiles().filter((file) => !file.endsWith('.test.ts'));

describe('folders', () => {
  it('are listed so that each row imports only rows above it', () => {
    const above = new Set<string>();
    for (const [folder, mayImport] of LAYERS) {
      expect(
        mayImport.filter((name) => !above.has(name)),
        folder,
      ).toEqual([]);
      above.add(folder);
    }
  });

  it('are all in the list', () => {
    const listed = new Set(LAYERS.map(([folder]) => folder));
    expect(sourceFiles().filter((file) => !listed.has(folderOf(file)))).toEqual([]);
  });

  it('import only what their row allows', () => {
    const allowed = new Map(LAYERS);
    const wrong: string[] = [];
    for (const file of productFiles()) {
      const from = folderOf(file);
      for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(RELATIVE_IMPORT)) {
        const to = folderOf(resolve(dirname(file), target));
        if (to !== from && !allowed.get(from)?.includes(to)) {
          wrong.push(`${relative(src, file)} imports ${to}/`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('the pure ring', () => {
  const WORLD =
    /\b(Date\.now|new Date\b|Math\.random|setTimeout|setInterval|setImmediate|process\.|console\.|fetch\(|performance\.)|from 'node:/;

  it('reads no clock, draws no chance, touches nothing outside', () => {
    const wrong = productFiles()
      .filter((file) => PURE.has(folderOf(file)))
      .flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .filter((line) => !line.trim().startsWith('//') && !line.trim().startsWith('*'))
          .filter((line) => WORLD.test(line))
          .map((line) => `${relative(src, file)}: ${line.trim()}`),
      );
    expect(wrong).toEqual([]);
  });
});

describe('size', () => {
  it(`keeps files to ${MAX_FILE_LINES} lines`, () => {
    const long = productFiles()
      .map((file) => ({ file: relative(src, file), lines: lineCount(file) }))
      .filter(({ lines }) => lines > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });
});

function lineCount(file: string): number {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
