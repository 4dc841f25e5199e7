import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { contextFiles } from './build-context.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'fulcrum-context-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const FILES = {
  Dockerfile: '',
  'server.js': '',
  'README.md': '',
  'node_modules/one/index.js': '',
  'docs/guide.md': '',
  'docs/keep.md': '',
};

it('takes everything where nothing is ignored', () => {
  expect([...contextFiles(folderWith(FILES), 'Dockerfile')].sort()).toEqual(
    Object.keys(FILES).sort(),
  );
});

it('leaves out what .dockerignore names, but for the Dockerfile and what "!" brings back', () => {
  const rules = '# ours\n/node_modules\n**/*.md\n!docs/keep.md\nDockerfile\n.dockerignore\n';
  const folder = folderWith({ ...FILES, '.dockerignore': rules });
  expect([...contextFiles(folder, 'Dockerfile')].sort()).toEqual([
    'Dockerfile',
    'docs/keep.md',
    'server.js',
  ]);
});

it('prefers the rules that are named after the Dockerfile', () => {
  const folder = folderWith({
    'a/Dockerfile': '',
    'a/Dockerfile.dockerignore': 'two\na\n',
    '.dockerignore': 'one\n',
    one: '',
    two: '',
  });
  expect([...contextFiles(folder, 'a/Dockerfile')].sort()).toEqual([
    '.dockerignore',
    'a/Dockerfile',
    'one',
  ]);
});
