// Who takes the next request among targets that all may: in turn, or whoever has the fewest.
//
// A target in slow start gets a part that grows from nothing to a full one. Then turns are dealt by
// credit (smooth weighted round robin): everybody earns its part at every request, whoever has most
// takes it and pays all that was earned. It needs no chance, and equal parts are plain turns.
//
// Invariants
//   U1. While nobody joins, leaves or starts slowly, turns are strict: between two requests to one
//       member every other one gets one. A member without a free slot is passed over if slots count.
//   U2. A choice in turn looks at as many members as have no free slot, and one more; with slots not
//       counting, at one.
//   U3. Nothing is allocated by a choice.

import type { Millis } from '../../base/units.ts';
import type { TargetGroupSettings } from '../../model/fargate.ts';

export interface Member {
  inFlight: number;
  /** From when and until when its part grows; equal when it has its full part at once. */
  slowFrom: Millis;
  slowUntil: Millis;
  /** Parts it has earned and not taken. */
  credit: number;
}

/** May change while the group is in use. */
export interface TurnRules {
  readonly algorithm: TargetGroupSettings['algorithm'];
  /** Requests that a member serves at a time. */
  readonly slots: number;
}

export class Turns<member extends Member> {
  readonly #rules: TurnRules;
  readonly #members: member[] = [];
  /** Whose turn it is. */
  #next = 0;
  #slots: number;
  /** Members with a free slot. */
  #free = 0;
  #inFlight = 0;
  /** When the last slow start ends. */
  #slowUntil: Millis = Number.NEGATIVE_INFINITY;

  constructor(rules: TurnRules) {
    this.#rules = rules;
    this.#slots = rules.slots;
  }

  get size(): number {
    return this.#members.length;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Somebody has its full part. */
  anyAtFullPart(now: Millis): boolean {
    return this.#members.some((member) => now >= member.slowUntil);
  }

  add(member: member, now: Millis): void {
    if (member.slowUntil > now) this.#slowly(member, now);
    this.#members.push(member);
    this.#inFlight += member.inFlight;
    if (member.inFlight < this.#slots) this.#free += 1;
  }

  remove(member: member): void {
    const members = this.#members;
    const at = members.indexOf(member);
    if (at < 0) return;
    members.splice(at, 1);
    if (at < this.#next) this.#next -= 1;
    if (this.#next >= members.length) this.#next = 0;
    this.#inFlight -= member.inFlight;
    if (member.inFlight < this.#slots) this.#free -= 1;
    this.#slowUntil = members.reduce(
      (latest, { slowUntil }) => Math.max(latest, slowUntil),
      Number.NEGATIVE_INFINITY,
    );
  }

  /** With `beyond` the slots do not count. */
  choose(beyond: boolean, now: Millis): member | undefined {
    const { algorithm, slots } = this.#rules;
    if (slots !== this.#slots) this.#countSlots(slots);
    if (!beyond && this.#free === 0) return undefined;
    if (algorithm === 'least-outstanding-requests') return this.#leastBusy(beyond);
    return now < this.#slowUntil ? this.#byCredit(beyond, now) : this.#inTurn(beyond);
  }

  hasSlot(member: member): boolean {
    return member.inFlight < this.#rules.slots;
  }

  began(member: member): void {
    member.inFlight += 1;
    this.#inFlight += 1;
    if (member.inFlight === this.#slots) this.#free -= 1;
  }

  ended(member: member): void {
    if (member.inFlight === this.#slots) this.#free += 1;
    member.inFlight -= 1;
    this.#inFlight -= 1;
  }

  #countSlots(slots: number): void {
    this.#slots = slots;
    this.#free = this.#members.filter(({ inFlight }) => inFlight < slots).length;
  }

  #slowly(member: member, now: Millis): void {
    // Credit left over from an earlier slow start says nothing about this one.
    if (now >= this.#slowUntil) for (const other of this.#members) other.credit = 0;
    member.credit = 0;
    this.#slowUntil = Math.max(this.#slowUntil, member.slowUntil);
  }

  #inTurn(beyond: boolean): member | undefined {
    const members = this.#members;
    for (let left = members.length; left > 0; left -= 1) {
      const member = members[this.#next] as member;
      this.#next = this.#next + 1 === members.length ? 0 : this.#next + 1;
      if (beyond || member.inFlight < this.#slots) return member;
    }
    return undefined;
  }

  /** Of equals, whoever's turn is nearest. */
  #leastBusy(beyond: boolean): member | undefined {
    const members = this.#members;
    let best: member | undefined;
    let after = this.#next;
    let at = this.#next;
    for (let left = members.length; left > 0; left -= 1) {
      const member = members[at] as member;
      at = at + 1 === members.length ? 0 : at + 1;
      if (best !== undefined && member.inFlight >= best.inFlight) continue;
      best = member;
      after = at;
      if (member.inFlight === 0) break;
    }
    if (best === undefined || (!beyond && best.inFlight >= this.#slots)) return undefined;
    this.#next = after;
    return best;
  }

  /** Whoever cannot take it earns nothing: it would get all that at once afterwards. */
  #byCredit(beyond: boolean, now: Millis): member | undefined {
    let best: member | undefined;
    let earned = 0;
    for (const member of this.#members) {
      if (!beyond && member.inFlight >= this.#slots) continue;
      const part = partOf(member, now);
      member.credit += part;
      earned += part;
      if (best === undefined || member.credit > best.credit) best = member;
    }
    if (best !== undefined) best.credit -= earned;
    return best;
  }
}

/** From 0, never quite nothing: if all that are left have just begun, they share. */
function partOf({ slowFrom, slowUntil }: Member, now: Millis): number {
  return now >= slowUntil ? 1 : Math.max(1, now - slowFrom) / (slowUntil - slowFrom);
}
