// The bundled prices against the table they were carried over from, row by row, where it is there.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findItem } from '../src/cost/prices/find-item.ts';
import { BUNDLED_PRICES } from '../src/cost/prices/price-data.ts';

const TABLE = fileURLToPath(new URL('../../shared/data/prices.json', import.meta.url));

interface TableRow {
  readonly usd: number;
  readonly from?: number;
  readonly to?: number | null;
  readonly source: string;
  readonly date: string;
  readonly confidence: string;
  readonly note?: string;
  readonly quantity?: number;
}

type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, TableRow>>>>>>;

it.skipIf(!existsSync(TABLE))('has every row of the table, and no other', () => {
  const table = JSON.parse(readFileSync(TABLE, 'utf8')) as Table;
  let rows = 0;
  let free = 0;
  for (const [region, services] of Object.entries(table)) {
    for (const [service, items] of Object.entries(services)) {
      for (const [name, row] of Object.entries(items)) {
        if (service === 'free_tier') {
          const key = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
          const { source, ...allowance } = BUNDLED_PRICES.allowances[key] ?? { source: -1 };
          expect({ ...allowance, source: BUNDLED_PRICES.sources[source] }, key).toMatchObject({
            quantity: row.quantity,
            date: row.date,
            confidence: row.confidence,
            source: row.source,
          });
          free += 1;
          continue;
        }
        const where = `${region} ${service} ${name}`;
        const tier = Number(/_tier(\d)$/.exec(name)?.[1] ?? 1);
        const item = findItem(service, name.replace(/_tier\d$/, ''));
        expect(item, where).toBeDefined();
        const found = BUNDLED_PRICES.prices[region]?.[item ?? '']?.[tier - 1];
        expect(found, where).toBeDefined();
        expect(Number(found?.usd), where).toBe(row.usd);
        expect([found?.from ?? 0, found?.to ?? null], where).toEqual([
          row.from ?? 0,
          row.to ?? null,
        ]);
        expect(BUNDLED_PRICES.sources[found?.source ?? -1], where).toBe(row.source);
        expect([found?.date, found?.confidence], where).toEqual([row.date, row.confidence]);
        if (row.note !== undefined) expect(found?.note, where).toBe(row.note);
        rows += 1;
      }
    }
  }
  const ours = Object.values(BUNDLED_PRICES.prices).flatMap((items) => Object.values(items).flat());
  expect(rows).toBe(ours.length);
  expect(free).toBe(Object.keys(BUNDLED_PRICES.allowances).length);
});
