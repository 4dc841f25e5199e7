// Puts load on one copy of a program and notes what became of it.
//
// Closed: so many requests are always in flight. Open: requests come at random moments, so many a
// second on the average (a Poisson process), whether or not earlier ones are answered.
//
// Invariants
//   L1. Nothing is in flight when a load begins and when it has ended, so that the processor time
//       between the two is that of its requests, all of them.
//   L2. Durations are those of requests sent after the load had settled.

import type { Clock, Rng, UsageNow } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { percentileOf } from '../../cost/measure/statistics.ts';
import type { ResponseHead } from '../../engine/http1/head.ts';
import type { Upstream } from '../../engine/http1/upstream.ts';
import type { PreparedRequest } from './prepare.ts';

export interface LoadParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly upstream: Upstream;
  readonly requests: readonly PreparedRequest[];
  /** Which of them come one after another, again and again. */
  readonly order: readonly number[];
  /** A request without a whole answer after this long has failed. */
  readonly timeoutMs: Millis;
  readonly usage: () => Promise<UsageNow>;
  /** Processor time of this process. */
  readonly ownMs: () => number;
  /** Bytes the program has logged. */
  readonly loggedBytes: () => number;
  /** Aborted when it is over before its time. */
  readonly signal: AbortSignal;
}

export interface Until {
  /** For this long at least. */
  readonly minMs: Millis;
  readonly maxMs: Millis;
  /** Asked now and then, with the durations in order of size; then it ends before `maxMs`. */
  enough(sorted: readonly number[]): boolean;
}

export interface Observed {
  readonly kind: 'closed' | 'open';
  readonly load: number;
  /** Durations of what was answered well, after the load had settled; in order of size. */
  readonly sorted: readonly number[];
  readonly perSecond: number;
  /** All of them. */
  readonly total: number;
  readonly failed: number;
  /** By status; "none" without an answer. */
  readonly answers: Readonly<Record<string, number>>;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly logBytes: number;
  readonly cpuMs: number;
  readonly cpuFrom: UsageNow['from'];
  readonly elapsedMs: Millis;
  /** Processor time of this process. */
  readonly ownMs: number;
  /** By how much requests of an open load were sent late, for all but one in a hundred. */
  readonly lateMs: Millis;
}

/** How often it is asked whether it was enough. */
const LOOK_EVERY_MS = 20;

/** Sending again what is refused at once would be all there is. */
const AFTER_FAILURE_MS = 5;

/** As many failures, if they are most, end a load. */
const HOPELESS = 30;

/** More than this are never in flight: an open load that is over the limit ends there. */
const MAX_IN_FLIGHT = 4096;

export async function closedLoad(
  parts: LoadParts,
  inFlight: number,
  until: Until,
): Promise<Observed> {
  const load = new Load(parts, 'closed', inFlight);
  await load.begin();
  for (let count = 0; count < inFlight; count += 1) load.sendNext();
  await load.untilOver(until);
  return load.end();
}

export async function openLoad(
  parts: LoadParts,
  perSecond: number,
  until: Until,
): Promise<Observed> {
  const { clock, rng, signal } = parts;
  const load = new Load(parts, 'open', perSecond);
  await load.begin();
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const sending = (async () => {
    let due = clock.now();
    while (!either.aborted) {
      due += (-Math.log(1 - rng.next()) * 1000) / perSecond;
      const wait = due - clock.now();
      if (wait > 0) await clock.sleep(wait, either);
      if (!either.aborted) load.send(Math.max(0, clock.now() - due));
    }
  })();
  await load.untilOver(until);
  over.abort();
  await sending;
  return load.end();
}

class Load {
  readonly #parts: LoadParts;
  readonly #kind: Observed['kind'];
  readonly #load: number;
  readonly #durations: number[] = [];
  readonly #late: number[] = [];
  readonly #answers: Record<string, number> = {};
  #next = 0;
  #inFlight = 0;
  #answered = 0;
  #failed = 0;
  #settledAt: Millis = Number.POSITIVE_INFINITY;
  #afterSettled = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #began: Millis = 0;
  #ended: Millis | undefined;
  #before = { cpuMs: 0, ownMs: 0, logged: 0 };
  /** Ends each request that is under way. */
  readonly #underWay = new Set<() => void>();
  /** Waits for the last answer. */
  #drained: (() => void) | undefined;

  constructor(parts: LoadParts, kind: Observed['kind'], load: number) {
    this.#parts = parts;
    this.#kind = kind;
    this.#load = load;
  }

  async begin(): Promise<void> {
    const { cpuMs } = await this.#parts.usage();
    const { clock, ownMs, loggedBytes } = this.#parts;
    this.#before = { cpuMs, ownMs: ownMs(), logged: loggedBytes() };
    this.#began = clock.now();
    // One after another, each finds what the one before left.
    if (this.#kind === 'closed' && this.#load === 1) this.#settledAt = this.#began;
  }

  /** Of a closed load: one more whenever one has ended. */
  sendNext(): void {
    this.#send(() => this.sendNext());
  }

  /** Of an open load. */
  send(lateMs: Millis): void {
    if (this.#late.length < 100_000) this.#late.push(lateMs);
    if (this.#inFlight < MAX_IN_FLIGHT) this.#send(() => {});
  }

  async untilOver({ minMs, maxMs, enough }: Until): Promise<void> {
    const { clock, signal } = this.#parts;
    let looked = 0;
    for (;;) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      const now = clock.now();
      this.#settle(now, maxMs);
      const elapsed = now - this.#began;
      if (signal.aborted || elapsed >= maxMs || this.#isHopeless()) break;
      if (elapsed < minMs || this.#durations.length < looked * 1.2 + 5) continue;
      looked = this.#durations.length;
      if (enough(this.#sorted())) break;
    }
    this.#ended = clock.now();
  }

  async end(): Promise<Observed> {
    const { clock, usage, ownMs, loggedBytes, signal } = this.#parts;
    const ended = this.#ended ?? clock.now();
    await this.#drain(signal);
    const after = await usage();
    const settledMs = Math.max(1, ended - this.#settledAt);
    return {
      kind: this.#kind,
      load: this.#load,
      sorted: this.#sorted(),
      perSecond: Number.isFinite(this.#settledAt) ? (1000 * this.#afterSettled) / settledMs : 0,
      total: this.#answered,
      failed: this.#failed,
      answers: this.#answers,
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      logBytes: loggedBytes() - this.#before.logged,
      cpuMs: after.cpuMs - this.#before.cpuMs,
      cpuFrom: after.from,
      elapsedMs: clock.now() - this.#began,
      ownMs: ownMs() - this.#before.ownMs,
      lateMs: percentileOf(
        [...this.#late].sort((one, other) => one - other),
        99,
      ),
    };
  }

  async #drain(signal: AbortSignal): Promise<void> {
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const giveUp = (): void => {
      for (const end of [...this.#underWay]) end();
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    if (this.#inFlight > 0) await drained;
    signal.removeEventListener('abort', giveUp);
  }

  /** A closed load has settled after as many answers as are in flight, an open one after a while. */
  #settle(now: Millis, maxMs: Millis): void {
    if (Number.isFinite(this.#settledAt)) return;
    const elapsed = now - this.#began;
    const settled = this.#kind === 'open' ? elapsed >= maxMs * 0.2 : this.#answered >= this.#load;
    if (settled) this.#settledAt = now;
  }

  #isHopeless(): boolean {
    return this.#failed >= HOPELESS && this.#failed > this.#answered / 2;
  }

  #sorted(): readonly number[] {
    return [...this.#durations].sort((one, other) => one - other);
  }

  #send(then: () => void): void {
    const { clock, signal, requests, order } = this.#parts;
    if (signal.aborted || this.#ended !== undefined) return;
    const request = requests[order[this.#next % order.length] ?? 0];
    if (request === undefined) return;
    this.#next += 1;
    this.#inFlight += 1;
    const sentAt = clock.now();
    const end = exchange(this.#parts, request, (status, bytes) => {
      this.#inFlight -= 1;
      this.#underWay.delete(end);
      this.#note(request, { status, bytes, sentAt });
      if (this.#inFlight === 0) this.#drained?.();
      if (status === undefined) clock.after(AFTER_FAILURE_MS, then);
      else then();
    });
    this.#underWay.add(end);
  }

  #note(
    request: PreparedRequest,
    { status, bytes, sentAt }: { status: number | undefined; bytes: number; sentAt: Millis },
  ): void {
    const answer = status === undefined ? 'none' : String(status);
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    this.#answered += 1;
    this.#requestBytes += request.bytes;
    this.#responseBytes += bytes;
    const now = this.#parts.clock.now();
    if (this.#ended === undefined && now >= this.#settledAt) this.#afterSettled += 1;
    if (status === undefined || status >= 400) this.#failed += 1;
    else if (sentAt >= this.#settledAt) this.#durations.push(now - sentAt);
  }
}

/**
 * Sends one; `done` is called once and later, without a status when no whole answer came. Returns
 * what ends it.
 */
function exchange(
  { clock, upstream, timeoutMs }: LoadParts,
  request: PreparedRequest,
  done: (status: number | undefined, bytes: number) => void,
): () => void {
  let status: number | undefined;
  let bytes = 0;
  let over = false;
  const finish = (whole: boolean): void => {
    if (over) return;
    over = true;
    stopWaiting();
    done(whole ? status : undefined, bytes);
  };
  const giveUp = (): void => {
    call.abort();
    finish(false);
  };
  const stopWaiting = clock.after(timeoutMs, giveUp);
  const call = upstream.call(request, {
    head(head) {
      status = head.status;
      bytes += headBytes(head);
    },
    data(chunk) {
      bytes += chunk.length;
    },
    packet() {},
    end: () => finish(true),
    upgraded(_head, socket) {
      socket.destroy();
      finish(false);
    },
    fail: () => finish(false),
    drain() {},
  });
  if (request.content !== undefined) {
    call.write(request.content);
    call.endBody();
  }
  return giveUp;
}

/** As they came, with their line breaks; framing of chunks is not counted. */
function headBytes({ reason, fields }: ResponseHead): number {
  // "HTTP/1.1 200 ", two line breaks.
  let bytes = 13 + reason.length + 4;
  // Each with ": " or a line break behind it.
  for (const text of fields) bytes += text.length + 2;
  return bytes;
}
