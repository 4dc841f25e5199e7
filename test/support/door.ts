// A front door on a real socket before functions that the test itself plays.

import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { Fault } from '../../src/base/fault.ts';
import { modelOf } from '../../src/config/model-of.ts';
import { appSchema } from '../../src/config/schema.ts';
import { meter } from '../../src/cost/meter.ts';
import { eventStream } from '../../src/engine/control/event-stream.ts';
import { type MetricStore, metricStore } from '../../src/engine/control/metric-store.ts';
import { frontDoor } from '../../src/engine/front-door/front-door.ts';
import { kindOf, metricsOf } from '../../src/engine/front-door/kind-of.ts';
import type { ServedRequest } from '../../src/engine/front-door/served-request.ts';
import { UrlDoors } from '../../src/engine/front-door/url-doors.ts';
import type {
  FunctionInvocation,
  InvocationOutcome,
  InvocationTarget,
} from '../../src/engine/lambda/invocation.ts';
import type { Throttle } from '../../src/fleet/lambda-account.ts';
import { realMachine } from '../../src/host/machine.ts';
import type { EngineEvent, RequestEvent } from '../../src/model/event.ts';
import { awsNames } from '../../src/model/metric.ts';
import { routeTable } from '../../src/routing/front-rules.ts';

/** What the function does with an invocation; what it returns is its answer as JSON. */
export type Play = (event: never, invocation: FunctionInvocation) => unknown;

const FACTS = { environment: 'env-1', cold: true, durationMs: 1, logTail: Buffer.alloc(0) };

export class PlayedFunction implements InvocationTarget {
  readonly name: string;
  readonly functionName: string;
  readonly version = '$LATEST';
  readonly invocations: FunctionInvocation[] = [];
  throttle: Throttle | undefined;
  throttles = 0;
  givenUp = 0;
  #resumed: (() => void) | undefined;
  readonly #play: Play;

  constructor(app: string, name: string, play: Play) {
    this.name = name;
    this.functionName = awsNames(app).function(name);
    this.#play = play;
  }

  /** The event of the last invocation. */
  get event() {
    return JSON.parse(this.invocations.at(-1)?.payload.toString('utf8') ?? 'null');
  }

  /** Resolves when the caller takes more data. */
  untilResumed(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumed = resolve;
    });
  }

  throttled(): Throttle | undefined {
    return this.throttle;
  }

  countThrottle(): void {
    this.throttles += 1;
  }

  invoke(invocation: FunctionInvocation) {
    this.invocations.push(invocation);
    const play = async () => this.#play(this.event as never, invocation);
    void play().then((answer) => settle(invocation, answer));
    return {
      giveUp: () => {
        this.givenUp += 1;
      },
      resume: () => {
        this.#resumed?.();
      },
    };
  }
}

/** An outcome of the play's own making. */
export class Outcome {
  readonly outcome: InvocationOutcome;

  constructor(outcome: InvocationOutcome) {
    this.outcome = outcome;
  }
}

/** The function ended as it does when it throws, exits, runs out of memory or time. */
export function failed(fault: Fault): Outcome {
  const error = { kind: 'Unhandled', type: fault.code, payload: Buffer.from('{}') } as const;
  return new Outcome({ ...FACTS, kind: 'failed', error, fault });
}

/** The function failed after it had begun to stream. */
export function broken(type: string): Outcome {
  const error = { kind: 'Unhandled', type, payload: Buffer.from('{}') } as const;
  return new Outcome({ ...FACTS, kind: 'streamed', error });
}

/** An answer whose type the runtime has said. */
export function typed(contentType: string, payload: Buffer): Outcome {
  return new Outcome({ ...FACTS, kind: 'answered', payload, contentType });
}

/** All was given through `begin` and `data`. */
export const streamed = new Outcome({ ...FACTS, kind: 'streamed', error: undefined });

function settle(invocation: FunctionInvocation, answer: unknown): void {
  if (answer instanceof Outcome) {
    invocation.settled(answer.outcome);
    return;
  }
  const payload = Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer) ?? 'null');
  invocation.settled({ ...FACTS, kind: 'answered', payload, contentType: 'application/json' });
}

export interface TestDoor {
  readonly port: number;
  readonly url: string;
  readonly functions: Readonly<Record<string, PlayedFunction>>;
  of(name: string): PlayedFunction;
  /** The URL of a function that has one. */
  urlOf(name: string): string;
  /** The request events so far. */
  requests(): readonly RequestEvent[];
  /** All that was gathered of the requests so far. */
  served(): readonly ServedRequest[];
  /**
   * Sum of a metric over its series that have `of` among their dimensions; without `of`, over those
   * of the whole front door. Series of a zone count the same again and are left out.
   */
  metric(name: string, of?: string): number;
  /** What a load balancer is paid for. */
  microLcuHours(): number;
}

/** `yaml` is a fulcrum.yml; its functions are played. */
export async function startDoor(
  yaml: string,
  plays: Readonly<Record<string, Play>>,
): Promise<TestDoor> {
  const app = modelOf(appSchema.parse(parse(yaml)), undefined);
  const { clock, rng } = realMachine();
  const events = eventStream();
  const seen: EngineEvent[] = [];
  events.listen((event) => seen.push(event));
  const store = metricStore(clock.wall());
  const functions = Object.fromEntries(
    Object.entries(plays).map(([name, play]) => [name, new PlayedFunction(app.name, name, play)]),
  );
  const targets = new Map(Object.entries(functions));
  const metrics = metricsOf(app, store);
  const served: ServedRequest[] = [];
  const count = metrics.served.bind(metrics);
  metrics.served = (request, now) => {
    served.push(request);
    count(request, now);
  };
  const common = { app, clock, rng, events, functions: targets, dev: false };
  const meterOfDoor = meter([], clock.now(), app.entry.type);
  const door = frontDoor({
    ...common,
    kind: kindOf(app, clock, rng),
    routes: routeTable(app),
    services: new Map(),
    meter: meterOfDoor,
    metrics,
  });
  const urls = new UrlDoors({ ...common, store, meter: meterOfDoor });
  const port = await door.listen(0);
  await urls.listen();
  onTestFinished(() => {
    door.close();
    urls.close();
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    functions,
    of(name) {
      const found = functions[name];
      if (found === undefined) throw new Fault('INTERNAL', { what: `no function ${name}` });
      return found;
    },
    urlOf: (name) => urls.urls().find((one) => one.function === name)?.url ?? '',
    served: () => served,
    requests: () => seen.filter((event) => event.type === 'request'),
    microLcuHours() {
      const { door: used } = meterOfDoor.usage(clock.now());
      return used?.kind === 'alb' ? used.microLcuHours : 0;
    },
    metric: (name, of) => sumOf(store, name, of),
  };
}

function sumOf(store: MetricStore, name: string, of: string | undefined): number {
  const series = store.series().filter(({ name: other, dimensions }) => {
    const { AvailabilityZone: zone, TargetGroup: group, LoadBalancer: balancer } = dimensions;
    const again = zone !== undefined || (group !== undefined && balancer === undefined);
    const asked = of === undefined || Object.values(dimensions).join().includes(of);
    return name === other && !again && asked;
  });
  const whole = series.filter(({ dimensions }) => dimensions['TargetGroup'] === undefined);
  return (of === undefined && whole.length > 0 ? whole : series)
    .flatMap(({ datapoints }) => datapoints)
    .reduce((sum, datapoint) => sum + datapoint.sum, 0);
}
