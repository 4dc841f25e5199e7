// Every command in README.md and on a page of the guide prints what the page says it prints.

import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { commandRunner, consoleCommands, consolePages } from '../scripts/pages.ts';

const runner = commandRunner();
afterAll(runner.end);

it.each([...consolePages()])('%s shows what its commands print ("make docs" writes it)', (file) => {
  for (const { command, printed } of consoleCommands(readFileSync(file, 'utf8'))) {
    expect(`$ ${command}\n${runner.run(command)}`).toBe(`$ ${command}\n${printed}`);
  }
});
