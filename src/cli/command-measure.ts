// `fulcrum measure`: what a service takes, and what one task of it carries.

import { EXIT } from '../base/fault-entry.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import { stopper } from './command-dev.ts';
import type { Context, Values } from './context.ts';
import { measuredText } from './render-measure.ts';

export const measure: Command = {
  name: 'measure',
  what: 'Run a service under load on this machine: what a request takes, what one task carries.',
  arguments: [
    {
      name: 'service',
      what: 'Which to measure. Default: every service.',
      optional: true,
      many: true,
    },
  ],
  options: [
    ...CONFIG_OPTIONS,
    {
      flags: '-r, --request <line>',
      what: 'What to send: "GET /path", or with its weight "3 POST /orders". Default: the health check.',
      many: true,
    },
    {
      flags: '--requests <file>',
      what: 'A list of requests in YAML or JSON, with weights, headers and bodies.',
    },
    { flags: '-H, --header <line>', what: 'Header of every --request: "Name: value".', many: true },
    {
      flags: '--body <text>',
      what: 'Body of every --request that takes one; @file reads it from a file.',
    },
    { flags: '--target <duration>', what: 'An answer is to come within this. Default 200ms.' },
    {
      flags: '--percentile <name>',
      what: 'Of the answers, how many. Default p95.',
      choices: ['p50', 'p90', 'p95', 'p99'],
    },
    { flags: '--vcpu <number>', what: 'Size of the task. Default: fargate.cpu ÷ 1024.' },
    {
      flags: '--time <duration>',
      what: 'For each service, without its build and start. Default 30s.',
    },
    { flags: '--no-save', what: 'Leave fulcrum.measured.json as it is.' },
    JSON_OPTION,
  ],
  examples: [
    "fulcrum measure api --request 'GET /orders?limit=10'",
    "fulcrum measure --request '9 GET /' --request '1 POST /orders' --body @order.json",
    'fulcrum measure --stage production --target 300ms --percentile p99 --time 2m',
  ],
  async run(context, values) {
    const stop = stopper(context);
    const running = measureWith(context, values, stop.hurry);
    try {
      const measured = await running;
      if (values.on('json')) printJson(context, { schemaVersion: 1, ...measured });
      else context.out.write(measuredText(measured, context.paint));
      return EXIT.ok;
    } catch (error) {
      if (!stop.hurry.aborted) throw error;
      return (await stop.asked) === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
    } finally {
      stop.release();
    }
  },
};

async function measureWith(context: Context, values: Values, signal: AbortSignal) {
  const [{ DEFAULT_TARGET, DEFAULT_TIME_MS, measure }, { understand }] = await Promise.all([
    import('../ops/measure.ts'),
    import('../ops/measure/ask.ts'),
  ]);
  const { machine, cwd, err, version } = context;
  const asked = understand(machine, {
    cwd,
    requests: values.list('request'),
    file: values.text('requests'),
    headers: values.list('header'),
    body: values.text('body'),
    target: values.text('target'),
    percentile: values.text('percentile'),
    time: values.text('time'),
    vcpu: values.text('vcpu'),
  });
  return measure(machine, {
    ...choiceOf(context, values),
    services: values.args,
    requests: asked.requests,
    target: {
      ms: asked.targetMs ?? DEFAULT_TARGET.ms,
      percentile: asked.percentile ?? DEFAULT_TARGET.percentile,
    },
    vcpu: asked.vcpu,
    timeMs: asked.timeMs ?? DEFAULT_TIME_MS,
    save: values.on('save'),
    version,
    tell: (line) => err.write(`${line}\n`),
    signal,
  });
}
