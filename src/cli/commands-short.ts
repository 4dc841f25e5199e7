// The commands that ask one thing and print the answer.

import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { Compute } from '../model/app.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import { doctorText } from './render-doctor.ts';
import { explainText } from './render-explain.ts';
import { count, statusText } from './render-status.ts';
import { clockTime } from './terminal.ts';

export const init: Command = {
  name: 'init',
  what: 'Write a commented fulcrum.yml for the program in a folder.',
  arguments: [{ name: 'folder', what: 'Folder of the program.', optional: true, default: '.' }],
  options: [
    { flags: '--command <line>', what: 'How the program starts, instead of guessing it.' },
    { flags: '-f, --force', what: 'Write over a fulcrum.yml that is there.' },
  ],
  examples: ['fulcrum init', 'fulcrum init services/api --command "node server.js"'],
  async run(context, values) {
    const { initialise } = await import('../ops/init.ts');
    const { file, program } = initialise(context.machine, {
      cwd: context.cwd,
      folder: values.args[0] ?? '.',
      command: values.text('command'),
      force: values.on('force'),
    });
    context.out.write(`${file}  ${program.what}: ${program.command}\n`);
    context.err.write('Next: fulcrum dev\n');
    return EXIT.ok;
  },
};

export const status: Command = {
  name: 'status',
  what: 'Show what runs, who served how much, and what it has cost.',
  arguments: [],
  options: [...CONFIG_OPTIONS.slice(0, 1), JSON_OPTION],
  examples: ['fulcrum status', 'fulcrum status --json'],
  async run(context, values) {
    const { readStatus } = await import('../ops/status.ts');
    const read = await readStatus(context.machine, choiceOf(context, values));
    if (values.on('json')) printJson(context, read);
    else context.out.write(statusText(read, context.paint));
    return EXIT.ok;
  },
};

export const logs: Command = {
  name: 'logs',
  what: 'Print what the programs printed, and what Lambda wrote about them.',
  arguments: [{ name: 'service', what: 'Only this service.', optional: true }],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    { flags: '--compute <name>', what: 'Only this compute.', choices: ['lambda', 'fargate'] },
    { flags: '-f, --follow', what: 'Go on with what comes.' },
    JSON_OPTION,
  ],
  examples: ['fulcrum logs', 'fulcrum logs api --compute lambda --follow'],
  async run(context, values) {
    const { readLogs } = await import('../ops/logs.ts');
    const stop = new AbortController();
    const release = context.onInterrupt(() => stop.abort());
    const options = {
      ...choiceOf(context, values),
      service: values.args[0],
      compute: values.text('compute') as Compute | undefined,
      follow: values.on('follow'),
    };
    for await (const line of readLogs(context.machine, options, stop.signal)) {
      if (values.on('json')) context.out.write(`${JSON.stringify(line)}\n`);
      else if (line.type === 'dropped') context.err.write(`… ${line.count} lines were dropped\n`);
      else {
        const from = context.paint('dim', `${clockTime(line.at)} ${line.group}`);
        context.out.write(`${from} ${line.line}\n`);
      }
    }
    release();
    return EXIT.ok;
  },
};

export const explain: Command = {
  name: 'explain',
  what: 'Say where a request would go, and why.',
  arguments: [
    { name: 'method', what: 'GET, POST, …' },
    { name: 'path', what: 'Path and query.' },
  ],
  options: [
    ...CONFIG_OPTIONS,
    { flags: '-H, --header <line>', what: 'A header as "Name: value".', many: true },
    { flags: '--source <address>', what: 'Address of the client. Default 127.0.0.1.' },
    { flags: '--body-bytes <number>', what: 'Size of the body. Default 0.' },
    JSON_OPTION,
  ],
  examples: [
    'fulcrum explain GET /lambda/hello',
    'fulcrum explain POST /upload --body-bytes 2000000 --header "Host: api.example.com"',
  ],
  async run(context, values) {
    const { explainRequest } = await import('../ops/explain.ts');
    const [method = 'GET', target = '/'] = values.args;
    const explained = await explainRequest(context.machine, {
      ...choiceOf(context, values),
      request: {
        method: method.toUpperCase(),
        target: target.startsWith('/') ? target : `/${target}`,
        headers: values.list('header').map(headerOf),
        source: values.text('source') ?? '127.0.0.1',
        bodyBytes: bytesOf(values.text('bodyBytes')),
      },
    });
    if (values.on('json')) printJson(context, explained);
    else context.out.write(explainText(method.toUpperCase(), target, explained, context.paint));
    return EXIT.ok;
  },
};

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  throw new Fault('USAGE', {
    problem: `"${line}" is not a header.`,
    fix: 'Write it as "Name: value".',
  });
}

function bytesOf(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Fault('USAGE', {
    problem: `--body-bytes must be a whole number, was: ${text}`,
    fix: 'Use bytes, as 2000000.',
  });
}

export const validate: Command = {
  name: 'validate',
  what: 'Check fulcrum.yml, for every stage it has.',
  arguments: [],
  options: [...CONFIG_OPTIONS, JSON_OPTION],
  examples: ['fulcrum validate', 'fulcrum validate --stage production --json'],
  async run(context, values) {
    const { readApp } = await import('../ops/find-app.ts');
    const { app, place } = readApp(context.machine, choiceOf(context, values));
    if (values.on('json')) printJson(context, { ok: true, app });
    else
      context.out.write(
        `${place.name} is valid: ${count(app.services.length, 'service')}, ${count(app.routes.length, 'route')}\n`,
      );
    return EXIT.ok;
  },
};

export const schema: Command = {
  name: 'schema',
  what: 'Print the JSON Schema of fulcrum.yml.',
  arguments: [],
  options: [
    { flags: '--cost', what: 'That of "fulcrum cost --json" instead.' },
    { flags: '--simulate', what: 'That of "fulcrum simulate --json" instead.' },
  ],
  examples: ['fulcrum schema > fulcrum.schema.json', 'fulcrum schema --cost'],
  async run(context, values) {
    if (values.on('cost') && values.on('simulate')) {
      throw new Fault('USAGE', {
        problem: '--cost and --simulate each say which schema is printed.',
        fix: 'Use one of them.',
      });
    }
    if (values.on('simulate')) {
      const { simulateSchemaText } = await import('../ops/simulate-report.ts');
      context.out.write(simulateSchemaText());
      return EXIT.ok;
    }
    if (values.on('cost')) {
      const { costSchemaText } = await import('../ops/cost-schema.ts');
      context.out.write(costSchemaText());
      return EXIT.ok;
    }
    const { schemaText } = await import('../ops/schema.ts');
    context.out.write(schemaText());
    return EXIT.ok;
  },
};

export const doctor: Command = {
  name: 'doctor',
  what: 'Say what this machine can enforce, and what each absence costs.',
  arguments: [],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    { flags: '--clean', what: 'End what an engine that was killed left behind.' },
    JSON_OPTION,
  ],
  examples: ['fulcrum doctor', 'fulcrum doctor --clean'],
  async run(context, values) {
    const { diagnose } = await import('../ops/doctor.ts');
    const choice = choiceOf(context, values);
    const diagnosis = await diagnose(context.machine, choice, values.on('clean'));
    if (values.on('json')) printJson(context, diagnosis);
    else context.out.write(doctorText(diagnosis, context.paint));
    return diagnosis.checks.some(({ state }) => state === 'problem') ? EXIT.findings : EXIT.ok;
  },
};
