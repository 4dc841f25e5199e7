// The lines Lambda writes about every invocation. [LDG:monitoring-cloudwatchlogs-logformat]

import type { Millis } from '../../base/units.ts';

/** How an invocation ended that did not succeed. */
export type InvocationStatus =
  | { readonly name: 'timeout' }
  | { readonly name: 'error'; readonly type: string };

export interface Report {
  readonly requestId: string;
  readonly durationMs: Millis;
  readonly billedMs: number;
  readonly memoryMiB: number;
  readonly maxMemoryMiB: number;
  /** Only for the invocation that waited for INIT. */
  readonly initMs: Millis | undefined;
  readonly status: InvocationStatus | undefined;
}

export function startLine(requestId: string): string {
  return `START RequestId: ${requestId} Version: 1`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`;
}

export function reportLine(report: Report): string {
  const parts = [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${report.billedMs} ms`,
    `Memory Size: ${report.memoryMiB} MB`,
    `Max Memory Used: ${report.maxMemoryMiB} MB`,
  ];
  if (report.initMs !== undefined) parts.push(`Init Duration: ${report.initMs.toFixed(2)} ms`);
  if (report.status !== undefined) parts.push(`Status: ${report.status.name}`);
  if (report.status?.name === 'error') parts.push(`Error Type: ${report.status.type}`);
  return parts.join('\t');
}
