// A steady load of every kind of request, each answer of which is checked.
//
// The pace is kept whatever the answers take: a request is sent when it is due, not when another one
// has ended.

import { createHash, randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import WebSocket from 'ws';

export interface SoakCounts {
  readonly sent: number;
  readonly inFlight: number;
  readonly good: Readonly<Record<string, number>>;
  /** What was wrong, and how often. */
  readonly wrong: ReadonlyMap<string, number>;
  /** WebSockets that the other side closed, by code. */
  readonly closed: ReadonlyMap<number, number>;
}

/** Beside each kind its part of the requests. */
const MIX = [
  ['JSON on Fargate', 0.58],
  ['JSON on Lambda', 0.15],
  ['1 MB', 0.03],
  ['slow', 0.05],
  ['upload', 0.08],
  ['on a connection of its own', 0.02],
  ['WebSocket echo', 0.06],
  ['events', 0.02],
  ['events left early', 0.01],
] as const;

type Kind = (typeof MIX)[number][0];

const TICK_MS = 10;
const MEGABYTE = 1_000_000;
const UPLOAD_BYTES = 20_000;
const SLOW_MS = 500;
const EVENTS = { total: 10, everyMs: 100, leftAfter: 3 };
const WEBSOCKETS = 8;
/** A WebSocket is closed and opened again after so many echoes. */
const ECHOES = 200;

/** Shorter than the idle timeout of the front door, so that no request meets a close. */
const KEEP_MS = 20_000;

export class SoakLoad {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, timeout: KEEP_MS });
  readonly #sockets: (EchoSocket | undefined)[] = new Array(WEBSOCKETS).fill(undefined);
  readonly #good: Record<string, number> = Object.fromEntries(MIX.map(([kind]) => [kind, 0]));
  readonly #wrong = new Map<string, number>();
  readonly #closed = new Map<number, number>();
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #due = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  start(perSecond: number): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#due += ((now - last) / 1000) * perSecond;
      last = now;
      for (; this.#due >= 1; this.#due -= 1) this.#send(anyKind());
    }, TICK_MS);
  }

  /** More than a task carries, for as long as the requests take. */
  surge(requests: number, ms: number): void {
    for (let one = 0; one < requests; one += 1) this.#track('slow', this.#slow(ms));
  }

  counts(): SoakCounts {
    return {
      sent: this.#sent,
      inFlight: this.#underWay.size,
      good: this.#good,
      wrong: this.#wrong,
      closed: this.#closed,
    };
  }

  /** Sends no more, waits for what is under way, closes every connection. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const socket of this.#sockets) socket?.close();
    this.#agent.destroy();
  }

  #send(kind: Kind): void {
    this.#track(kind, this.#one(kind));
  }

  #track(kind: Kind, work: Promise<void>): void {
    this.#sent += 1;
    const tracked = work.then(
      () => {
        this.#good[kind] = (this.#good[kind] ?? 0) + 1;
      },
      (error: Error) => add(this.#wrong, `${kind}: ${error.message}`),
    );
    this.#underWay.add(tracked);
    void tracked.finally(() => this.#underWay.delete(tracked));
  }

  #one(kind: Kind): Promise<void> {
    switch (kind) {
      case 'JSON on Fargate':
        return this.#json('/json', this.#agent);
      case 'JSON on Lambda':
        return this.#json('/lambda/json', this.#agent);
      case 'on a connection of its own':
        return this.#json('/json', false);
      case '1 MB':
        return this.#megabyte();
      case 'slow':
        return this.#slow(SLOW_MS);
      case 'upload':
        return this.#upload();
      case 'WebSocket echo':
        return this.#echo();
      case 'events':
        return this.#events(EVENTS.total);
      case 'events left early':
        return this.#events(EVENTS.leftAfter);
    }
  }

  async #json(path: string, agent: Agent | false): Promise<void> {
    const value = randomBytes(8).toString('hex');
    const body = await this.#body(`${path}?value=${value}`, agent);
    same(String(body), JSON.stringify({ echo: value }));
  }

  async #slow(ms: number): Promise<void> {
    const value = randomBytes(8).toString('hex');
    const body = await this.#body(`/slow?ms=${ms}&value=${value}`, this.#agent);
    same(String(body), JSON.stringify({ echo: value }));
  }

  async #megabyte(): Promise<void> {
    const body = await this.#body(`/bytes?n=${MEGABYTE}`, this.#agent);
    if (!body.equals(EXPECTED)) throw new Error(`${body.length} bytes that are not the right ones`);
  }

  async #upload(): Promise<void> {
    const sent = randomBytes(UPLOAD_BYTES);
    const body = await this.#body('/digest', this.#agent, sent);
    same(String(body), JSON.stringify({ sha256: createHash('sha256').update(sent).digest('hex') }));
  }

  async #body(path: string, agent: Agent | false, upload?: Buffer): Promise<Buffer> {
    const answer = await this.#ask(path, agent, upload);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    return body;
  }

  #ask(path: string, agent: Agent | false, upload?: Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const method = upload === undefined ? 'GET' : 'POST';
      const call = request(`${this.#url}${path}`, { agent, method }, resolve);
      call.on('error', reject);
      call.end(upload);
    });
  }

  /** Server-sent events up to number `wanted`; then the client leaves, if more would come. */
  async #events(wanted: number): Promise<void> {
    const { total, everyMs } = EVENTS;
    const answer = await this.#ask(`/events?n=${total}&ms=${everyMs}`, this.#agent);
    const text = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => `id: ${index + 1}\ndata: event ${index + 1} of ${total}\n\n`,
      ).join('');
    let seen = '';
    for await (const chunk of answer) {
      seen += String(chunk);
      if (wanted < total && seen.length >= text(wanted).length) break;
    }
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    same(wanted < total ? seen.slice(0, text(wanted).length) : seen, text(wanted));
  }

  async #echo(): Promise<void> {
    const index = Math.floor(Math.random() * WEBSOCKETS);
    const kept = this.#sockets[index];
    const socket = kept?.usable === true ? kept : this.#open(index);
    const text = randomBytes(32).toString('hex');
    const answer = await socket.echo(text);
    // It was closed with the task behind it, which is no wrong answer; the count of closes says it.
    if (answer !== undefined) same(answer, text);
  }

  #open(index: number): EchoSocket {
    this.#sockets[index]?.close();
    const socket = new EchoSocket(this.#url, (code) => add(this.#closed, code));
    this.#sockets[index] = socket;
    return socket;
  }
}

/** One WebSocket; its answers come in the order of what was sent. */
class EchoSocket {
  readonly #socket: WebSocket;
  readonly #open: Promise<void>;
  readonly #waiting: ((answer: string | undefined) => void)[] = [];
  #echoes = 0;

  constructor(url: string, closed: (code: number) => void) {
    this.#socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    this.#open = new Promise((resolve, reject) => {
      this.#socket.on('open', resolve);
      this.#socket.on('error', reject);
    });
    // Whoever waits for it is told.
    this.#open.catch(() => {});
    this.#socket.on('message', (data) => this.#waiting.shift()?.(String(data)));
    this.#socket.on('close', (code) => {
      if (!this.#mine) closed(code);
      for (const answer of this.#waiting.splice(0)) answer(undefined);
    });
  }

  #mine = false;

  get usable(): boolean {
    return this.#echoes < ECHOES && this.#socket.readyState <= WebSocket.OPEN;
  }

  /** Undefined when it is closed before the answer comes. */
  async echo(text: string): Promise<string | undefined> {
    this.#echoes += 1;
    await this.#open;
    if (this.#socket.readyState !== WebSocket.OPEN) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#socket.send(text);
    });
  }

  /** What is still on its way is answered before the other side closes too. */
  close(): void {
    this.#mine = true;
    this.#socket.close();
  }
}

const EXPECTED = Buffer.alloc(MEGABYTE, 'x');

function anyKind(): Kind {
  let left = Math.random();
  for (const [kind, part] of MIX) {
    left -= part;
    if (left < 0) return kind;
  }
  return MIX[0][0];
}

function same(seen: string, wanted: string): void {
  if (seen !== wanted) throw new Error(`"${seen.slice(0, 80)}" came`);
}

function add<key>(counts: Map<key, number>, key: key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
