// `fulcrum prices --refresh` for people: what is read, and what came of it.

import { sayBytes } from '../base/units.ts';
import type { RefreshProgress, RefreshReport } from '../ops/refresh-prices.ts';
import type { Context } from './context.ts';
import { count } from './render-status.ts';
import { type Paint, table, wrap } from './terminal.ts';

/** Items that a sentence names. */
const NAMED = 4;

/** How often the line that counts is written anew. */
const EVERY_MS = 100;

/** One line that counts on a terminal; else a line for each price list that was read. */
export function refreshProgress({ err, machine }: Pick<Context, 'err' | 'machine'>) {
  let last = 0;
  let open = false;
  const end = () => {
    if (open) err.write('\r\x1b[K');
    open = false;
  };
  return {
    end,
    say({ region, code, number, of, bytes, done }: RefreshProgress): void {
      const line = `${number}/${of}  ${code} ${region}  ${sayBytes(bytes)}`;
      if (!err.isTerminal) {
        if (done) err.write(`${line}\n`);
        return;
      }
      const now = machine.clock.now();
      if (!done && now - last < EVERY_MS) return;
      last = now;
      open = true;
      err.write(`\r\x1b[K${line}`);
    },
  };
}

export function refreshText(report: RefreshReport, paint: Paint, width: number): string {
  const { changes, same, kept, notRead, file, replaced, read, regions } = report;
  const of = regions.length === 1 ? regions[0] : `${regions.length} regions`;
  const changed = changes.map(({ region, item, before, after }) => [
    `  ${region}`,
    item,
    before === undefined ? 'new' : `$${before}`,
    before === after ? 'other tiers above' : `→ $${after}`,
  ]);
  const keptRows = keptLines(kept).map((line) => wrap(line, width, '    '));
  return [
    `${paint('bold', `${count(read, 'price')} of ${of} read`)}: ${changes.length} new or changed, ${same} the same\n`,
    table(changed),
    ...(kept.length === 0
      ? []
      : [`\n${paint('yellow', 'Kept as they were')}\n${keptRows.join('\n')}\n`]),
    ...(notRead.length === 0
      ? []
      : [
          `\n${paint('dim', wrap(`Not read, as their row in the price list is not known for certain: ${named(notRead)}.`, width))}\n`,
        ]),
    `\nWritten to ${file}${replaced ? ', in place of a damaged one' : ''}\n`,
  ].join('');
}

/** A line for each reason in each region. */
function keptLines(kept: RefreshReport['kept']): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { region, item, why } of kept) {
    const reason = `${region}, ${why}`;
    groups.set(reason, [...(groups.get(reason) ?? []), item]);
  }
  return [...groups].map(([reason, items]) => `  ${reason}: ${named(items)}`);
}

function named(items: readonly string[]): string {
  const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
  return `${items.slice(0, NAMED).join(', ')}${more}`;
}
