// The two ways a program runs: as a process, and in a container whose image has the fixtures in it.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { realMachine } from '../../src/host/machine.ts';
import { FIXTURES, startApp, type TestApp } from './app.ts';
import {
  hasImage,
  machineWithContainers,
  missingContainers,
  sourceWith,
  startPodman,
} from './containers.ts';

export interface Way {
  readonly name: 'processes' | 'containers';
  /** A fulcrum.yml whose programs have `source: FIXTURES` and a `command:` of plain words. */
  start(context: Pick<TestContext, 'skip'>, yaml: string): Promise<TestApp>;
}

const IMAGE = `fulcrum-fixtures:${process.pid}`;

export const WAYS: readonly Way[] = [
  { name: 'processes', start: (_, yaml) => startApp(yaml) },
  {
    name: 'containers',
    async start({ skip }, yaml) {
      const missing = missingContainers();
      if (missing !== undefined) skip(missing);
      startPodman();
      if (!(await hasImage(IMAGE))) await build();
      return startApp(inImage(yaml), { containers: true, machine: machineWithContainers() });
    },
  },
];

/** What `command` says to a process, `imageCommand` says to a container. */
function inImage(yaml: string): string {
  return yaml.replaceAll(
    /^( +)command: (.+)$/gm,
    (line, indent: string, words: string) =>
      `${line}\n${indent}image: ${IMAGE}\n${indent}imageCommand: ${JSON.stringify(words.split(' '))}`,
  );
}

async function build(): Promise<void> {
  const programs = readdirSync(FIXTURES).filter((name) => name.endsWith('.mjs'));
  const files = programs.map((name) => [name, join(FIXTURES, name)] as const);
  const containers = await realMachine().containers(machineWithContainers().env);
  await containers.build({
    service: 'fixtures',
    folder: sourceWith('WORKDIR /srv\nCOPY *.mjs ./', Object.fromEntries(files)),
    dockerfile: 'Dockerfile',
    tag: IMAGE,
    onLine: () => {},
  });
}
