// An app on Fargate that answers a steady load, and how what was lost is held against what the engine
// says of the same requests.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { RequestEvent } from '../../src/model/event.ts';
import { startApp, type TestApp } from './app.ts';
import { type Loss, type SteadyLoad, type SteadyLoadOptions, steadyLoad } from './steady-load.ts';

export const CONNECTIONS = 8;

/** Answers that show that it goes on. */
export const SOME = 200;

export const TWO_TASKS = 'tasks: { min: 2, max: 2 }';

/** fulcrum.yml with one service, the program of the fixtures. */
export const serviceOn = (fargate: string, size = 'cpu: 1024, memory: 2048') => `
app: steady
services:
  api:
    source: FIXTURES
    command: node program.mjs
    health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }
    environment: { VERSION: one }
    fargate: { ${size}, stopTimeout: 2s, drain: 5s, ${fargate} }
`;

export interface Loaded {
  readonly app: TestApp;
  readonly load: SteadyLoad;
}

/** An app whose two tasks are answering a load. */
export async function loaded(yaml: string, options: SteadyLoadOptions = {}): Promise<Loaded> {
  const app = await startApp(yaml);
  const load = loadOn(app.url, options);
  await load.until(() => load.lastAnswers(20).size === 2);
  return { app, load };
}

/** A load that ends with the test. */
export function loadOn(url: string, options: SteadyLoadOptions = {}): SteadyLoad {
  const load = steadyLoad(url, { connections: CONNECTIONS, ...options });
  onTestFinished(() => load.stop());
  return load;
}

export interface Victim {
  /** Id of the task. */
  readonly task: string;
  readonly pid: number;
  /** Asks the program itself, past the front door. */
  ask(path: string): Promise<Response>;
}

/** One of the tasks, or the named one, by the port its program says it listens on. */
export async function victim(app: TestApp, named = ''): Promise<Victim> {
  const { stream, line } = await app.until(
    'log',
    (event) => event.line.startsWith('listening on') && event.stream.endsWith(named),
  );
  const url = `http://127.0.0.1:${line.split(' ').at(-1)}`;
  const ask = (path: string) => fetch(`${url}${path}`);
  const { pid } = (await (await ask('/who')).json()) as { pid: number };
  return { task: stream.split('/').at(-1) ?? '', pid, ask };
}

/** Resolves when the load is answered by two processes, and not by any of those. */
export const replaced = (load: SteadyLoad, ...gone: readonly Victim[]): Promise<void> =>
  load.until(() => {
    const last = load.lastAnswers(40);
    return last.size === 2 && gone.every(({ pid }) => !last.has(pid));
  });

/** What the engine says of what was lost. */
export function told(app: TestApp, losses: readonly Loss[]): Promise<readonly RequestEvent[]> {
  return Promise.all(losses.map(({ id }) => app.until('request', (event) => event.id === id)));
}

/** Each was under way on that task: one of a connection, and the engine says where it was. */
export async function expectUnderWayOn(
  app: TestApp,
  losses: readonly Loss[],
  { task }: Victim,
): Promise<void> {
  expect(new Set(losses.map(({ connection }) => connection)).size).toBe(losses.length);
  for (const event of await told(app, losses)) {
    expect(event).toMatchObject({ instance: task, status: 502 });
  }
}

/** Changes fulcrum.yml of an app that runs. */
export function change(app: TestApp, from: string, to: string): void {
  const file = join(app.folder, 'fulcrum.yml');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}
