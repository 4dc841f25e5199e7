// What a policy does now and then: every minute, every two seconds.

import { SAME_SECONDS } from '../sliding-window.ts';

export interface Period {
  /** Seconds that have passed of this one. */
  passed: number;
}

/** How many periods end with these seconds. A tick of five minutes ends five of a minute. */
export function periodsEnded(period: Period, seconds: number, span: number): number {
  period.passed += span;
  if (period.passed < seconds - SAME_SECONDS) return 0;
  const ended = Math.floor((period.passed + SAME_SECONDS) / seconds);
  period.passed = Math.max(0, period.passed - ended * seconds);
  return ended;
}
