// The settings of the Lambda Web Adapter, from the variables of a program.
// [aws-lambda-web-adapter 1.0.0, README and src/lib.rs]
//
// A value that the adapter cannot read it takes for the default, silently; only the pieces of a list
// of status codes are warned about. So does this.

import type { StatusRange } from '../model/app.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface AdapterSettings {
  /** Where the program listens. Default: 8080. */
  readonly port: string;
  /** Default: 127.0.0.1. */
  readonly host: string;
  readonly readiness: ReadinessCheck;
  /** INIT is over after 9.8 s even if the program is not ready; the first request waits for it. */
  readonly asyncInit: boolean;
  /** Taken off the beginning of each path, as often as it is there. */
  readonly basePath: string | undefined;
  /** Answers are compressed as the client accepts it; not with `response_stream`. */
  readonly compression: boolean;
  readonly invokeMode: 'buffered' | 'response_stream';
  /** Where events that are no HTTP requests are posted. Default: /events. */
  readonly passThroughPath: string;
  /** This header becomes Authorization. In lower case. */
  readonly authorizationSource: string | undefined;
  /** A status of the program with which the invocation fails. */
  readonly errorStatusCodes: readonly StatusRange[];
  /** What the adapter writes to the log about them. */
  readonly warnings: readonly string[];
}

export interface ReadinessCheck {
  /** Default: the port of the program. */
  readonly port: string;
  /** Default: /. */
  readonly path: string;
  readonly protocol: 'http' | 'tcp';
  /** Default: 100 to 499. */
  readonly healthy: readonly StatusRange[];
}

const DEFAULT_HEALTHY: readonly StatusRange[] = [{ from: 100, to: 499 }];

/** The adapter waits this long for the program with `asyncInit`. [src/lib.rs check_init_health] */
export const ASYNC_INIT_MS = 9800;

/** The readiness check is repeated after this long. [src/lib.rs is_web_ready] */
export const READINESS_EVERY_MS = 10;

export function adapterSettings(variables: Variables): AdapterSettings {
  const warnings: string[] = [];
  const read = (name: string, old: string): string | undefined => {
    const value = variables[`AWS_LWA_${name}`];
    if (value !== undefined) return value;
    const deprecated = variables[old];
    if (deprecated !== undefined && old !== 'PORT') {
      warnings.push(
        `Environment variable '${old}' is deprecated and will be removed in version 2.0. Please use 'AWS_LWA_${name}' instead.`,
      );
    }
    return deprecated;
  };
  const codes = (text: string) => statusRanges(text, warnings);
  const port = read('PORT', 'PORT') ?? '8080';
  const healthy = variables['AWS_LWA_READINESS_CHECK_HEALTHY_STATUS'];
  const errors = variables['AWS_LWA_ERROR_STATUS_CODES'];
  const streams = variables['AWS_LWA_INVOKE_MODE']?.toLowerCase() === 'response_stream';
  const compression = variables['AWS_LWA_ENABLE_COMPRESSION'] === 'true';
  if (compression && streams) {
    warnings.push('Compression is not supported with response streaming. Disabling compression.');
  }
  return {
    port,
    host: read('HOST', 'HOST') ?? '127.0.0.1',
    readiness: {
      port: read('READINESS_CHECK_PORT', 'READINESS_CHECK_PORT') ?? port,
      path: read('READINESS_CHECK_PATH', 'READINESS_CHECK_PATH') ?? '/',
      protocol: isTcp(read('READINESS_CHECK_PROTOCOL', 'READINESS_CHECK_PROTOCOL')),
      healthy: healthy === undefined ? DEFAULT_HEALTHY : codes(healthy),
    },
    asyncInit: read('ASYNC_INIT', 'ASYNC_INIT') === 'true',
    basePath: read('REMOVE_BASE_PATH', 'REMOVE_BASE_PATH'),
    compression: compression && !streams,
    invokeMode: streams ? 'response_stream' : 'buffered',
    passThroughPath: variables['AWS_LWA_PASS_THROUGH_PATH'] ?? '/events',
    authorizationSource: variables['AWS_LWA_AUTHORIZATION_SOURCE']?.toLowerCase(),
    errorStatusCodes: errors === undefined ? [] : codes(errors),
    warnings,
  };
}

const isTcp = (text: string | undefined) => (text?.toLowerCase() === 'tcp' ? 'tcp' : 'http');

const DIGITS = /^\+?\d{1,5}$/;

/** "500,502-504": what is no code and no range of codes is left out with a warning. */
function statusRanges(text: string, warnings: string[]): readonly StatusRange[] {
  return text.split(',').flatMap((piece) => {
    const part = piece.trim();
    const [from = '', to = from, ...more] = part.split('-');
    if (DIGITS.test(from) && DIGITS.test(to) && more.length === 0) {
      return [{ from: Number(from), to: Number(to) }];
    }
    if (part !== '') {
      const what = part.includes('-') ? 'status code range' : 'status code';
      warnings.push(`Failed to parse ${what}: ${part}`);
    }
    return [];
  });
}

export function isWithin(status: number, ranges: readonly StatusRange[]): boolean {
  return ranges.some(({ from, to }) => status >= from && status <= to);
}
