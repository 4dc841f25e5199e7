// What a stickiness cookie says: with which target a client stays, and until when. One cookie says it
// for every target group that the client has met.

import type { Millis } from '../../base/units.ts';

export interface Session {
  /** The target group, by the name of its service. */
  readonly group: string;
  readonly target: string;
  readonly until: Millis;
}

const ENTRY = /^(\S+) (\S+) ([0-9a-z]{1,11})$/;

/** "api 3f2a… lzx3k9qo", one in a line. Neither names nor ids have white space. */
export function writeSessions(sessions: readonly Session[]): string {
  return sessions
    .map(({ group, target, until }) => `${group} ${target} ${Math.ceil(until).toString(36)}`)
    .join('\n');
}

/** Those that are not over. */
export function readSessions(text: string, now: Millis): readonly Session[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, group, target, until] = ENTRY.exec(line) ?? [];
      if (group === undefined || target === undefined || until === undefined) return [];
      return [{ group, target, until: Number.parseInt(until, 36) }];
    })
    .filter(({ until }) => now < until);
}

/** The target that a client stays with in a group. */
export function targetIn(sessions: readonly Session[], group: string): string | undefined {
  return sessions.find((one) => one.group === group)?.target;
}

export function withSession(sessions: readonly Session[], session: Session): readonly Session[] {
  return [...withoutSession(sessions, session.group), session];
}

export function withoutSession(sessions: readonly Session[], group: string): readonly Session[] {
  return sessions.filter((one) => one.group !== group);
}
