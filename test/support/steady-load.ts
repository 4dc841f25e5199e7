// A constant load of idempotent requests whose every answer is checked, and every loss kept with what
// there is to say about it.
//
// Each client has one connection at a time, and sends its next request a moment after the answer to
// the last, so at most as many are under way as there are clients. A client whose connection has
// ended opens another one. Nothing is tried again here.

import { randomBytes } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';

export interface Loss {
  /** The Root of its trace: the engine tells of the request under the same id. */
  readonly id: string;
  /** Number of the TCP connection that it was sent on. */
  readonly connection: number;
  /** In milliseconds of `performance.now()`. */
  readonly sentAt: number;
  /** "status 502: …", "ECONNREFUSED", "another body: …", "no answer within 500 ms". */
  readonly what: string;
}

export interface SteadyLoadOptions {
  /** Clients, with one connection each at a time. Default 8. */
  readonly connections?: number;
  /** A client gives a request up after this long. Default: never. */
  readonly patienceMs?: number;
}

export interface SteadyLoad {
  readonly sent: number;
  readonly good: number;
  readonly losses: readonly Loss[];
  /** Processes that gave the last answers, as many as were asked for. */
  lastAnswers(count: number): ReadonlySet<number>;
  /** Resolves after so many further good answers. */
  goes(count: number): Promise<void>;
  /** Resolves when `done`, which is asked after every answer. */
  until(done: () => boolean): Promise<void>;
  /** Waits for what is under way and closes the connections. */
  stop(): Promise<void>;
}

/** Between an answer and the next request on the same connection. */
const PAUSE_MS = 5;

/** A program takes this long for an answer, so that some are always under way. */
const PROGRAM_MS = 10;

/** Whoever waits is told that it will not come after so many further requests. */
const MAX_REQUESTS = 50_000;

/** Answers that are remembered by the process that gave them. */
const REMEMBERED = 1000;

const SILENT = 'no answer within';

/** Starts it on the route /echo of the program of the fixtures. */
export function steadyLoad(url: string, options: SteadyLoadOptions = {}): SteadyLoad {
  return new Load(url, options);
}

interface Waiting {
  readonly done: () => boolean;
  readonly atMost: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class Load implements SteadyLoad {
  sent = 0;
  good = 0;
  readonly losses: Loss[] = [];
  readonly #url: string;
  readonly #patienceMs: number | undefined;
  readonly #trace = randomBytes(4).toString('hex');
  readonly #answeredBy: number[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #clients: readonly Promise<void>[];
  readonly #connections = new WeakMap<Socket, number>();
  #opened = 0;
  #stopped = false;

  constructor(url: string, { connections = 8, patienceMs }: SteadyLoadOptions) {
    this.#url = url;
    this.#patienceMs = patienceMs;
    this.#clients = Array.from({ length: connections }, () => this.#client());
  }

  lastAnswers(count: number): ReadonlySet<number> {
    return new Set(this.#answeredBy.slice(-count));
  }

  goes(count: number): Promise<void> {
    const wanted = this.good + count;
    return this.until(() => this.good >= wanted);
  }

  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.add({ done, atMost: this.sent + MAX_REQUESTS, resolve, reject });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  async #client(): Promise<void> {
    // One socket: the agent opens another one only when this one has ended.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#stopped) {
      await this.#one(agent);
      this.#look();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    agent.destroy();
  }

  async #one(agent: Agent): Promise<void> {
    this.sent += 1;
    const number = String(this.sent);
    const id = `1-${this.#trace}-${number.padStart(24, '0')}`;
    const sentAt = performance.now();
    let connection = 0;
    let what: string | undefined;
    const sentOn = (socket: Socket): void => {
      connection = this.#numberOf(socket);
    };
    try {
      what = this.#judge(await this.#ask(number, id, agent, sentOn), number);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      what = message.startsWith(SILENT) ? message : (code ?? message);
    }
    if (what === undefined) this.good += 1;
    else this.losses.push({ id, connection, sentAt, what });
  }

  #numberOf(socket: Socket): number {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    this.#opened += 1;
    this.#connections.set(socket, this.#opened);
    return this.#opened;
  }

  #ask(
    number: string,
    id: string,
    agent: Agent,
    sentOn: (socket: Socket) => void,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const call = request(`${this.#url}/echo?n=${number}&ms=${PROGRAM_MS}`, {
        agent,
        headers: { 'x-amzn-trace-id': `Root=${id}` },
      });
      const patience =
        this.#patienceMs === undefined
          ? undefined
          : setTimeout(() => {
              call.destroy(new Error(`${SILENT} ${this.#patienceMs} ms`));
            }, this.#patienceMs);
      const end = (): void => clearTimeout(patience);
      call.on('socket', sentOn);
      call.on('error', (error) => {
        end();
        reject(error);
      });
      call.on('response', (message) => {
        void read(message).then(resolve, reject).finally(end);
      });
      call.end();
    });
  }

  /** What is wrong with an answer. */
  #judge({ status, reason, body }: Answer, number: string): string | undefined {
    if (status !== 200) return `status ${status}: ${reason}`;
    const [echo, pid] = body.split(' ');
    if (echo !== number || pid === undefined) return `another body: ${body.slice(0, 100)}`;
    this.#answeredBy.push(Number(pid));
    if (this.#answeredBy.length > REMEMBERED) this.#answeredBy.shift();
    return undefined;
  }

  #look(): void {
    for (const waiting of this.#waiting) {
      const { done, atMost, resolve, reject } = waiting;
      const isDone = done();
      if (!isDone && this.sent < atMost) continue;
      this.#waiting.delete(waiting);
      if (isDone) resolve();
      else reject(new Error(`not after ${MAX_REQUESTS} requests: ${done}`));
    }
  }
}

interface Answer {
  readonly status: number;
  /** What a front door in development says about it. */
  readonly reason: string;
  readonly body: string;
}

async function read(message: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of message) body += String(chunk);
  const reason = String(message.headers['x-fulcrum-reason'] ?? '');
  return { status: message.statusCode ?? 0, reason, body };
}
