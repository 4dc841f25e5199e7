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
  if (context.inputIsTerminal) throw new Fault('RATE_INPUT_TERMINAL', {});
  const { data } = pricesInUse(context.machine, {
    cwd: context.cwd,
    pricesFile: values.text('file'),
    bundled: values.on('bundled'),
  });
  const { rated, isList } = rateUsages(await context.readInput(), {
    prices: data,
    today: todayOf(context.machine),
  });
  if (values.on('json')) printJson(context, isList ? rated : rated[0]);
  else context.out.write(rated.map((one) => ratedText(one, context.paint)).join('\n'));
  const unknown = [...new Set(rated.flatMap((one) => one.unknown))];
  if (unknown.length === 0) return EXIT.ok;
  context.err.write(`No price is known for: ${unknown.join(', ')}. That is not nothing.\n`);
  return EXIT.findings;
}
