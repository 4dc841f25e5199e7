// Access logs: of a load balancer, and in the Common or Combined Log Format of web servers. A line
// is a request. Only the fields that count are read, each where it stands.

import {
  BACKSLASH,
  BRACKET,
  END_BRACKET,
  find,
  MINUS,
  microseconds,
  QUOTE,
  SPACE,
  wholeNumber,
} from './bytes.ts';
import type { LineFormat, LinesEnd } from './line-format.ts';
import type { RequestSink } from './request-sink.ts';
import { ClfTime, IsoTime } from './times.ts';

const MICROS_PER_SECOND = 1_000_000;
/** Fields before the request: from the time on, without the type. */
const ALB_FIELDS = 11;

/**
 * "https 2018-07-02T22:23:00.186641Z app/my-lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037
 * 200 200 0 57 "GET https://…" …" [ELB:load-balancer-access-logs]. Lines of a Classic Load Balancer
 * are the same without the type at their head. A request counts when it came: at its time, which is
 * that of the answer, less the three durations.
 */
export class AlbLog implements LineFormat {
  readonly #requests: RequestSink;
  readonly #time = new IsoTime();
  /** Where each field begins; the next begins behind a space. */
  readonly #fields = new Int32Array(ALB_FIELDS + 1);

  constructor(requests: RequestSink) {
    this.#requests = requests;
  }

  line(bytes: Uint8Array, from: number, to: number): string | undefined {
    const first = bytes[from] ?? 0;
    const at = first >= 48 && first <= 57 ? from : find(bytes, SPACE, from, to) + 1;
    const wrong = this.#split(bytes, at, to);
    if (wrong !== undefined) return wrong;
    const field = this.#fields;
    const end = (index: number): number => (field[index + 1] ?? 0) - 1;
    const begin = (index: number): number => field[index] ?? 0;
    if (this.#time.read(bytes, begin(0), end(0)) !== end(0)) return 'its second field is no time';
    let took = 0;
    let target = -1;
    for (let index = 4; index <= 6; index += 1) {
      if (bytes[begin(index)] === MINUS) continue;
      const micros = microseconds(bytes, begin(index), end(index));
      if (micros < 0) return `a duration is no number of seconds`;
      took += micros;
      if (index === 5) target = micros;
    }
    if (bytes[begin(7)] !== MINUS && wholeNumber(bytes, begin(7), end(7)) < 0) {
      return 'its status is no number';
    }
    const received = wholeNumber(bytes, begin(9), end(9));
    const sent = wholeNumber(bytes, begin(10), end(10));
    if (received < 0 || sent < 0) return 'its bytes received or sent are no numbers';
    const requests = this.#requests;
    const { seconds, micros } = this.#time;
    const early = took <= micros ? 0 : Math.ceil((took - micros) / MICROS_PER_SECOND);
    requests.add(seconds - early, micros - took + early * MICROS_PER_SECOND);
    requests.received(received);
    requests.sent(sent);
    if (target >= 0) requests.took(target);
    return undefined;
  }

  end(): LinesEnd {
    return this.#requests.end();
  }

  #split(bytes: Uint8Array, from: number, to: number): string | undefined {
    const fields = this.#fields;
    let at = from;
    for (let index = 0; index < ALB_FIELDS; index += 1) {
      fields[index] = at;
      while (at < to && bytes[at] !== SPACE) at += 1;
      if (at >= to) return `it ends in its field ${index + 2}, before the request`;
      at += 1;
    }
    fields[ALB_FIELDS] = at;
    return bytes[at] === QUOTE ? undefined : 'no request in quotes stands after its bytes';
  }
}

/**
 * "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 …", with or without what
 * the Combined Log Format has after it, or a virtual host before it. [httpd: mod_log_config]
 */
export class CommonLog implements LineFormat {
  readonly #requests: RequestSink;
  readonly #time = new ClfTime();

  constructor(requests: RequestSink) {
    this.#requests = requests;
  }

  line(bytes: Uint8Array, from: number, to: number): string | undefined {
    let at = find(bytes, BRACKET, from + 1, to);
    while (at < to && bytes[at - 1] !== SPACE) at = find(bytes, BRACKET, at + 1, to);
    if (at >= to) return 'it has no time in brackets';
    at = this.#time.read(bytes, at + 1, to);
    if (at < 0 || bytes[at] !== END_BRACKET) {
      return 'its time is not like [10/Oct/2000:13:55:36 -0700]';
    }
    if (bytes[at + 1] !== SPACE || bytes[at + 2] !== QUOTE) {
      return 'no request in quotes stands after its time';
    }
    at = find(bytes, QUOTE, at + 3, to);
    while (at < to && isEscaped(bytes, at)) at = find(bytes, QUOTE, at + 1, to);
    if (at >= to) return 'its request has no end';
    const status = at + 2;
    const statusEnd = find(bytes, SPACE, status, to);
    if (wholeNumber(bytes, status, statusEnd) < 0) return 'its status is no number';
    const sentEnd = find(bytes, SPACE, statusEnd + 1, to);
    const none = bytes[statusEnd + 1] === MINUS && sentEnd === statusEnd + 2;
    const sent = none ? 0 : wholeNumber(bytes, statusEnd + 1, sentEnd);
    if (sent < 0) return 'its bytes sent are no number';
    this.#requests.add(this.#time.seconds, 0);
    this.#requests.sent(sent);
    return undefined;
  }

  end(): LinesEnd {
    return this.#requests.end();
  }
}

/** An odd number of backslashes stands before it. */
function isEscaped(bytes: Uint8Array, quote: number): boolean {
  let at = quote - 1;
  while (bytes[at] === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
}
