// The books of one version of a function: every invocation is counted, metered and reported.

import { BYTES_PER_MIB, type Millis } from '../../base/units.ts';
import type { Meter } from '../../cost/meter.ts';
import { billedDuration } from '../../cost/rules/lambda.ts';
import type { LambdaSettings } from '../../model/app.ts';
import type { PlatformStatus, Span, Tracing } from '../../model/platform-event.ts';
import type { LambdaMetrics } from './lambda-metrics.ts';
import type { PlatformLog } from './platform-log.ts';

export interface BooksParts {
  /** Name of the service or function. */
  readonly name: string;
  readonly version: string;
  readonly settings: LambdaSettings;
  readonly meter: Meter;
  readonly metrics: LambdaMetrics;
}

export interface Ending {
  readonly requestId: string;
  readonly provisioned: boolean;
  readonly durationMs: Millis;
  /** Only for the invocation that waited for INIT. */
  readonly initMs: Millis | undefined;
  readonly peakMemoryBytes: number;
  readonly status: PlatformStatus;
  /** It counts as an error, whatever its status is called. */
  readonly failed: boolean;
  /** With a status other than "success". */
  readonly errorType: string | undefined;
  readonly spans?: readonly Span[];
  readonly tracing?: Tracing;
}

export class Books {
  readonly #parts: BooksParts;

  constructor(parts: BooksParts) {
    this.#parts = parts;
  }

  began(log: PlatformLog, requestId: string, provisioned: boolean, tracing?: Tracing): void {
    const { metrics, version } = this.#parts;
    metrics.began(provisioned);
    const record = { requestId, version, ...(tracing !== undefined && { tracing }) };
    log.write({ type: 'platform.start', record });
  }

  ended(log: PlatformLog, ending: Ending): void {
    const { name, settings, meter, metrics } = this.#parts;
    const { requestId, provisioned, durationMs, status, errorType, spans, tracing } = ending;
    const initMs = ending.initMs ?? 0;
    meter.invoked(name, { durationMs, initMs, provisioned });
    metrics.ended(durationMs, ending.failed);
    log.write({
      type: 'platform.report',
      record: {
        requestId,
        status,
        ...(errorType !== undefined && { errorType }),
        metrics: {
          durationMs,
          billedDurationMs: billedDuration(durationMs, initMs),
          memorySizeMB: settings.memoryMiB,
          maxMemoryUsedMB: Math.ceil(ending.peakMemoryBytes / BYTES_PER_MIB),
          ...(ending.initMs !== undefined && { initDurationMs: ending.initMs }),
        },
        ...(spans !== undefined && { spans }),
        ...(tracing !== undefined && { tracing }),
      },
    });
  }
}
