// `fulcrum fail`: does to the app what AWS does to one on a bad day.

import { closest } from '../base/closest.ts';
import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { Failure } from '../ops/fail.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import type { Values } from './context.ts';

const KINDS = ['task', 'spot', 'zone'] as const;

export const fail: Command = {
  name: 'fail',
  what: 'Do a failure to the app that runs: to a task, to what is on Spot, to a zone.',
  arguments: [
    { name: 'what', what: '"task", "spot" or "zone".' },
    {
      name: 'which',
      what: 'Id of the task or how it begins, or name of the zone. Without one, "spot" takes all tasks on Spot.',
      optional: true,
    },
  ],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    {
      flags: '--how <way>',
      what: 'How a task fails: SIGKILL, StopTask, or a program that answers nothing any more. Default kill.',
      choices: ['kill', 'stop', 'hang'],
    },
    { flags: '--back', what: 'The zone comes back.' },
    JSON_OPTION,
  ],
  examples: [
    'fulcrum fail task 3f9a',
    'fulcrum fail task 3f9a --how hang',
    'fulcrum fail spot',
    'fulcrum fail zone us-east-1a',
    'fulcrum fail zone us-east-1a --back',
  ],
  async run(context, values) {
    const { failApp } = await import('../ops/fail.ts');
    const failure = failureOf(values);
    const done = await failApp(context.machine, choiceOf(context, values), failure);
    if (values.on('json')) printJson(context, { ok: true, done });
    else for (const line of done) context.out.write(`${line}\n`);
    return EXIT.ok;
  },
};

function failureOf(values: Values): Failure {
  const [what = '', which] = values.args;
  const kind = KINDS.find((one) => one === what);
  switch (kind) {
    case 'task':
      if (which === undefined) throw missing('the task', 'fulcrum fail task 3f9a');
      return { kind, task: which, how: (values.text('how') ?? 'kill') as 'kill' | 'stop' | 'hang' };
    case 'spot':
      return { kind, task: which };
    case 'zone':
      if (which === undefined) throw missing('the zone', 'fulcrum fail zone us-east-1a');
      return { kind, zone: which, back: values.on('back') };
    case undefined: {
      const near = closest(what, KINDS);
      throw new Fault('USAGE', {
        problem: `"${what}" is nothing that can fail.`,
        fix: `Use ${near === undefined ? KINDS.join(', ') : `"${near}"`}.`,
      });
    }
  }
}

function missing(what: string, example: string): Fault {
  return new Fault('USAGE', {
    problem: `Which is ${what}?`,
    fix: `As in "${example}"; "fulcrum status" lists them.`,
  });
}
