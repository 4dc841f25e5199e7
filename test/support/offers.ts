// A price list in the form of AWS's bulk offers, served on this machine. Its products are made up.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface MadeRow {
  readonly usageType: string;
  readonly usd: string;
  readonly operation?: string;
  readonly sku?: string;
  readonly term?: string;
  readonly from?: string;
  readonly to?: string;
  readonly currency?: string;
  readonly region?: string;
}

const COLUMNS = [
  'SKU',
  'OfferTermCode',
  'RateCode',
  'TermType',
  'PriceDescription',
  'EffectiveDate',
  'StartingRange',
  'EndingRange',
  'Unit',
  'PricePerUnit',
  'Currency',
  'Product Family',
  'serviceCode',
  'Location',
  'usageType',
  'operation',
  'Region Code',
  'serviceName',
] as const;

export const VERSION = '20261120080000';

/** An offer file as AWS writes one: every cell in quotes, empty ones without. */
export function offerCsv(
  code: string,
  region: string,
  rows: readonly MadeRow[],
  columns: readonly string[] = COLUMNS,
): string {
  const head = [
    ['FormatVersion', 'v1.0'],
    ['Disclaimer', 'Made up. "Quoted", with a comma'],
    ['Publication Date', '2026-11-20T08:00:00Z'],
    ['Version', VERSION],
    ['OfferCode', code],
    columns,
  ];
  const body = rows
    .map((row, index) => cellsOf(row, index, code, region))
    .map((cells) => columns.map((column) => cells[column] ?? ''));
  return [...head, ...body].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

function cellsOf(
  row: MadeRow,
  index: number,
  code: string,
  region: string,
): Record<string, string> {
  const sku = row.sku ?? `SKU${code}${index}`.toUpperCase();
  return {
    SKU: sku,
    OfferTermCode: 'JRTCKXETXF',
    RateCode: `${sku}.JRTCKXETXF.6YS6EN2CT7`,
    TermType: row.term ?? 'OnDemand',
    PriceDescription: `${row.usageType} in ${region}, made up`,
    EffectiveDate: '2026-11-01',
    StartingRange: row.from ?? '0',
    EndingRange: row.to ?? 'Inf',
    Unit: 'unit',
    PricePerUnit: row.usd,
    Currency: row.currency ?? 'USD',
    serviceCode: code,
    usageType: row.usageType,
    operation: row.operation ?? '',
    'Region Code': row.region ?? region,
  };
}

const quoted = (cell: string): string => (cell === '' ? '' : `"${cell.replaceAll('"', '""')}"`);

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const csv =
  (text: string): Answer =>
  (_, response) => {
    response.setHeader('content-type', 'text/csv');
    response.end(text);
  };

export interface PriceServer {
  readonly url: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
}

/** Serves what `answers` has by path below the offers, as "AWSLambda/current/eu-west-2/index.csv". */
export async function priceServer(
  answers: Readonly<Record<string, Answer>>,
  otherwise: Answer = (_, response) => {
    response.statusCode = 404;
    response.end('nothing here');
  },
): Promise<PriceServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/offers/v1.0/aws/', '');
    asked.push(path);
    (answers[path] ?? otherwise)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
