// What a fleet costs that does at once what it is told: starts that take their time, the minimum that
// a task is billed, the drain, and Lambda for what the tasks that are ready cannot carry. Starts that
// nobody bills yet are taken back first, then the task that was billed longest goes.
//
// Invariants
//   A1. Tasks are in the order of their starts; 0 ≤ ready ≤ billed ≤ size.
//   A2. A tick costs a few operations, however large the fleet is.

import type { PlacementTerms } from './placement.ts';

export interface FleetAccount {
  /** When each task was asked for, in a ring whose length is a power of two. */
  asked: Float64Array<ArrayBuffer>;
  head: number;
  size: number;
  /** How many of them, from the oldest, take requests, and how many are billed. */
  ready: number;
  billed: number;
  /** USD so far. */
  usd: number;
}

export interface AccountSeen {
  requests: number;
  span: number;
  now: number;
}

/** A fleet of tasks that have been there for long. */
export function startAccount(tasks: number): FleetAccount {
  const asked = new Float64Array(2 ** Math.ceil(Math.log2(Math.max(16, tasks))));
  asked.fill(Number.NEGATIVE_INFINITY);
  return { asked, head: 0, size: tasks, ready: tasks, billed: tasks, usd: 0 };
}

/** Bills the tick that ends at `now`; then there are to be `wanted` tasks. */
export function accountFor(
  account: FleetAccount,
  seen: AccountSeen,
  terms: PlacementTerms,
  wanted: number,
): void {
  const { span, now } = seen;
  let readySeconds = account.ready * span;
  let billedSeconds = account.billed * span;
  if (account.ready < account.size) {
    readySeconds += becameReady(account, seen, terms.startSeconds);
    billedSeconds += becameBilled(account, seen, terms.startSeconds - terms.billedStartSeconds);
  }
  const over = seen.requests - readySeconds * terms.taskRate;
  const tasksUsd = billedSeconds * terms.taskUsdPerSecond;
  account.usd += over > 0 ? over * terms.lambdaUsdPerRequest + tasksUsd : tasksUsd;
  if (account.size !== wanted) change(account, terms, wanted, now);
}

function change(account: FleetAccount, terms: PlacementTerms, wanted: number, now: number): void {
  while (account.size < wanted) ask(account, now);
  const unbilled = terms.startSeconds - terms.billedStartSeconds;
  if (account.size > wanted) stop(account, terms, wanted, now - unbilled);
}

function becameReady(account: FleetAccount, { span, now }: AccountSeen, after: number): number {
  const { asked, head } = account;
  let seconds = 0;
  while (account.ready < account.size) {
    const since = now - after - (asked[(head + account.ready) & (asked.length - 1)] as number);
    if (since < 0) break;
    account.ready += 1;
    seconds += since < span ? since : span;
  }
  return seconds;
}

function becameBilled(account: FleetAccount, { span, now }: AccountSeen, after: number): number {
  const { asked, head } = account;
  let seconds = 0;
  while (account.billed < account.size) {
    const since = now - after - (asked[(head + account.billed) & (asked.length - 1)] as number);
    if (since < 0) break;
    account.billed += 1;
    seconds += since < span ? since : span;
  }
  return seconds;
}

function ask(account: FleetAccount, now: number): void {
  const { asked, head, size } = account;
  if (size === asked.length) {
    const wider = new Float64Array(size * 2);
    wider.set(asked.subarray(head));
    wider.set(asked.subarray(0, head), size - head);
    account.asked = wider;
    account.head = 0;
  }
  const { asked: ring } = account;
  ring[(account.head + size) & (ring.length - 1)] = now;
  account.size += 1;
}

function stop(account: FleetAccount, terms: PlacementTerms, wanted: number, before: number): void {
  account.size = Math.max(account.billed, wanted);
  const { asked } = account;
  while (account.size > wanted && account.ready > 0) {
    if (before - (asked[account.head] as number) < terms.minimumSeconds) return;
    account.head = (account.head + 1) & (asked.length - 1);
    account.size -= 1;
    account.ready -= 1;
    account.billed -= 1;
    account.usd += terms.taskUsdPerSecond * terms.drainSeconds;
  }
}
