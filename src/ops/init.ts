// Writes a commented fulcrum.yml for the program in a folder.

import { join, relative, resolve } from 'node:path';
import { Fault } from '../base/fault.ts';
import { loadApp } from '../config/load.ts';
import { appNameOf, detectProgram, LOOKED_FOR, type Program } from './detect-program.ts';
import type { Machine } from './machine.ts';

export interface InitOptions {
  readonly cwd: string;
  /** Folder of the program, relative to `cwd`. */
  readonly folder: string;
  /** How the program starts, where that is not to be guessed. */
  readonly command: string | undefined;
  readonly force: boolean;
}

export interface Initialised {
  readonly file: string;
  readonly program: Program;
}

/** Throws PROGRAM_UNKNOWN, FILE_EXISTS. */
export function initialise(machine: Machine, options: InitOptions): Initialised {
  const folder = resolve(options.cwd, options.folder);
  const shown = relative(options.cwd, folder) || '.';
  if (!machine.isFolder(folder))
    throw new Fault('PROGRAM_UNKNOWN', { folder: shown, looked: ['files'] });
  const file = join(folder, 'fulcrum.yml');
  const name = join(shown, 'fulcrum.yml');
  if (machine.exists(file) && !options.force) throw new Fault('FILE_EXISTS', { file: name });
  const detected = detectProgram(machine, folder);
  const program =
    options.command === undefined
      ? detected
      : {
          what: 'the command given',
          build: undefined,
          port: undefined,
          health: undefined,
          ...detected,
          command: options.command,
        };
  if (program === undefined) {
    throw new Fault('PROGRAM_UNKNOWN', { folder: shown, looked: LOOKED_FOR });
  }
  const text = fileText(appNameOf(folder), program);
  // What is written must be readable; a bug here is not the person's to find.
  loadApp({ name, text }, undefined);
  machine.writeText(file, text);
  return { file: name, program };
}

function fileText(app: string, { what, build, command, port, health }: Program): string {
  const lines = [
    `# ${what}: how Fulcrum runs this program. Every key: fulcrum schema.`,
    `app: ${app}`,
    'region: us-east-1            # decides the prices',
    '',
    'services:',
    '  web:',
    ...(build === undefined ? [] : [`    build: ${quote(build)}`]),
    `${`    command: ${quote(command)}`.padEnd(28)} # the program listens on $PORT`,
    ...(port === undefined ? [] : [`    port: ${port}`]),
    `${`    health: ${health ?? '/'}`.padEnd(28)} # answers 200 to 399 when the program is well`,
    '    environment: {}          # variables for the program; nothing else of yours gets in',
    '    # secrets:',
    '    #   DB_PASSWORD: ssm:/app/db-password   # locally from .env',
    '',
    '    lambda:                  # always there, paid by the millisecond',
    '      memory: 512            # MB; one vCPU comes with every 1769',
    '      timeout: 30s',
    '    fargate:                 # paid by the second while it runs, sleeps at zero',
    '      cpu: 256               # 1024 is one vCPU',
    '      memory: 512            # MB; only some values go with each cpu',
    '      tasks: { min: 0, max: 4 }',
    '      concurrency: 20        # requests a task serves at a time',
    '      idle: 10m              # then back to the minimum',
    '',
    'routes:',
    '  - path: /*',
    '    service: web',
    '    compute: auto            # Fargate while it has a free slot, else Lambda',
    '',
  ];
  return lines.join('\n');
}

/** A YAML text that means exactly `text`. */
function quote(text: string): string {
  return /^[\w./][\w./ $=:@-]*$/.test(text) && !/: |:$/.test(text) ? text : JSON.stringify(text);
}
