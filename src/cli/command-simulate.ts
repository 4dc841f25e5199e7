// `fulcrum simulate`: what each placement policy would have cost on a trace, and how slow it would
// have been.

import { Fault, isFault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { SimulateOptions } from '../ops/simulate.ts';
import type { Simulation } from '../ops/simulate-report.ts';
import {
  CONFIG_OPTIONS,
  type Command,
  choiceOf,
  JSON_OPTION,
  type Option,
  printJson,
} from './command.ts';
import type { Context, Values } from './context.ts';
import {
  FILE_OPTIONS,
  fileAsked,
  PROGRAM_OPTIONS,
  PROGRAM_SETTINGS,
  READING_OPTIONS,
  settingsOf,
} from './options-traffic.ts';
import { readingLine, simulatingLine } from './progress.ts';
import { faultJson } from './render-fault.ts';

const TRAFFIC_OPTIONS: readonly Option[] = [
  ...FILE_OPTIONS,
  {
    flags: '--synthetic <spec>',
    what: 'Made-up traffic: constant, poisson, diurnal, bursts, mmpp, flash or night, with its requests a second and options, as diurnal:20,peak=1.9.',
  },
  ...READING_OPTIONS,
  { flags: '--scale <factor>', what: 'So many times the traffic, as 10x or 0.1x.' },
  {
    flags: '--mean <amount>',
    what: 'So much traffic on the average, as 50/s or 1M/day; a number alone is a second.',
  },
  {
    flags: '--days <number>',
    what: 'Only so many days of it; a shorter trace is repeated. Default: all; of what is made up, a whole cycle.',
  },
];

const CHOICE_OPTIONS: readonly Option[] = [
  {
    flags: '-p, --policy <name>',
    what: 'What decides: names with commas between them, auto (which is level-counter), or all. Default level-counter, lambda-only, static-best.',
    many: true,
  },
  {
    flags: '--fidelity <name>',
    what: 'fluid: amounts, a second at a time, for months and millions of requests. event: each request with its queue and its cold start, for days, and where the tail of latency counts. Default fluid.',
    choices: ['fluid', 'event'],
  },
  { flags: '--seed <number>', what: 'Of all chance; equal seeds give equal figures. Default 1.' },
];

/** Options of the profile that are changes by their name, as those of "fulcrum cost --what-if". */
const MORE_SETTINGS = ['cpu-time', 'concurrency', 'init'] as const;

const PROFILE_OPTIONS: readonly Option[] = [
  { flags: '--service <name>', what: 'The service, where several run on both computes.' },
  ...PROGRAM_OPTIONS,
  { flags: '--cpu-time <time>', what: 'Processor time of a request on a whole vCPU, as 10ms.' },
  { flags: '--concurrency <number>', what: 'Requests that a task serves at a time.' },
  {
    flags: '--requests-per-task <number>',
    what: 'Requests a second that a task carries. Default: measured, or from concurrency and processor time.',
  },
  { flags: '--start-delay <time>', what: 'Until a task takes requests. Default 35s.' },
  { flags: '--billed-start <time>', what: 'The part of it that is billed. Default 25s.' },
  {
    flags: '--image-size <size>',
    what: 'Or both from the compressed image of the task, as 150MB: its place, the pull, the program, the health check.',
  },
  { flags: '--soci', what: 'The image has a SOCI index: half the pull above 250 MB.' },
  { flags: '--drain <time>', what: 'How long a task finishes its requests, billed.' },
  { flags: '--min-tasks <number>', what: 'Tasks that always run.' },
  { flags: '--max-tasks <number>', what: 'Tasks that run at most.' },
  {
    flags: '--latency <time>',
    what: 'The latency target, as 200ms. Default: latency of fulcrum.yml, or three times a request.',
  },
  {
    flags: '--threshold <time>',
    what: 'Savings, in time of a task, at which level-counter acts. Default: scale.window of fulcrum.yml, 60s.',
  },
  { flags: '--init <time>', what: 'INIT of a cold start, as 300ms.' },
  {
    flags: '--runtime <name>',
    what: 'INIT as of this runtime: nodejs22, nodejs24, python3.13, java21, dotnet8, go, rust.',
  },
  {
    flags: '--packaging <name>',
    what: 'How the runtime is packed. Default zip.',
    choices: ['zip', 'image'],
  },
  { flags: '--no-measured-figures', what: 'Leave out what "fulcrum measure" has found.' },
];

export const simulate: Command = {
  name: 'simulate',
  what: 'Say what each placement policy would have cost on a trace, and how slow it would have been.',
  arguments: [],
  options: [
    ...CONFIG_OPTIONS,
    ...TRAFFIC_OPTIONS,
    ...CHOICE_OPTIONS,
    ...PROFILE_OPTIONS,
    { flags: '--html <file>', what: 'Write it all as one page with plots; - prints it.' },
    JSON_OPTION,
  ],
  examples: [
    'fulcrum simulate --synthetic diurnal:20',
    'fulcrum simulate --trace requests.csv --policy all --html simulation.html',
    'fulcrum simulate --access-log access.log --mean 50/s --latency 300ms',
    'fulcrum simulate --synthetic flash:5,times=40 --days 1 --fidelity event --json',
  ],
  run: answer,
};

async function answer(context: Context, values: Values): Promise<number> {
  const html = await htmlOf(context, values);
  const options = await optionsOf(context, values, html !== undefined);
  const { simulationOf } = await import('../ops/simulate.ts');
  const stop = stopping(context);
  const reading = readingLine(context);
  const simulating = simulatingLine(context);
  try {
    const found = await simulationOf(context.machine, options, {
      onProgress: reading.show,
      onRead: reading.end,
      onMessage: (message, policies) => {
        if (!stop.signal.aborted) simulating.show(message, { ...options, policies });
      },
      signal: stop.signal,
      kill: stop.kill,
    });
    simulating.end();
    await print(context, values, found, html);
    if (!found.stopped) return EXIT.ok;
    if (html !== undefined && html !== '-') {
      context.err.write(`${html} was not written: the simulation was stopped\n`);
    }
    return stop.exit();
  } catch (error) {
    reading.end();
    simulating.end();
    const isStopped = isFault(error, 'SIMULATE_STOPPED') || isFault(error, 'TRAFFIC_INTERRUPTED');
    if (!isStopped) throw error;
    if (values.on('json')) context.out.write(faultJson(error));
    else context.err.write(`${error.message} ${error.fix}\n`);
    return stop.exit();
  } finally {
    stop.release();
  }
}

/** Throws as `checkOutput` does, and USAGE. */
async function htmlOf(context: Context, values: Values): Promise<string | undefined> {
  const file = values.text('html');
  if (file === undefined) return undefined;
  if (file.trim() === '') {
    throw new Fault('USAGE', {
      problem: '--html names no file.',
      fix: 'Name one, as --html simulation.html; - prints it.',
    });
  }
  if (file === '-' && values.on('json')) {
    throw new Fault('USAGE', {
      problem: '--json and --html - each say what is printed.',
      fix: 'Use one of them; --html may name a file beside it.',
    });
  }
  const { checkOutput, HTML } = await import('../ops/write-output.ts');
  if (file !== '-') checkOutput(context.machine, context.cwd, file, HTML);
  return file;
}

async function optionsOf(
  context: Context,
  values: Values,
  forPage: boolean,
): Promise<SimulateOptions> {
  const { profileSaid } = await import('../ops/simulate-said.ts');
  const text = (name: string) => values.text(name);
  return {
    ...choiceOf(context, values),
    traffic: {
      ...fileAsked(values),
      synthetic: text('synthetic'),
      scale: text('scale'),
      mean: text('mean'),
      days: text('days'),
    },
    policies: values.list('policy'),
    seed: text('seed'),
    fidelity: text('fidelity') === 'event' ? 'event' : 'fluid',
    service: text('service'),
    region: text('region'),
    settings: settingsOf(values, [...PROGRAM_SETTINGS, ...MORE_SETTINGS]),
    said: profileSaid(
      {
        requestsPerTask: text('requestsPerTask'),
        startDelay: text('startDelay'),
        billedStart: text('billedStart'),
        imageSize: text('imageSize'),
        drain: text('drain'),
        minTasks: text('minTasks'),
        maxTasks: text('maxTasks'),
        latency: text('latency'),
        threshold: text('threshold'),
        runtime: text('runtime'),
        packaging: text('packaging'),
        init: text('init'),
      },
      values.on('soci'),
    ),
    measured: values.on('measuredFigures'),
    forPage,
  };
}

async function print(
  context: Context,
  values: Values,
  found: Simulation,
  html: string | undefined,
): Promise<void> {
  const { machine, cwd, out, err, paint } = context;
  if (html !== undefined && !found.stopped) {
    const { simulatePage } = await import('../ops/simulate-page.ts');
    const text = simulatePage(found);
    if (html === '-') {
      out.write(text);
      return;
    }
    const { HTML, writeOutputFile } = await import('../ops/write-output.ts');
    writeOutputFile(machine, cwd, { file: html, kind: HTML, text });
    err.write(`wrote ${html}\n`);
  }
  if (values.on('json')) printJson(context, found);
  else {
    const { simulateText } = await import('./render-simulate.ts');
    out.write(simulateText(found, paint));
  }
}

/** The first Ctrl-C asks for what there is, the second ends it. */
function stopping({ onInterrupt, err }: Context) {
  const asked = new AbortController();
  const killing = new AbortController();
  let exit: number = EXIT.interrupted;
  const release = onInterrupt((signal) => {
    if (asked.signal.aborted) {
      killing.abort();
      return;
    }
    exit = signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
    if (err.isTerminal) err.write('\nstopping; Ctrl-C again ends it at once\n');
    asked.abort();
  });
  return { signal: asked.signal, kill: killing.signal, exit: () => exit, release };
}
