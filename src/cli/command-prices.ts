// `fulcrum prices`: shows, explains and refreshes what things cost.

import { Fault, isFault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import type { PricesOptions } from '../ops/prices.ts';
import { CONFIG_OPTIONS, type Command, choiceOf, JSON_OPTION, printJson } from './command.ts';
import { runPricesRate } from './command-prices-rate.ts';
import type { Context, Values } from './context.ts';
import { faultText } from './render-fault.ts';
import { explainPriceText, pricesText } from './render-prices.ts';
import { refreshProgress, refreshText } from './render-refresh.ts';
import { widthOf } from './terminal.ts';

export const prices: Command = {
  name: 'prices',
  what: 'Show what things cost, explain a price, rate a usage, or read new prices from AWS.',
  arguments: [
    {
      name: 'item-or-word',
      what: 'Items, or words that they have. "explain" first: one item in full. "rate" alone: what a usage costs, as JSON on standard input.',
      optional: true,
      many: true,
    },
  ],
  options: [
    ...CONFIG_OPTIONS.slice(0, 1),
    {
      flags: '-r, --region <name>',
      what: 'A region, several with commas, or all. Default: that of the app, else us-east-1.',
      many: true,
    },
    { flags: '--explain', what: 'Say everything about the one item that the words name.' },
    {
      flags: '--refresh',
      what: "Read the prices anew from AWS's bulk price list. Words choose which; all take minutes.",
    },
    { flags: '--from <url>', what: 'Where --refresh finds the price list, in place of AWS.' },
    {
      flags: '--prices-file <file>',
      what: 'Refreshed prices to use, or to write. Default: a file of the user.',
    },
    { flags: '--bundled', what: 'Only the prices that came with Fulcrum.' },
    JSON_OPTION,
  ],
  examples: [
    'fulcrum prices',
    'fulcrum prices fargate arm --region eu-west-2,us-east-1',
    'fulcrum prices explain lambda.x86_64.gbSecond',
    'fulcrum prices rate --json < usage.json',
    'fulcrum prices --refresh --region eu-west-2',
    'fulcrum prices nat --refresh',
  ],
  async run(context, values) {
    const [first] = values.args;
    if (first === 'rate') return runPricesRate(context, values);
    refuseContradictions(values);
    if (values.on('refresh')) return runRefresh(context, values);
    if (first === 'explain' || values.on('explain')) return runExplain(context, values);
    return runList(context, values);
  },
};

async function runList(context: Context, values: Values): Promise<number> {
  const { listPrices } = await import('../ops/prices.ts');
  const list = listPrices(context.machine, optionsOf(context, values, values.args));
  if (values.on('json')) printJson(context, list);
  else context.out.write(pricesText(list, context.paint, widthOf(context.out)));
  return EXIT.ok;
}

async function runExplain(context: Context, values: Values): Promise<number> {
  const { explainPrice } = await import('../ops/prices.ts');
  const words = wordsOf(values);
  if (words.length === 0) {
    throw new Fault('USAGE', {
      problem: 'There is no item to explain.',
      fix: 'Name one, as in: fulcrum prices explain lambda.request.',
    });
  }
  const explained = explainPrice(context.machine, optionsOf(context, values, words));
  if (values.on('json')) printJson(context, explained);
  else context.out.write(explainPriceText(explained, context.paint, widthOf(context.out)));
  return EXIT.ok;
}

async function runRefresh(context: Context, values: Values): Promise<number> {
  const { matching, regionsToRefresh } = await import('../ops/prices.ts');
  const { refreshPrices } = await import('../ops/refresh-prices.ts');
  const options = optionsOf(context, values, values.args);
  const stop = new AbortController();
  let terminated = false;
  const release = context.onInterrupt((signal) => {
    terminated = signal === 'SIGTERM';
    stop.abort();
  });
  const progress = refreshProgress(context);
  try {
    const report = await refreshPrices(context.machine, {
      ...options,
      regions: regionsToRefresh(context.machine, options),
      items: matching(values.args),
      from: values.text('from'),
      signal: stop.signal,
      progress: progress.say,
    });
    progress.end();
    if (values.on('json')) printJson(context, report);
    else context.out.write(refreshText(report, context.paint, widthOf(context.out)));
    return EXIT.ok;
  } catch (error) {
    progress.end();
    if (!terminated || !isFault(error, 'PRICES_REFRESH_STOPPED')) throw error;
    context.err.write(faultText(error, context.paintErr, false));
    return EXIT.terminated;
  } finally {
    release();
  }
}

/** Without the "explain" that comes first. */
function wordsOf({ args }: Values): readonly string[] {
  return args[0] === 'explain' ? args.slice(1) : args;
}

function optionsOf(context: Context, values: Values, words: readonly string[]): PricesOptions {
  return {
    ...choiceOf(context, values),
    words,
    regions: values.list('region'),
    pricesFile: values.text('pricesFile'),
    bundled: values.on('bundled'),
  };
}

function refuseContradictions(values: Values): void {
  const refresh = values.on('refresh');
  const explain = values.on('explain') || values.args[0] === 'explain';
  const problem =
    values.text('from') !== undefined && !refresh
      ? '--from is for --refresh.'
      : values.on('bundled') && (refresh || values.text('pricesFile') !== undefined)
        ? '--bundled leaves refreshed prices out.'
        : refresh && explain
          ? 'A refresh explains nothing.'
          : undefined;
  if (problem === undefined) return;
  throw new Fault('USAGE', {
    problem,
    fix: 'Leave one of the two out; see fulcrum prices --help.',
  });
}
