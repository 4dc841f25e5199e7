// Writes what Lambda says about an environment into its log: as START, END and REPORT, or as JSON
// objects. [LDG:monitoring-cloudwatchlogs-logformat, LDG:lambda-runtime-environment]

import type { Clock } from '../../base/ports.ts';
import { type Millis, MS_PER_SECOND } from '../../base/units.ts';
import type { Assumptions, LogFormat } from '../../model/app.ts';
import type { PlatformEvent, PlatformRecords, PlatformStatus } from '../../model/platform-event.ts';
import type { ServiceLog } from '../program.ts';

export interface PlatformLog {
  write(event: PlatformEvent): void;
}

export interface PlatformLogParts {
  readonly clock: Clock;
  readonly log: ServiceLog;
  readonly format: LogFormat;
  readonly style: Assumptions['reportStyle'];
}

export function platformLog({ clock, log, format, style }: PlatformLogParts): PlatformLog {
  if (format === 'json') {
    return {
      write({ type, record }) {
        if (!isInfo(type, 'status' in record ? record.status : undefined)) return;
        const time = new Date(clock.wall()).toISOString();
        log.platform(JSON.stringify({ time, type, record }));
      },
    };
  }
  return {
    write(event) {
      for (const line of linesOf(event, style, clock.wall())) log.platform(line);
    },
  };
}

/** System logs have the level INFO: what went well in between is DEBUG and is left out. */
function isInfo(type: PlatformEvent['type'], status: PlatformStatus | undefined): boolean {
  const isFailure = status !== undefined && status !== 'success';
  return (
    isFailure ||
    type === 'platform.initStart' ||
    type === 'platform.start' ||
    type === 'platform.report' ||
    type === 'platform.logsDropped'
  );
}

function linesOf(event: PlatformEvent, style: Assumptions['reportStyle'], wall: Millis) {
  switch (event.type) {
    case 'platform.start':
      return [`START RequestId: ${event.record.requestId} Version: ${event.record.version}`];
    case 'platform.runtimeDone':
      return [`END RequestId: ${event.record.requestId}`];
    case 'platform.report':
      return reportLines(event.record, style, wall);
    case 'platform.initReport':
      return initLines(event.record);
    case 'platform.extension':
      return [extensionLine(event.record)];
    case 'platform.telemetrySubscription': {
      const { name, state, types } = event.record;
      return [`TELEMETRY\tName: ${name}\tState: ${state}\tTypes: [${types.join(', ')}]`];
    }
    default:
      return [];
  }
}

function reportLines(
  { requestId, status, errorType, metrics }: PlatformRecords['platform.report'],
  style: Assumptions['reportStyle'],
  wall: Millis,
): readonly string[] {
  const parts = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${metrics.durationMs.toFixed(2)} ms`,
    `Billed Duration: ${metrics.billedDurationMs} ms`,
    `Memory Size: ${metrics.memorySizeMB} MB`,
    `Max Memory Used: ${metrics.maxMemoryUsedMB} MB`,
  ];
  const { initDurationMs } = metrics;
  if (initDurationMs !== undefined) parts.push(`Init Duration: ${initDurationMs.toFixed(2)} ms`);
  if (style === 'status') {
    if (status === 'timeout') parts.push('Status: timeout');
    else if (status !== 'success') parts.push('Status: error', `Error Type: ${errorType}`);
    return [parts.join('\t')];
  }
  if (status !== 'timeout') return [parts.join('\t')];
  const seconds = (metrics.durationMs / MS_PER_SECOND).toFixed(2);
  const time = new Date(wall).toISOString();
  return [parts.join('\t'), `${time} ${requestId} Task timed out after ${seconds} seconds`];
}

/** An INIT that went well is told only where it is not part of an invocation. */
function initLines({
  status,
  errorType,
  phase,
  initializationType,
  metrics,
}: PlatformRecords['platform.initReport']): readonly string[] {
  if (status === 'success' && initializationType === 'on-demand') return [];
  const parts = [`INIT_REPORT Init Duration: ${metrics.durationMs.toFixed(2)} ms`];
  parts.push(`Phase: ${phase}`, `Status: ${status === 'failure' ? 'error' : status}`);
  if (errorType !== undefined) parts.push(`Error Type: ${errorType}`);
  return [parts.join('\t')];
}

function extensionLine({
  name,
  state,
  events,
  errorType,
}: PlatformRecords['platform.extension']): string {
  const error = errorType === undefined ? '' : `\tError Type: ${errorType}`;
  return `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(', ')}]${error}`;
}
