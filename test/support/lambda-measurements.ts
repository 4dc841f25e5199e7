// What SimFaaS's authors measured on AWS Lambda in 2020 [pacslab/simfaas, MIT]: requests by chance, one
// or half of one a minute, to a function that takes 1.9 s. Each row is a request with the
// time at which it was sent, whether its start was cold, and the id of its environment. The files are
// not ours and are not part of the project.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';

const FOLDER = fileURLToPath(new URL('../../../shared/data/lambda/', import.meta.url));

export const LAMBDA_RUNS = [
  'pacslab_res-01-2020-05-26_01-31-35',
  'pacslab_res-01-2020-06-18_23-36-37',
] as const;

export interface MeasuredRun {
  /** In their order; the first one at 0. */
  readonly requests: readonly MeasuredRequest[];
  readonly coldStarts: number;
  /** Environments that served one of them. */
  readonly instances: number;
}

export interface MeasuredRequest {
  /** Seconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly isCold: boolean;
  readonly instance: string;
  /** When its answer was there, seconds. */
  readonly endedAt: number;
}

/** Undefined where the files are not. */
export function measuredRun(name: (typeof LAMBDA_RUNS)[number]): MeasuredRun | undefined {
  const file = `${FOLDER}${name}.csv`;
  if (!existsSync(file)) return undefined;
  const rows = parse(readFileSync(file), { columns: true }) as Record<string, string>[];
  const first = Number(rows[0]?.['client_start_time']);
  const requests = rows.map((row) => ({
    at: Number(row['client_start_time']) - first,
    durationMs: Number(row['aws_duration']),
    isCold: row['is_cold'] === 'True',
    instance: row['exist_id'] ?? '',
    endedAt: Number(row['client_end_time']) - first,
  }));
  const coldStarts = requests.filter(({ isCold }) => isCold).length;
  return { requests, coldStarts, instances: new Set(requests.map((one) => one.instance)).size };
}
