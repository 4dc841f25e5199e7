// The life of an event that nobody waits for: when it is tried again, and when it is over.
//
// Invariants
//   V1. The function fails at most `retries + 1` times for one event.
//   V2. No attempt begins when the event is `maxAgeMs` old or older.
//   V3. An event that is over stays over; every event is over at `maxAgeMs` at the latest, once the
//       attempt under way has ended.
//   V4. Throttles use up no retries.
//
// [LDG:invocation-async-error-handling], [LDG:invocation-async-retain-records]

import type { Millis } from '../base/units.ts';
import { LAMBDA_ASYNC } from '../model/aws-limits.ts';

export interface AsyncRules {
  readonly retries: number;
  readonly maxAgeMs: Millis;
}

export type AsyncEvent =
  | {
      readonly state: 'waiting';
      readonly acceptedAt: Millis;
      /** When it is looked at again: for the next attempt, or because it is too old by then. */
      readonly at: Millis;
      /** Attempts that ended with an error of the function. */
      readonly failures: number;
      readonly throttles: number;
    }
  | { readonly state: 'over'; readonly condition: AsyncCondition };

export type WaitingEvent = Extract<AsyncEvent, { state: 'waiting' }>;

/** `condition` of the record. */
export type AsyncCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

export type AttemptEnd = 'succeeded' | 'failed' | 'throttled';

export function acceptedEvent(now: Millis): WaitingEvent {
  return { state: 'waiting', acceptedAt: now, at: now, failures: 0, throttles: 0 };
}

/** Called when `at` has come: over if it is too old by now, else it is tried. */
export function due(event: WaitingEvent, rules: AsyncRules, now: Millis): AsyncEvent {
  return now - event.acceptedAt >= rules.maxAgeMs
    ? { state: 'over', condition: 'EventAgeExceeded' }
    : event;
}

/** Its function has a reserved concurrency of 0, so it can never run. */
export function unreachable(): AsyncEvent {
  return { state: 'over', condition: 'RetriesExhausted' };
}

export function attempted(
  event: WaitingEvent,
  end: AttemptEnd,
  rules: AsyncRules,
  now: Millis,
): AsyncEvent {
  switch (end) {
    case 'succeeded':
      return { state: 'over', condition: 'Success' };
    case 'failed': {
      const failures = event.failures + 1;
      if (failures > rules.retries) return { state: 'over', condition: 'RetriesExhausted' };
      const waits = LAMBDA_ASYNC.errorWaitsMs;
      const wait = waits[Math.min(failures, waits.length) - 1] ?? 0;
      return waitFor({ ...event, failures }, wait, rules, now);
    }
    case 'throttled': {
      const throttles = event.throttles + 1;
      const { first, last } = LAMBDA_ASYNC.throttleWaitMs;
      const wait = Math.min(last, first * 2 ** (throttles - 1));
      return waitFor({ ...event, throttles }, wait, rules, now);
    }
  }
}

function waitFor(event: WaitingEvent, wait: Millis, rules: AsyncRules, now: Millis): AsyncEvent {
  const oldAt = event.acceptedAt + rules.maxAgeMs;
  if (now >= oldAt) return { state: 'over', condition: 'EventAgeExceeded' };
  return { ...event, at: Math.min(now + wait, oldAt) };
}
