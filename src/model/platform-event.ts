// What Lambda itself says about an environment and its invocations: the events of the Telemetry API,
// and of JSON logs. [LDG:telemetry-schema-reference]

import type { Millis } from '../base/units.ts';

export type InitializationType = 'on-demand' | 'provisioned-concurrency';

/** INIT before the first invocation, or started over inside one. */
export type InitPhase = 'init' | 'invoke';

export type PlatformStatus = 'success' | 'failure' | 'error' | 'timeout';

export interface Span {
  readonly name: 'responseLatency' | 'responseDuration' | 'runtimeOverhead' | 'extensionOverhead';
  /** ISO 8601. */
  readonly start: string;
  readonly durationMs: Millis;
}

export interface Tracing {
  readonly spanId?: string;
  readonly type: 'X-Amzn-Trace-Id';
  readonly value: string;
}

interface InitFacts {
  readonly initializationType: InitializationType;
  readonly phase: InitPhase;
}

interface Ended {
  readonly status: PlatformStatus;
  readonly errorType?: string;
}

export interface PlatformRecords {
  'platform.initStart': InitFacts & {
    readonly functionName: string;
    readonly functionVersion: string;
    readonly instanceMaxMemory: number;
  };
  'platform.initRuntimeDone': InitFacts & Ended;
  'platform.initReport': InitFacts & Ended & { readonly metrics: { readonly durationMs: Millis } };
  'platform.start': {
    readonly requestId: string;
    readonly version: string;
    readonly tracing?: Tracing;
  };
  'platform.runtimeDone': Ended & {
    readonly requestId: string;
    readonly metrics?: { readonly durationMs: Millis; readonly producedBytes: number };
    readonly spans?: readonly Span[];
    readonly tracing?: Tracing;
  };
  'platform.report': Ended & {
    readonly requestId: string;
    readonly metrics: {
      readonly durationMs: Millis;
      readonly billedDurationMs: Millis;
      readonly memorySizeMB: number;
      readonly maxMemoryUsedMB: number;
      readonly initDurationMs?: Millis;
    };
    readonly spans?: readonly Span[];
    readonly tracing?: Tracing;
  };
  'platform.extension': {
    readonly name: string;
    readonly state: string;
    readonly events: readonly string[];
    readonly errorType?: string;
  };
  'platform.telemetrySubscription': {
    readonly name: string;
    readonly state: 'Subscribed';
    readonly types: readonly string[];
  };
  'platform.logsDropped': {
    readonly reason: string;
    readonly droppedRecords: number;
    readonly droppedBytes: number;
  };
}

export type PlatformType = keyof PlatformRecords;

export type PlatformEvent = {
  [type in PlatformType]: { readonly type: type; readonly record: PlatformRecords[type] };
}[PlatformType];
