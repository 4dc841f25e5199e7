// The clairvoyant optimum as a linear programme, for a solver (HiGHS): docs/design/optimum.md.
// U_t and V_t are the tasks started and stopped up to second t, o_t the requests that go to Lambda.

import loadHighs from 'highs';
import type { PlacementTerms } from '../../src/scaling/placement.ts';

export interface Exact {
  readonly usd: number;
  /** Tasks in each second, as the solver gives them. */
  readonly tasks: readonly number[];
}

/** `whole`: tasks are integers by decree, and no cut says what is between two of them. */
export type Variant = 'linear' | 'whole';

// The types of the package are those of a CommonJS module; what Node imports is an ES module.
const solver = (loadHighs as unknown as typeof loadHighs.default)();

/** With runs of `run` seconds at least; 0 drops the rule. Money in requests, so figures are about 1. */
export async function exactOptimum(
  rates: readonly number[],
  terms: PlacementTerms,
  run: number,
  variant: Variant,
): Promise<Exact> {
  const text = programmeOf(rates, terms, run, variant);
  const solution = (await solver).solve(text, {
    output_flag: false,
    mip_rel_gap: 0,
    mip_abs_gap: 0,
    primal_feasibility_tolerance: 1e-10,
    dual_feasibility_tolerance: 1e-10,
    // With it HiGHS 1.15 calls a programme in whole numbers optimal that is not, once in 250.
    presolve: variant === 'whole' ? 'off' : 'choose',
  });
  if (solution.Status !== 'Optimal') throw new Error(`the solver says: ${solution.Status}`);
  const primalOf = (name: string): number => solution.Columns[name]?.Primal ?? 0;
  return {
    usd: solution.ObjectiveValue * terms.lambdaUsdPerRequest,
    tasks: rates.map((_, second) => primalOf(`U${second}`) - primalOf(`V${second}`)),
  };
}

function programmeOf(
  rates: readonly number[],
  terms: PlacementTerms,
  run: number,
  variant: Variant,
): string {
  const { taskUsdPerSecond, lambdaUsdPerRequest, taskRate } = terms;
  const price = taskUsdPerSecond / lambdaUsdPerRequest;
  const start = price * (terms.billedStartSeconds + terms.drainSeconds);
  const cost: string[] = [];
  const rows: string[] = [];
  rates.forEach((rate, second) => {
    const tasks = `U${second} - V${second}`;
    // The sum of all starts is the last U.
    const started = second === rates.length - 1 ? price + start : price;
    cost.push(`${started} U${second} - ${price} V${second} + o${second}`);
    rows.push(`${tasks} >= 0`);
    if (second > 0) {
      rows.push(`U${second} - U${second - 1} >= 0`, `V${second} - V${second - 1} >= 0`);
    }
    // Who stops now began `run` seconds ago or before; oldest first.
    rows.push(
      second >= run && second > 0
        ? `V${second} - U${second - Math.max(1, run)} <= 0`
        : `V${second} <= 0`,
    );
    rows.push(`o${second} + ${taskRate} U${second} - ${taskRate} V${second} >= ${rate}`);
    const full = Math.floor(rate / taskRate);
    const rest = rate - full * taskRate;
    if (variant === 'linear' && rest > 0) {
      rows.push(`o${second} + ${rest} U${second} - ${rest} V${second} >= ${rest * (full + 1)}`);
    }
  });
  const names = rates.flatMap((_, second) => [`U${second}`, `V${second}`]);
  const whole = variant === 'whole' ? `General\n ${names.join('\n ')}\n` : '';
  return `Minimize\n obj: ${cost.join('\n + ')}\nSubject To\n ${rows.join('\n ')}\n${whole}End\n`;
}
