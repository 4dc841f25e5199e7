// Which of several target groups takes a request: the one its cookie names, else one by chance.
//
// Invariants
//   G1. A group without weight is never chosen by chance.
//   G2. A cookie counts only for groups of its rule, and only as long as it is valid.
//   G3. No group stands in for another, whatever its health.

import type { Millis } from '../base/units.ts';
import { ALB_COOKIE_LIFE_MS } from '../model/aws-limits.ts';
import type { WeightedAction, WeightedGroup } from '../model/route.ts';

/** The group chosen, and why; without a group nothing has weight. */
export interface GroupChoice {
  readonly group: WeightedGroup | undefined;
  readonly reason: string;
}

/** `chance` is in [0, 1). */
export function chooseGroup(
  { groups }: WeightedAction,
  sticky: string | undefined,
  chance: number,
): GroupChoice {
  const kept = groups.find((group) => nameOf(group) === sticky);
  if (kept !== undefined) {
    return { group: kept, reason: `the cookie ${GROUP_COOKIE} names ${kept.service}` };
  }
  const sum = groups.reduce((total, { weight }) => total + weight, 0);
  let left = chance * sum;
  for (const group of groups) {
    left -= group.weight;
    if (left < 0) return { group, reason: `${group.service} has weight ${group.weight} of ${sum}` };
  }
  return { group: undefined, reason: 'every weight is 0' };
}

export const GROUP_COOKIE = 'AWSALBTG';
/** The same for requests from other sites. */
export const GROUP_COOKIE_CORS = 'AWSALBTGCORS';

/** What a cookie says: a group, nothing that counts any more, or nothing that can be read. */
export type CookieReading =
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'none' | 'expired' | 'invalid' };

/** Reads the value of the cookie; undefined if the request has none. */
export function readGroupCookie(value: string | undefined, wall: Millis): CookieReading {
  if (value === undefined) return { kind: 'none' };
  const [check, until, name] = opened(value)?.split(' ') ?? [];
  if (check === undefined || until === undefined || name === undefined) return { kind: 'invalid' };
  if (check !== checksum(`${until} ${name}`)) return { kind: 'invalid' };
  return wall < Number(until) ? { kind: 'group', name } : { kind: 'expired' };
}

/** The lines "Set-Cookie: …" that keep a client with `group` from now on. */
export function groupCookieLines(
  group: WeightedGroup,
  { wall, stickyMs, secure }: { wall: Millis; stickyMs: Millis; secure: boolean },
  sayDate: (wall: Millis) => string,
): string {
  const said = `${Math.ceil(wall + stickyMs)} ${nameOf(group)}`;
  const value = btoa(`${checksum(said)} ${said}`);
  // The cookie outlives what it says, as that of a load balancer does.
  const lives = `Expires=${sayDate(wall + ALB_COOKIE_LIFE_MS)}; Path=/`;
  const cross = `SameSite=None${secure ? '; Secure' : ''}`;
  return (
    `Set-Cookie: ${GROUP_COOKIE}=${value}; ${lives}\r\n` +
    `Set-Cookie: ${GROUP_COOKIE_CORS}=${value}; ${lives}; ${cross}\r\n`
  );
}

/** The value of the cookie `name` in a Cookie field; the first if there are several. */
export function cookieValue(field: string | undefined, name: string): string | undefined {
  if (field === undefined || !field.includes(name)) return undefined;
  for (const part of field.split(';')) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name)
      return part.slice(equals + 1).trim();
  }
  return undefined;
}

function nameOf({ service, compute }: WeightedGroup): string {
  return `${service}/${compute}`;
}

function opened(value: string): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(value) || value.length % 4 !== 0) return undefined;
  return atob(value);
}

/** Tells a cookie of ours from any other text; it is no secret (FNV-1a). */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
