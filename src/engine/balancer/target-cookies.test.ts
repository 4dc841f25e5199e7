import { describe, expect, it } from 'vitest';
import type { Clock } from '../../base/ports.ts';
import { realClock } from '../../host/clock.ts';
import { CookieBook, type TargetCookies, targetCookies } from './target-cookies.ts';

const HOUR = 3_600_000;
const LIFE = 'Expires=Sat, 28 Mar 2026 12:00:00 GMT; Path=/';

/** Time stands still unless the test moves it. */
function clockAt() {
  let now = 5_000_000;
  const wall = Date.UTC(2026, 2, 21, 12);
  const clock = { ...realClock(), now: () => now, wall: () => wall };
  const pass = (ms: number): void => {
    now += ms;
  };
  return { clock, pass };
}

function made(cookie?: string, over: { clock?: Clock; group?: string; key?: string } = {}) {
  const { clock, pass } = clockAt();
  const stickiness = { cookie, durationMs: HOUR };
  return { cookies: targetCookies({ clock, group: 'api', stickiness, key: 'k', ...over }), pass };
}

const head = (...fields: readonly [string, string][]) => ({
  names: fields.map(([name]) => name.toLowerCase()),
  fields: fields.flat(),
});

const asks = (cookie?: string) =>
  cookie === undefined ? head(['Host', 'a']) : head(['Host', 'a'], ['Cookie', cookie]);

const PLAIN = head(['Content-Type', 'text/html']);

/** Name → what the answer sets. */
function setBy(lines: string): ReadonlyMap<string, string> {
  const found = lines.split('\r\n').flatMap((line) => {
    const [, name, value] = /^Set-Cookie: ([^=]+)=([^;]*)/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return new Map(found);
}

/** What a client would send after an answer of `target`. */
function jar(cookies: TargetCookies, target: string, sent?: string, answer = PLAIN): string {
  const lines = cookies.linesFor({ request: asks(sent), answer, target, secure: false });
  return [...setBy(lines)].map(([name, value]) => `${name}=${value}`).join('; ');
}

describe("the load balancer's cookie", () => {
  it('comes with every answer, twice, for seven days', () => {
    const { cookies } = made();
    const answered = { request: asks(), answer: PLAIN, target: 't1' };
    const plain = cookies.linesFor({ ...answered, secure: false });
    const value = setBy(plain).get('AWSALB');
    expect(value).toMatch(/^[\w-]+\.[\w-]{22}$/);
    expect(plain).toBe(
      `Set-Cookie: AWSALB=${value}; ${LIFE}\r\n` +
        `Set-Cookie: AWSALBCORS=${value}; ${LIFE}; SameSite=None\r\n`,
    );
    expect(cookies.linesFor({ ...answered, secure: true })).toBe(
      `Set-Cookie: AWSALB=${value}; ${LIFE}\r\n` +
        `Set-Cookie: AWSALBCORS=${value}; ${LIFE}; SameSite=None; Secure\r\n`,
    );
  });

  it('names the target, also if only the second of it came back', () => {
    const { cookies } = made();
    const sent = jar(cookies, 't1');
    const [own, cors] = sent.split('; ');
    expect(cookies.targetOf(asks())).toBeUndefined();
    expect(cookies.targetOf(asks(`a=b; ${own}; c=d`))).toBe('t1');
    expect(cookies.targetOf(asks(cors))).toBe('t1');
    expect(cookies.targetOf(head(['Cookie', 'a=b'], ['Cookie', own ?? '']))).toBe('t1');
  });

  it('names the target that answered last, for the duration after that', () => {
    const { cookies, pass } = made();
    const first = jar(cookies, 't1');
    pass(HOUR - 1);
    const second = jar(cookies, 't2', first);
    expect(cookies.targetOf(asks(first))).toBe('t1');
    pass(1);
    expect(cookies.targetOf(asks(first))).toBeUndefined();
    expect(cookies.targetOf(asks(second))).toBe('t2');
    pass(HOUR);
    expect(cookies.targetOf(asks(second))).toBeUndefined();
  });

  it('names a target for every group that the client has met', () => {
    const { clock } = clockAt();
    const api = made(undefined, { clock, group: 'api' }).cookies;
    const web = made(undefined, { clock, group: 'web' }).cookies;
    const sent = jar(web, 'w1', jar(api, 'a1'));
    expect([api.targetOf(asks(sent)), web.targetOf(asks(sent))]).toEqual(['a1', 'w1']);
  });

  it('is of this engine, whole and unchanged, or nothing', () => {
    const { clock } = clockAt();
    const { cookies } = made(undefined, { clock });
    const other = made(undefined, { clock, key: 'other' }).cookies;
    const value = /AWSALB=([^;]*)/.exec(jar(cookies, 't1'))?.[1] ?? '';
    const [said = '', proof = ''] = value.split('.');
    const forged = Buffer.from('api t2 zzzzzzzz').toString('base64url');
    expect(cookies.targetOf(asks(`AWSALB=${value}`))).toBe('t1');
    expect(other.targetOf(asks(`AWSALB=${value}`))).toBeUndefined();
    for (const wrong of [
      '',
      said,
      `${forged}.${proof}`,
      `${said}.`,
      `${value}.x`,
      `${value}AAAA`,
    ]) {
      expect(cookies.targetOf(asks(`AWSALB=${wrong}`)), wrong).toBeUndefined();
    }
  });
});

describe("the application's cookie", () => {
  const LOGIN = head(['Set-Cookie', 'lang=en'], ['Set-Cookie', 'session=42; HttpOnly']);
  const rest = ['AWSALBAPP-1', 'AWSALBAPP-2', 'AWSALBAPP-3'];

  it('begins a session when the program sets it', () => {
    const { cookies } = made('session');
    const lines = (answer: typeof PLAIN) =>
      cookies.linesFor({ request: asks(), answer, target: 't1', secure: true });
    const none = ['AWSALBAPP-0', ...rest].map(
      (name) => `Set-Cookie: ${name}=_remove_; ${LIFE}\r\n`,
    );
    expect(lines(PLAIN)).toBe(none.join(''));
    const begun = setBy(lines(LOGIN));
    expect([...begun.keys()]).toEqual(['AWSALBAPP-0', ...rest]);
    expect(rest.map((name) => begun.get(name))).toEqual(['_remove_', '_remove_', '_remove_']);
    expect(cookies.targetOf(asks(`session=x; AWSALBAPP-0=${begun.get('AWSALBAPP-0')}`))).toBe('t1');
  });

  it('keeps it while the client sends both, and moves with it', () => {
    const { cookies, pass } = made('session');
    const begun = `session=42; ${jar(cookies, 't1', undefined, LOGIN)}`;
    pass(HOUR - 1);
    const moved = `session=42; ${jar(cookies, 't2', begun)}`;
    pass(1);
    expect(cookies.targetOf(asks(begun))).toBeUndefined();
    expect(cookies.targetOf(asks(moved))).toBe('t2');
    const alone = moved.replace('session=42; ', '');
    expect(cookies.targetOf(asks(alone))).toBeUndefined();
    expect(jar(cookies, 't2', alone)).toContain('AWSALBAPP-0=_remove_');
  });

  it('ends with its own group alone', () => {
    const { clock } = clockAt();
    const api = made('session', { clock, group: 'api' }).cookies;
    const web = made('visit', { clock, group: 'web' }).cookies;
    const visit = head(['set-cookie', 'visit=1']);
    const both = jar(web, 'w1', jar(api, 'a1', undefined, LOGIN), visit);
    const left = `visit=1; session=42; ${jar(api, 'a1', `visit=1; ${both}`)}`;
    expect([api.targetOf(asks(left)), web.targetOf(asks(left))]).toEqual([undefined, 'w1']);
  });
});

it('is of one key for all services, and follows what a service asks for', () => {
  const { clock } = clockAt();
  const book = new CookieBook(clock, { next: () => 0, uuid: () => '', hex: () => 'ab' });
  const hour = { cookie: undefined, durationMs: HOUR };
  const api = book.of('api', hour);
  const web = book.of('web', { ...hour });
  expect(book.of('api', hour)).toBe(api);
  const sent = asks(jar(web, 'w1', jar(api, 'a1')));
  expect([api.targetOf(sent), web.targetOf(sent)]).toEqual(['a1', 'w1']);
  const own = book.of('api', { ...hour, cookie: 'session' });
  expect(own).not.toBe(api);
  expect(jar(own, 'a1')).toContain('AWSALBAPP-0=_remove_');
});
