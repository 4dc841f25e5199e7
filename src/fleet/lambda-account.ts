// How much Lambda an account gives: reserved and shared concurrency, the rate at which a function may
// get new environments, and the requests it may get a second.
//
// The environments counted here are those AWS would have, which may be more than this machine runs.
// Reuse is most recent first, so environment k of a function is busy exactly while k or more
// requests are in flight; it stays for the idle time after that.
//
// Invariants
//   A1. In flight never exceeds the reserved concurrency of a function, nor the account's pool for
//       the others together.
//   A2. Over any interval of t seconds a function gets at most 1000 + 100·t new environments.
//   A3. Over any interval of t seconds a function gets at most 10 · units · (1 + t) requests, units
//       being its reserved concurrency or what the others share.
//   A4. Every admission is released exactly once, however often release is called.

import { type Millis, MS_PER_SECOND } from '../base/units.ts';
import {
  LAMBDA_ACCOUNT_CONCURRENCY,
  LAMBDA_REQUESTS_PER_UNIT,
  LAMBDA_SCALING,
} from '../model/aws-limits.ts';

/** `Reason` of TooManyRequestsException. [BOTO lambda] */
export type ThrottleReason =
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'ConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionInvocationRateLimitExceeded'
  | 'FunctionInvocationRateLimitExceeded';

export interface Throttle {
  readonly reason: ThrottleReason;
  readonly limit: number;
}

export interface AccountSettings {
  /** Concurrent executions of the whole account. Default 1000. */
  readonly concurrency?: number;
  /** How long AWS keeps an environment without work. */
  readonly idleMs: Millis;
  /** What a request is told that would need an environment too early. AWS does not say. */
  readonly scalingThrottle: ThrottleReason;
  /** Every function of the app with its reservation. */
  readonly functions: ReadonlyMap<string, FunctionShare>;
}

export interface FunctionShare {
  readonly reserved: number | undefined;
  /** Environments that are there from the start. */
  readonly provisioned: number;
}

export interface LambdaAccount {
  /** Why a request of `name` would be throttled now, or undefined. Changes nothing. */
  throttled(name: string, now: Millis): Throttle | undefined;
  /** Takes one unit of concurrency. Call only when `throttled` said undefined. */
  admit(name: string, now: Millis): Admission;
  inFlight(name: string): number;
  /** In flight of all functions without a reservation. */
  unreservedInFlight(): number;
}

/** One unit of concurrency. */
export interface Admission {
  /** Gives it back; a second call does nothing. */
  release(now: Millis): void;
}

interface FunctionState extends FunctionShare {
  inFlight: number;
  /** When environment k was last busy, for k from 1; those above the end are gone. */
  readonly lastBusy: Millis[];
  /** For new environments. */
  readonly scaling: Bucket;
  /** For requests. */
  readonly rate: Bucket;
}

/** Tokens that come back steadily. */
interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
  tokens: number;
  at: Millis;
}

const bucket = (burst: number, perSecond: number): Bucket => ({
  burst,
  perSecond,
  tokens: burst,
  at: 0,
});

export function lambdaAccount(settings: AccountSettings): LambdaAccount {
  const total = settings.concurrency ?? LAMBDA_ACCOUNT_CONCURRENCY;
  const states = new Map<string, FunctionState>();
  const reservedSum = [...settings.functions.values()].reduce(
    (sum, { reserved }) => sum + (reserved ?? 0),
    0,
  );
  const pool: Pool = { size: total - reservedSum, used: 0 };
  for (const [name, share] of settings.functions) {
    const perSecond = LAMBDA_REQUESTS_PER_UNIT * (share.reserved ?? pool.size);
    const scaling = bucket(LAMBDA_SCALING.burst, LAMBDA_SCALING.perSecond);
    const rate = bucket(perSecond, perSecond);
    states.set(name, { ...share, inFlight: 0, lastBusy: [], scaling, rate });
  }

  const stateOf = (name: string): FunctionState => {
    const state = states.get(name);
    if (state === undefined) throw new RangeError(`no function "${name}" in this account`);
    return state;
  };

  const throttled = (name: string, now: Millis): Throttle | undefined => {
    const state = stateOf(name);
    if (state.reserved !== undefined && state.inFlight >= state.reserved) {
      const reason = 'ReservedFunctionConcurrentInvocationLimitExceeded';
      return { reason, limit: state.reserved };
    }
    if (state.reserved === undefined && pool.used >= pool.size) {
      return { reason: 'ConcurrentInvocationLimitExceeded', limit: pool.size };
    }
    if (refill(state.rate, now) < 1 - ROUNDING) {
      const shared = state.reserved === undefined;
      const reason = shared
        ? 'FunctionInvocationRateLimitExceeded'
        : 'ReservedFunctionInvocationRateLimitExceeded';
      return { reason, limit: state.rate.perSecond };
    }
    if (!needsEnvironment(state, settings.idleMs, now)) return undefined;
    if (refill(state.scaling, now) >= 1 - ROUNDING) return undefined;
    return { reason: settings.scalingThrottle, limit: LAMBDA_SCALING.burst };
  };

  const admit = (name: string, now: Millis): Admission => {
    const state = stateOf(name);
    refill(state.rate, now);
    state.rate.tokens -= 1;
    if (needsEnvironment(state, settings.idleMs, now)) {
      refill(state.scaling, now);
      state.scaling.tokens -= 1;
    }
    if (state.inFlight >= state.lastBusy.length) state.lastBusy.push(now);
    state.inFlight += 1;
    if (state.reserved === undefined) pool.used += 1;
    return new Unit(state, pool);
  };

  return {
    throttled,
    admit,
    inFlight: (name) => stateOf(name).inFlight,
    unreservedInFlight: () => pool.used,
  };
}

/** What functions without a reservation share. */
interface Pool {
  readonly size: number;
  used: number;
}

class Unit implements Admission {
  readonly #state: FunctionState;
  readonly #pool: Pool;
  #released = false;

  constructor(state: FunctionState, pool: Pool) {
    this.#state = state;
    this.#pool = pool;
  }

  release(now: Millis): void {
    if (this.#released) return;
    this.#released = true;
    const state = this.#state;
    state.lastBusy[state.inFlight - 1] = now;
    state.inFlight -= 1;
    if (state.reserved === undefined) this.#pool.used -= 1;
  }
}

/** Environments the function has: those busy and those whose idle time is not over. */
function environments(state: FunctionState, idleMs: Millis, now: Millis): number {
  const { lastBusy } = state;
  while (lastBusy.length > state.inFlight) {
    const last = lastBusy[lastBusy.length - 1];
    if (last !== undefined && now - last < idleMs) break;
    lastBusy.pop();
  }
  return lastBusy.length;
}

/** All environments the function has are busy. Those provisioned are always there. */
function needsEnvironment(state: FunctionState, idleMs: Millis, now: Millis): boolean {
  return state.inFlight >= Math.max(state.provisioned, environments(state, idleMs, now));
}

/** A refill in many small parts may fall short by this. */
const ROUNDING = 1e-9;

function refill(one: Bucket, now: Millis): number {
  const passed = Math.max(0, now - one.at);
  const gained = (passed / MS_PER_SECOND) * one.perSecond;
  one.tokens = Math.min(one.burst, one.tokens + gained);
  one.at = now;
  return one.tokens;
}
