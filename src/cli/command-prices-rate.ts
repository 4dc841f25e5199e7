// `fulcrum prices rate`: what a usage on standard input costs.

import { Fault } from '../base/fault.ts';
import { EXIT } from '../base/fault-entry.ts';
import { printJson } from './command.ts';
import type { Context, Values } from './context.ts';
import { ratedText } from './render-rate.ts';

/**
 * Exit code 7 when something has no known price; what is known is printed all the same. Throws the
 * faults of `rateUsages` and `pricesInUse`, RATE_INPUT_TERMINAL.
 */
export async function runPricesRate(context: Context, values: Values): Promise<number> {
  const { pricesInUse } = await import('../ops/price-file.ts');
  const { todayOf } = await import('../ops/prices.ts');
  const { rateUsages } = await import('../ops/rate-usage.ts');
  const region = defaultRegion(values);
  if (context.inputIsTerminal) throw new Fault('RATE_INPUT_TERMINAL', {});
  const { data } = pricesInUse(context.machine, {
    cwd: context.cwd,
    pricesFile: values.text('pricesFile'),
    bundled: values.on('bundled'),
  });
  const { rated, isList } = rateUsages(await context.readInput(), {
    prices: data,
    today: todayOf(context.machine),
    region,
  });
  if (values.on('json')) printJson(context, isList ? rated : rated[0]);
  else context.out.write(rated.map((one) => ratedText(one, context.paint)).join('\n'));
  const unknown = [...new Set(rated.flatMap((one) => one.unknown))];
  if (unknown.length === 0) return EXIT.ok;
  context.err.write(`No price is known for: ${unknown.join(', ')}. That is not nothing.\n`);
  return EXIT.findings;
}

/** Of usages that name none. Throws USAGE for what does not go with "rate". */
function defaultRegion(values: Values): string | undefined {
  const [, ...stray] = values.args;
  const regions = values.list('region').flatMap((text) => text.split(','));
  const option = ['explain', 'refresh'].find((name) => values.on(name));
  const named = ['from', 'config'].find((name) => values.text(name) !== undefined);
  const problem =
    stray.length > 0
      ? `"rate" reads a usage from standard input, and takes no "${stray.join(' ')}".`
      : (option ?? named) !== undefined
        ? `--${option ?? named} does not go with "rate".`
        : regions.length > 1 || regions.includes('all')
          ? '"rate" takes one region, for usages that name none.'
          : undefined;
  if (problem === undefined) return regions[0];
  throw new Fault('USAGE', {
    problem,
    fix: 'As in: fulcrum prices rate --region eu-west-2 < usage.json. A usage may name its region itself.',
  });
}
