// Looks at a folder and says how the program in it starts: Node, Python, Go, or what its Dockerfile
// says.

import { basename, join } from 'node:path';
import type { Machine } from './machine.ts';

export interface Program {
  /** "Node.js (package.json)" */
  readonly what: string;
  readonly build: string | undefined;
  readonly command: string;
  /** From EXPOSE, where a Dockerfile says it. */
  readonly port: number | undefined;
  readonly health: string | undefined;
}

/** What is looked for, in this order; for the message when nothing is found. */
export const LOOKED_FOR = [
  'package.json',
  'go.mod',
  'requirements.txt',
  'pyproject.toml',
  'Dockerfile',
  'main.py, app.py or server.py',
  'server.js or index.js',
] as const;

type Found = Pick<Program, 'what' | 'build' | 'command'>;

export function detectProgram(machine: Machine, folder: string): Program | undefined {
  const read = (name: string) => machine.readText(join(folder, name));
  const docker = read('Dockerfile');
  const image = docker === undefined ? undefined : readDockerfile(docker);
  const found =
    detectNode(read) ??
    detectGo(machine, folder, read) ??
    detectPython(read) ??
    (image?.command === undefined
      ? undefined
      : { what: 'Dockerfile', build: undefined, command: image.command });
  if (found === undefined) return undefined;
  return { ...found, port: image?.port, health: image?.health ?? detectHealth(read) };
}

type Read = (name: string) => string | undefined;

function detectNode(read: Read): Found | undefined {
  const text = read('package.json');
  const what = 'Node.js';
  if (text !== undefined) {
    const { scripts, main } = parsePackage(text);
    const start = scripts['start'];
    const build = scripts['build'] === undefined ? undefined : 'npm run build';
    // npm would stand between the engine and the program, and start slower.
    if (start !== undefined) {
      return { what, build, command: /^node\s+[^&|;]+$/.test(start) ? start : `npx --no ${start}` };
    }
    const file = [main, 'server.js', 'index.js', 'app.js'].find(
      (name) => name !== undefined && read(name) !== undefined,
    );
    if (file !== undefined) return { what, build, command: `node ${file}` };
  }
  const file = ['server.js', 'server.mjs', 'index.js', 'index.mjs'].find(
    (name) => read(name) !== undefined,
  );
  return file === undefined ? undefined : { what, build: undefined, command: `node ${file}` };
}

function parsePackage(text: string): { scripts: Record<string, string>; main: string | undefined } {
  try {
    const { scripts, main } = JSON.parse(text) as {
      scripts?: Record<string, string>;
      main?: string;
    };
    return { scripts: scripts ?? {}, main };
  } catch {
    return { scripts: {}, main: undefined };
  }
}

function detectGo(machine: Machine, folder: string, read: Read): Found | undefined {
  if (read('go.mod') === undefined) return undefined;
  const isMain = (path: string) =>
    machine
      .list(path)
      .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
      .some((name) => /^package main$/m.test(machine.readText(join(path, name)) ?? ''));
  const commands = machine
    .list(join(folder, 'cmd'))
    .filter((name) => isMain(join(folder, 'cmd', name)));
  const target = isMain(folder) ? '.' : commands[0] === undefined ? '.' : `./cmd/${commands[0]}`;
  return {
    what: 'Go',
    build: `go build -o .fulcrum/program ${target}`,
    command: './.fulcrum/program',
  };
}

function detectPython(read: Read): Found | undefined {
  const needs = `${read('requirements.txt') ?? ''}\n${read('pyproject.toml') ?? ''}`;
  const files = ['main.py', 'app.py', 'server.py', 'api.py', 'src/main.py', 'app/main.py'];
  const file = files.find((name) => read(name) !== undefined);
  if (file === undefined) return undefined;
  const text = read(file) ?? '';
  const module = file.replace(/\.py$/, '').replaceAll('/', '.');
  const what = 'Python';
  const asgi = /^(\w+)\s*(?::\s*\w+)?=\s*(?:FastAPI|Starlette|Quart)\(/m.exec(text)?.[1];
  if (asgi !== undefined) {
    const command = `python3 -m uvicorn ${module}:${asgi} --host 0.0.0.0 --port $PORT`;
    return { what: 'Python (ASGI)', build: undefined, command };
  }
  const wsgi = /^(\w+)\s*=\s*Flask\(/m.exec(text)?.[1];
  if (wsgi !== undefined && /^gunicorn\b/m.test(needs)) {
    const command = `python3 -m gunicorn ${module}:${wsgi} --bind 0.0.0.0:$PORT`;
    return { what: 'Python (Flask, gunicorn)', build: undefined, command };
  }
  if (wsgi !== undefined) {
    const command = `python3 -m flask --app ${module} run --host 0.0.0.0 --port $PORT`;
    return { what: 'Python (Flask)', build: undefined, command };
  }
  return { what, build: undefined, command: `python3 ${file}` };
}

/** The last CMD (behind the ENTRYPOINT), the last EXPOSE, and a path in a HEALTHCHECK. */
export function readDockerfile(text: string) {
  const lines = text.replace(/\\\r?\n/g, ' ').split('\n');
  const last = (name: string) =>
    lines.findLast((line) => new RegExp(`^\\s*${name}\\s`, 'i').test(line))?.trim();
  const entry = wordsOf(last('ENTRYPOINT'));
  const cmd = wordsOf(last('CMD'));
  const command = [entry, cmd].filter((part) => part !== undefined).join(' ');
  const port = /\b(\d{1,5})\b/.exec(last('EXPOSE') ?? '')?.[1];
  const health = /https?:\/\/[^/\s"']+(\/[^\s"'|]*)/.exec(last('HEALTHCHECK') ?? '')?.[1];
  return {
    command: command === '' ? undefined : command,
    port: port === undefined ? undefined : Number(port),
    health,
  };
}

/** `CMD ["node", "server.js"]` and `CMD node server.js` both become a command line. */
function wordsOf(line: string | undefined): string | undefined {
  const rest = line?.replace(/^\w+\s+/, '').trim();
  if (rest === undefined || !rest.startsWith('[')) return rest;
  try {
    const words = JSON.parse(rest) as readonly string[];
    return words
      .map((word) => (/^[\w./:=@%+-]+$/.test(word) ? word : JSON.stringify(word)))
      .join(' ');
  } catch {
    return undefined;
  }
}

/** A path that looks like a health check in the main file of a program. */
function detectHealth(read: Read): string | undefined {
  const files = ['server.js', 'index.js', 'app.js', 'main.go', 'main.py', 'app.py', 'server.py'];
  for (const name of files) {
    const path = /["'`](?:GET )?(\/(?:api\/)?(?:healthz?|healthcheck|ready|status))["'`]/.exec(
      read(name) ?? '',
    )?.[1];
    if (path !== undefined) return path;
  }
  return undefined;
}

/** A valid app name from a folder's name. */
export function appNameOf(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 30);
  return name === '' ? 'app' : name;
}
