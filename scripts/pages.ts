// Pages whose commands are run: in a block of "console", lines after "$ " are commands for sh, and
// what follows up to the next one is what they print, but for the warning of old prices, which comes
// with time. `make docs` writes the outputs anew.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface ConsoleCommand {
  readonly command: string;
  readonly printed: string;
}

const OLD_PRICES = /^! Older than .*\n(?: {2}.*\n)*/gm;

const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

/** README.md and the pages of the guide, those that have such blocks. */
export function consolePages(): readonly string[] {
  const guide = readdirSync('docs/guide').map((name) => join('docs/guide', name));
  return ['README.md', ...guide]
    .filter((name) => name.endsWith('.md'))
    .filter((file) => readFileSync(file, 'utf8').includes('```console\n'));
}

export function consoleCommands(page: string): readonly ConsoleCommand[] {
  return [...page.matchAll(BLOCK)].flatMap(([, body = '']) => commandsOf(body));
}

/** The page with what each command prints now. */
export function withOutputs(page: string, run: (command: string) => string): string {
  return page.replace(BLOCK, (_, body: string) => {
    const lines = commandsOf(body).map(({ command }) => `$ ${command}\n${run(command)}`);
    return `\`\`\`console\n${lines.join('')}\`\`\``;
  });
}

function commandsOf(body: string): readonly ConsoleCommand[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      // A command goes on over lines that end with a backslash.
      const [command = ''] = /^(?:.*\\\n)*.*/.exec(text) ?? [];
      return { command, printed: text.slice(command.length + 1) };
    });
}

export interface CommandRunner {
  /** What the command prints. Throws when it fails. */
  run(command: string): string;
  end(): void;
}

/** Runs commands from the root of the repository, as a user who has nothing of ours. */
export function commandRunner(): CommandRunner {
  const home = mkdtempSync(join(tmpdir(), 'fulcrum-pages-'));
  symlinkSync(resolve('bin/fulcrum.js'), join(home, 'fulcrum'));
  symlinkSync(process.execPath, join(home, 'node'));
  const env = {
    PATH: `${home}:${process.env['PATH']}`,
    HOME: home,
    NO_COLOR: '1',
  };
  return {
    run(command) {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
        env,
        encoding: 'utf8',
      });
      // A pipe ends well whatever its first command does.
      const hasFailed = status !== 0 || (stdout === '' && stderr !== '');
      if (hasFailed) throw new Error(`${command}\nended with ${status}: ${stderr}`);
      const printed = stdout.replace(OLD_PRICES, '').trimEnd();
      return printed === '' ? '' : `${printed}\n`;
    },
    end: () => rmSync(home, { recursive: true }),
  };
}
