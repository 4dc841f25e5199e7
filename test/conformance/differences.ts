// Where the emulator of AWS does not do what Lambda does. Each has its row in
// `docs/design/conformance.md`; a case asks here before it expects something else of the emulator.

import type { LambdaUnderTest } from './under-test.ts';

export const DIFFERENCES = [
  'account-id',
  'broken-answer',
  'crowd',
  'error-header',
  'error-in-stream',
  'extension-variables',
  'freeze',
  'held-answer',
  'init-exit',
  'initialization-type',
  'invocation-id',
  'memory-limit',
  'refused-mode',
  'shutdown-reason',
  'stream-error',
  'telemetry',
  'timeout-body',
  'trace-id',
] as const;

export type Difference = (typeof DIFFERENCES)[number];

/** What is tested is the emulator, and it is known to differ. */
export function differs({ name }: LambdaUnderTest, _difference: Difference): boolean {
  return name === 'RIE';
}
