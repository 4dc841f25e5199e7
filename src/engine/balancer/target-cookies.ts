// The cookies by which a load balancer keeps a client with one task of a service.
// [ELB:edit-target-group-attributes]
//
// What they say is signed with a key of this engine: a client can give a cookie back, and neither
// read more into it than its own past nor choose a task with it.
//
// Of an application's cookie the name counts and nothing else. The load balancer then writes four of
// its own, AWSALBAPP-0 to -3; those that are not needed, and all four without a session, say
// "_remove_". So they are seen from public load balancers; the pages of AWS do not tell.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import {
  readSessions,
  type Session,
  targetIn,
  withoutSession,
  withSession,
  writeSessions,
} from '../../fleet/balancer/sessions.ts';
import { ALB_COOKIE_LIFE_MS } from '../../model/aws-limits.ts';
import type { TargetStickiness } from '../../model/fargate.ts';
import type { RequestHead, ResponseHead } from '../http1/head.ts';

type Fields = Pick<RequestHead, 'names' | 'fields'>;

/** A request that a target has answered. */
export interface AnsweredRequest {
  readonly request: Fields;
  readonly answer: Pick<ResponseHead, 'names' | 'fields'>;
  readonly target: string;
  /** The client came over TLS. */
  readonly secure: boolean;
}

export interface TargetCookies {
  /** The target that a client wants again; it may be gone. */
  targetOf(request: Fields): string | undefined;
  /** Lines "Set-Cookie: …\r\n" of the answer. */
  linesFor(answered: AnsweredRequest): string;
}

export interface TargetCookiesParts {
  readonly clock: Clock;
  /** The target group, by the name of its service. */
  readonly group: string;
  readonly stickiness: TargetStickiness;
  /** Of the engine: the same for all its groups. */
  readonly key: string;
}

export function targetCookies(parts: TargetCookiesParts): TargetCookies {
  const { cookie } = parts.stickiness;
  const book = new SessionBook(parts);
  return cookie === undefined ? new BalancerCookie(book) : new ApplicationCookie(book, cookie);
}

/** The cookies of every service behind one front door. */
export class CookieBook {
  readonly #clock: Clock;
  readonly #key: string;
  readonly #kept = new Map<string, { readonly by: TargetStickiness; readonly is: TargetCookies }>();

  constructor(clock: Clock, rng: Rng) {
    this.#clock = clock;
    this.#key = rng.hex(64);
  }

  /** `stickiness` is what the service asks for now: it may change with a deployment. */
  of(group: string, stickiness: TargetStickiness): TargetCookies {
    const kept = this.#kept.get(group);
    if (kept?.by === stickiness) return kept.is;
    const made = targetCookies({ clock: this.#clock, key: this.#key, group, stickiness });
    this.#kept.set(group, { by: stickiness, is: made });
    return made;
  }
}

const OWN = 'AWSALB';
/** The same for requests from other sites. */
const OWN_CORS = 'AWSALBCORS';
const OF_APPLICATION = 'AWSALBAPP-0';
const REST_OF_APPLICATION = ['AWSALBAPP-1', 'AWSALBAPP-2', 'AWSALBAPP-3'];
const REMOVED = '_remove_';

/** A session begins with the first answer, and anew with each one. */
class BalancerCookie implements TargetCookies {
  readonly #book: SessionBook;

  constructor(book: SessionBook) {
    this.#book = book;
  }

  targetOf(request: Fields): string | undefined {
    return this.#book.targetOf(this.#value(request));
  }

  linesFor({ request, target, secure }: AnsweredRequest): string {
    const value = this.#book.renewed(this.#value(request), target);
    const life = this.#book.life();
    const cross = secure ? 'SameSite=None; Secure' : 'SameSite=None';
    return (
      `Set-Cookie: ${OWN}=${value}; ${life}\r\n` +
      `Set-Cookie: ${OWN_CORS}=${value}; ${life}; ${cross}\r\n`
    );
  }

  #value(request: Fields): string | undefined {
    return cookieOf(request, OWN) ?? cookieOf(request, OWN_CORS);
  }
}

/** A session begins when the program sets its cookie, and lasts while the client sends both. */
class ApplicationCookie implements TargetCookies {
  readonly #book: SessionBook;
  readonly #name: string;

  constructor(book: SessionBook, name: string) {
    this.#book = book;
    this.#name = name;
  }

  targetOf(request: Fields): string | undefined {
    if (cookieOf(request, this.#name) === undefined) return undefined;
    return this.#book.targetOf(cookieOf(request, OF_APPLICATION));
  }

  linesFor({ request, answer, target }: AnsweredRequest): string {
    const given = cookieOf(request, OF_APPLICATION);
    const goesOn = setsCookie(answer, this.#name) || this.targetOf(request) !== undefined;
    const value = goesOn ? this.#book.renewed(given, target) : this.#book.ended(given);
    const life = this.#book.life();
    let lines = `Set-Cookie: ${OF_APPLICATION}=${value}; ${life}\r\n`;
    for (const name of REST_OF_APPLICATION) lines += `Set-Cookie: ${name}=${REMOVED}; ${life}\r\n`;
    return lines;
  }
}

/** The values of the cookies of one group: "<what it says>.<proof>", both in base64url. */
class SessionBook {
  readonly #parts: TargetCookiesParts;

  constructor(parts: TargetCookiesParts) {
    this.#parts = parts;
  }

  targetOf(value: string | undefined): string | undefined {
    return value === undefined ? undefined : targetIn(this.#open(value), this.#parts.group);
  }

  /** The client stays with `target` from now on. */
  renewed(value: string | undefined, target: string): string {
    const { group, stickiness } = this.#parts;
    const until = this.#now() + stickiness.durationMs;
    const before = value === undefined ? [] : this.#open(value);
    return this.#close(withSession(before, { group, target, until }));
  }

  /** The client stays with nobody of this group. */
  ended(value: string | undefined): string {
    if (value === undefined) return REMOVED;
    const others = withoutSession(this.#open(value), this.#parts.group);
    return others.length === 0 ? REMOVED : this.#close(others);
  }

  /** The cookie outlives what it says: seven days, however long a client is kept. */
  life(): string {
    const expires = new Date(this.#parts.clock.wall() + ALB_COOKIE_LIFE_MS).toUTCString();
    return `Expires=${expires}; Path=/`;
  }

  #close(sessions: readonly Session[]): string {
    const said = Buffer.from(writeSessions(sessions), 'utf8').toString('base64url');
    return `${said}.${this.#proof(said).toString('base64url')}`;
  }

  #open(value: string): readonly Session[] {
    const [said = '', proof = '', ...rest] = value.split('.');
    const given = Buffer.from(proof, 'base64url');
    const right = this.#proof(said);
    const known = given.length === right.length && timingSafeEqual(given, right);
    if (!known || rest.length > 0) return [];
    return readSessions(Buffer.from(said, 'base64url').toString('utf8'), this.#now());
  }

  #proof(said: string): Buffer {
    return createHmac('sha256', this.#parts.key).update(said).digest().subarray(0, 16);
  }

  #now(): Millis {
    return this.#parts.clock.now();
  }
}

/** The value of a cookie that the client sent; the first if there are several. */
function cookieOf({ names, fields }: Fields, name: string): string | undefined {
  for (
    let index = names.indexOf('cookie');
    index !== -1;
    index = names.indexOf('cookie', index + 1)
  ) {
    for (const part of (fields[2 * index + 1] ?? '').split(';')) {
      const equals = part.indexOf('=');
      if (equals !== -1 && part.slice(0, equals).trim() === name) {
        return part.slice(equals + 1).trim();
      }
    }
  }
  return undefined;
}

function setsCookie({ names, fields }: AnsweredRequest['answer'], name: string): boolean {
  return names.some(
    (field, index) =>
      field === 'set-cookie' && fields[2 * index + 1]?.split('=', 1)[0]?.trim() === name,
  );
}
