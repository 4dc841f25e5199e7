// An Invoke API over functions that a test writes, without environments behind them.

import { LambdaClient } from '@aws-sdk/client-lambda';
import { onTestFinished } from 'vitest';
import { Fault } from '../../src/base/fault.ts';
import type { Clock, Release } from '../../src/base/ports.ts';
import { eventStream } from '../../src/engine/control/event-stream.ts';
import { metricStore } from '../../src/engine/control/metric-store.ts';
import type { InvokableFunction } from '../../src/engine/invoke/function-book.ts';
import { invokeApi } from '../../src/engine/invoke/invoke-api.ts';
import type {
  FunctionInvocation,
  InvocationFacts,
  InvocationTarget,
  Ticket,
} from '../../src/engine/lambda/invocation.ts';
import type { Throttle } from '../../src/fleet/lambda-account.ts';
import { realClock } from '../../src/host/clock.ts';
import { systemRng } from '../../src/host/rng.ts';
import type { AsyncSettings, FunctionAlias, LambdaSettings } from '../../src/model/app.ts';
import type { EngineEvent } from '../../src/model/event.ts';
import { temporaryFolder } from './app.ts';

const FACTS: InvocationFacts = {
  environment: 'e1',
  cold: false,
  durationMs: 1,
  logTail: Buffer.from('the log\n'),
};

/** A version of a function as the test writes it. */
export class TestTarget implements InvocationTarget {
  readonly name: string;
  readonly functionName: string;
  readonly version: string;
  throttle: Throttle | undefined;
  throttles = 0;
  resumed = 0;
  givenUp = 0;
  readonly invocations: FunctionInvocation[] = [];
  readonly #run: (invocation: FunctionInvocation, target: TestTarget) => void;

  constructor(
    name: string,
    version: string,
    run: (invocation: FunctionInvocation, target: TestTarget) => void,
  ) {
    this.name = name;
    this.functionName = `demo-${name}`;
    this.version = version;
    this.#run = run;
  }

  throttled(): Throttle | undefined {
    return this.throttle;
  }

  countThrottle(): void {
    this.throttles += 1;
  }

  invoke(invocation: FunctionInvocation): Ticket {
    this.invocations.push(invocation);
    setImmediate(() => this.#run(invocation, this));
    return {
      giveUp: () => {
        this.givenUp += 1;
      },
      resume: () => {
        this.resumed += 1;
      },
    };
  }
}

export function answer(invocation: FunctionInvocation, value: unknown): void {
  const payload = Buffer.from(JSON.stringify(value));
  invocation.settled({ ...FACTS, kind: 'answered', payload, contentType: 'application/json' });
}

export function fail(invocation: FunctionInvocation, type: string, message: string): void {
  const payload = Buffer.from(JSON.stringify({ errorType: type, errorMessage: message }));
  const fault = new Fault('LAMBDA_EXITED', { exit: 'exit code 1' });
  invocation.settled({
    ...FACTS,
    kind: 'failed',
    error: { kind: 'Unhandled', type, payload },
    fault,
  });
}

export function endStream(invocation: FunctionInvocation, type?: string): void {
  const payload = Buffer.from(JSON.stringify({ errorType: type, errorMessage: 'half-way' }));
  const error = type === undefined ? undefined : ({ kind: 'Unhandled', type, payload } as const);
  invocation.settled({ ...FACTS, kind: 'streamed', error });
}

const SETTINGS: LambdaSettings = {
  memoryMiB: 256,
  timeoutMs: 3000,
  reserved: undefined,
  provisioned: 0,
  architecture: 'arm64',
  ephemeralMiB: 512,
  logFormat: 'text',
};

export interface FunctionOptions {
  readonly aliases?: Readonly<Record<string, FunctionAlias>>;
  readonly async?: Partial<AsyncSettings>;
  readonly reserved?: number;
}

export function functionOf(
  targets: readonly TestTarget[],
  { aliases = {}, async = {}, reserved }: FunctionOptions = {},
): InvokableFunction {
  const [first] = targets;
  if (first === undefined) throw new Error('a function has a version');
  const facts = (target: TestTarget) => ({
    target,
    settings: SETTINGS,
    environment: { STAGE: 'test' },
    handler: 'index.handler',
    folder: '/srv/code',
  });
  return {
    name: first.name,
    functionName: first.functionName,
    versions: Object.fromEntries(targets.map((target) => [target.version, facts(target)])),
    aliases,
    reserved,
    async: {
      retries: 2,
      maxAgeMs: 21_600_000,
      onSuccess: undefined,
      onFailure: undefined,
      deadLetter: undefined,
      ...async,
    },
  };
}

/** The real clock, which a test may set forward; what is due by then runs at once. */
export class TestClock implements Clock {
  readonly #real = realClock();
  readonly #waiting = new Set<{ readonly at: number; readonly run: () => void }>();
  #ahead = 0;
  readonly wall = () => this.#real.wall() + this.#ahead;
  readonly now = () => this.#real.now() + this.#ahead;
  readonly sleep = this.#real.sleep;
  readonly every = this.#real.every;
  readonly timer = this.#real.timer;

  readonly after = (ms: number, run: () => void): Release => {
    const one = {
      at: this.now() + ms,
      run: () => {
        if (this.#waiting.delete(one)) run();
      },
    };
    this.#waiting.add(one);
    const release = this.#real.after(ms, one.run);
    return () => {
      this.#waiting.delete(one);
      release();
    };
  };

  forward(ms: number): void {
    this.#ahead += ms;
    for (const one of [...this.#waiting]) if (one.at <= this.now()) one.run();
  }
}

export interface ApiOptions {
  readonly clock?: Clock;
  readonly stateFolder?: string;
  readonly port?: number;
}

export async function startInvokeApi(
  functions: readonly InvokableFunction[],
  { clock = realClock(), stateFolder = temporaryFolder(), port = 0 }: ApiOptions = {},
) {
  const events = eventStream();
  const seen: EngineEvent[] = [];
  events.listen((event) => seen.push(event));
  const metrics = metricStore(clock.wall());
  const messages: {
    readonly name: string;
    readonly body: unknown;
    readonly attributes: unknown;
  }[] = [];
  const api = invokeApi({
    clock,
    rng: systemRng(),
    events,
    metrics,
    app: 'demo',
    region: 'eu-west-2',
    functions,
    stateFolder,
    sendToQueue(name, body, attributes) {
      if (name === 'broken') throw new Error('the queue is full');
      messages.push({ name, body: JSON.parse(body), attributes });
    },
  });
  const url = await api.open(port);
  api.resume();
  let open = true;
  const close = () => {
    if (open) api.close();
    open = false;
  };
  onTestFinished(close);
  const sum = (name: string): number =>
    metrics
      .series()
      .filter((series) => series.name === name)
      .flatMap(({ datapoints }) => datapoints)
      .reduce((all, datapoint) => all + datapoint.sum, 0);
  return { api, url, client: lambdaClient(url), seen, messages, sum, close };
}

export function lambdaClient(endpoint: string): LambdaClient {
  const client = new LambdaClient({
    endpoint,
    region: 'eu-west-2',
    credentials: { accessKeyId: 'any', secretAccessKey: 'thing' },
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  return client;
}
