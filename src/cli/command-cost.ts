// `fulcrum cost`: what an app would cost on Lambda, on Fargate and on both, before anything is spent.

import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { CostAnswer, CostOptions } from '../ops/cost.ts';
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
import { readingLine } from './progress.ts';

const TRAFFIC_OPTIONS: readonly Option[] = [
  {
    flags: '-r, --requests <amount>',
    what: 'How many requests, as 100000/day, 50/s, 3k/h or 1.5M/month; a number alone is a day.',
  },
  { flags: '--shape <name>', what: 'How they come: flat, day, week or business. Default flat.' },
  {
    flags: '--peak <times>',
    what: 'The busiest moment of an hour over its mean. Default: as the trace or fulcrum.yml has it, else 2.',
  },
  ...FILE_OPTIONS,
  { flags: '--measured', what: 'The traffic that the engine that runs has seen.' },
  ...READING_OPTIONS,
];

const SETTING_OPTIONS: readonly Option[] = [
  ...PROGRAM_OPTIONS,
  {
    flags: '--entry <name>',
    what: 'How requests come in: alb, http-api, rest-api, function-url; or one for Lambda / one for Fargate.',
  },
  {
    flags: '--free-tier <mode>',
    what: 'What is free: nothing, what always is, or what old accounts have. Default none.',
    choices: ['none', 'always', 'legacy'],
  },
  { flags: '--no-measured-figures', what: 'Leave out what "fulcrum measure" has found.' },
];

const QUESTION_OPTIONS: readonly Option[] = [
  {
    flags: '--what-if <change>',
    what: 'Before and after a change, as memory=1024 or api.memory=2GB.',
    many: true,
  },
  {
    flags: '--sweep [what]',
    what: 'Rank regions, entries and architectures; or some of: region, entry, architecture, memory, task.',
  },
  { flags: '--cheapest', what: 'The cheapest way that is fast enough, and what it gives up.' },
  { flags: '--latency <time>', what: 'How fast is fast enough for --cheapest, as 200ms.' },
  { flags: '--percentile <number>', what: 'For so many percent of the requests. Default 99.' },
];

const OUTPUT_OPTIONS: readonly Option[] = [
  { flags: '--lines', what: 'Every line of every bill, and every figure they rest on.' },
  { flags: '--markdown', what: 'Print Markdown, for a pull request.' },
  { flags: '--svg <file>', what: 'Draw break-even; - prints it.' },
  { flags: '--html <file>', what: 'Write it all as one page; - prints it.' },
  JSON_OPTION,
];

export const cost: Command = {
  name: 'cost',
  what: 'Say what an app costs on Lambda, on Fargate and on both, and from what traffic on.',
  arguments: [],
  options: [
    ...CONFIG_OPTIONS,
    ...TRAFFIC_OPTIONS,
    ...SETTING_OPTIONS,
    ...QUESTION_OPTIONS,
    ...OUTPUT_OPTIONS,
  ],
  examples: [
    'fulcrum cost --requests 100000/day',
    'fulcrum cost --requests 1M/day --memory 512 --duration 200ms --region eu-west-2',
    'fulcrum cost --access-log access.log --lines',
    'fulcrum cost --requests 50/s --html cost.html',
    'fulcrum cost --requests 1M/day --what-if memory=1024 --what-if architecture=arm64',
    'fulcrum cost --requests 1M/day --sweep region,memory',
    'fulcrum cost --requests 1M/day --cheapest --latency 200ms',
  ],
  // It only reads until it has the answer, and files are written whole: Ctrl-C may end it anywhere.
  run: answer,
};

async function answer(context: Context, values: Values): Promise<number> {
  const outputs = await import('../ops/write-output.ts');
  const form = formOf(values);
  furtherAsked(values);
  for (const [option, kind] of [
    ['svg', outputs.SVG],
    ['html', outputs.HTML],
  ] as const) {
    const file = values.text(option);
    if (file?.trim() === '') {
      throw new Fault('USAGE', {
        problem: `--${option} names no file.`,
        fix: `Name one, as --${option} cost.${option}; - prints it.`,
      });
    }
    if (file !== undefined && file !== '-')
      outputs.checkOutput(context.machine, context.cwd, file, kind);
  }
  const { costOf } = await import('../ops/cost.ts');
  const progress = readingLine(context);
  const found = await costOf(context.machine, optionsOf(context, values), {
    onProgress: progress.show,
    onRead: progress.end,
  });
  await documents(context, values, found);
  await print(context, values, found, form);
  return EXIT.ok;
}

type Form = 'text' | 'json' | 'markdown' | 'svg' | 'html';

/** What goes to standard output: one thing. */
function formOf(values: Values): Form {
  const asked: readonly (readonly [boolean, string, Form])[] = [
    [values.on('json'), '--json', 'json'],
    [values.on('markdown'), '--markdown', 'markdown'],
    [values.text('svg') === '-', '--svg -', 'svg'],
    [values.text('html') === '-', '--html -', 'html'],
  ];
  const [first, second] = asked.filter(([on]) => on);
  if (first !== undefined && second !== undefined) {
    throw new Fault('USAGE', {
      problem: `${first[1]} and ${second[1]} each say what is printed.`,
      fix: 'Use one of them; --svg and --html may name a file beside it.',
    });
  }
  return first?.[2] ?? 'text';
}

function optionsOf(context: Context, values: Values): CostOptions {
  return {
    ...choiceOf(context, values),
    traffic: {
      requests: values.text('requests'),
      shape: values.text('shape'),
      peak: values.text('peak'),
      measured: values.on('measured'),
      ...fileAsked(values),
    },
    region: values.text('region'),
    freeTier: values.text('freeTier') as CostOptions['freeTier'],
    settings: settingsOf(values, [...PROGRAM_SETTINGS, 'entry']),
    measured: values.on('measuredFigures'),
  };
}

async function documents(context: Context, values: Values, found: CostAnswer): Promise<void> {
  const files = (['svg', 'html'] as const).filter((option) => values.text(option) !== undefined);
  if (files.length === 0) return;
  const { documentOf } = await import('../ops/cost-document.ts');
  const { HTML, SVG, writeOutputFile } = await import('../ops/write-output.ts');
  const { machine, cwd } = context;
  for (const form of files) {
    const file = values.text(form) ?? '-';
    const text = documentOf(found, form);
    if (file === '-') context.out.write(text);
    else {
      writeOutputFile(machine, cwd, { file, kind: form === 'svg' ? SVG : HTML, text });
      context.err.write(`wrote ${file}\n`);
    }
  }
}

async function print(context: Context, values: Values, found: CostAnswer, form: Form) {
  const { out, paint } = context;
  const asked = await furtherOf(values, found);
  if (form === 'json') printJson(context, asked === undefined ? found.comparison : asked.json);
  else if (asked !== undefined && (form === 'text' || form === 'markdown')) {
    const { partsMarkdown, partsText } = await import('./render-cost-questions.ts');
    out.write(form === 'text' ? partsText(asked.parts, paint) : partsMarkdown(asked.parts));
  } else if (form === 'markdown') {
    const { costMarkdown } = await import('./render-cost-markdown.ts');
    out.write(costMarkdown(found));
  } else if (form === 'text') {
    const { costText } = await import('./render-cost.ts');
    out.write(costText(found, values.on('lines'), paint));
  }
}

type Further = 'what-if' | 'sweep' | 'cheapest';

/** Which of the further questions is asked; at most one. Throws USAGE. */
function furtherAsked(values: Values): Further | undefined {
  const asked: readonly Further[] = [
    ...(values.list('whatIf').length > 0 ? (['what-if'] as const) : []),
    ...(values.on('sweep') || values.text('sweep') !== undefined ? (['sweep'] as const) : []),
    ...(values.on('cheapest') ? (['cheapest'] as const) : []),
  ];
  const [first, second] = asked;
  if (second !== undefined) {
    throw new Fault('USAGE', {
      problem: `--${first} and --${second} are two questions.`,
      fix: 'Ask one at a time; settings such as --memory and --region go with each.',
    });
  }
  if (first !== 'cheapest' && (values.text('latency') ?? values.text('percentile')) !== undefined) {
    throw new Fault('USAGE', {
      problem: '--latency and --percentile go with --cheapest.',
      fix: 'Add --cheapest, or leave them out.',
    });
  }
  return first;
}

async function furtherOf(values: Values, found: CostAnswer) {
  const asked = furtherAsked(values);
  if (asked === undefined) return undefined;
  const { cheapestOf, sweepOf, whatIfOf } = await import('../ops/cost-questions.ts');
  const { cheapestParts, sweepParts, whatIfParts } = await import('./render-cost-questions.ts');
  const all = values.on('lines');
  switch (asked) {
    case 'what-if': {
      const made = whatIfOf(found, values.list('whatIf'));
      return { json: { schemaVersion: 1, ...made }, parts: whatIfParts(made, all) };
    }
    case 'sweep': {
      const made = sweepOf(found, values.text('sweep'));
      return { json: { schemaVersion: 1, ...made }, parts: sweepParts(made, all) };
    }
    case 'cheapest': {
      const made = cheapestOf(found, values.text('latency'), values.text('percentile'));
      return { json: { schemaVersion: 1, ...made }, parts: cheapestParts(made) };
    }
  }
}
