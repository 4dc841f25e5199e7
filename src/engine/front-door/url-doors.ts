// The URLs of the functions that have one: each is a front door of its own, on a port of its own.

import type { Meter } from '../../cost/meter.ts';
import type { App, LambdaFunction } from '../../model/app.ts';
import type { FunctionUrlAt } from '../../model/event.ts';
import { awsNames, type MetricName } from '../../model/metric.ts';
import { ANY_TEXT } from '../../model/route.ts';
import type { RouteTable } from '../../routing/route-table.ts';
import type { MetricStore } from '../control/metric-store.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import type { DoorMetrics } from './door-metrics.ts';
import { type FrontDoor, frontDoor } from './front-door.ts';
import type { WayParts } from './request-way.ts';
import { UrlDoor } from './url-door.ts';

export type UrlDoorParts = Pick<WayParts, 'app' | 'clock' | 'rng' | 'events' | 'dev'> & {
  readonly functions: ReadonlyMap<string, InvocationTarget>;
  readonly store: MetricStore;
  readonly meter: Pick<Meter, 'routedByUrl'>;
};

export class UrlDoors {
  #urls: readonly FunctionUrlAt[] = [];
  readonly #doors = new Map<string, FrontDoor>();

  constructor(parts: UrlDoorParts) {
    for (const program of parts.app.functions) {
      const target = parts.functions.get(program.name);
      const door = target && urlDoor(parts, program, target);
      if (door !== undefined) this.#doors.set(program.name, door);
    }
  }

  /** Throws PORT_REFUSED. */
  async listen(): Promise<void> {
    this.#urls = await Promise.all(
      [...this.#doors].map(async ([name, door]) => ({
        function: name,
        url: `http://127.0.0.1:${await door.listen(0)}`,
      })),
    );
  }

  urls(): readonly FunctionUrlAt[] {
    return this.#urls;
  }

  connections(): number {
    return [...this.#doors.values()].reduce((sum, door) => sum + door.connections(), 0);
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#doors.values()].map((door) => door.drain()));
  }

  close(): void {
    for (const door of this.#doors.values()) door.close();
  }
}

function urlDoor(
  { store, meter, ...parts }: UrlDoorParts,
  { name, url }: LambdaFunction,
  target: InvocationTarget,
): FrontDoor | undefined {
  if (url === undefined) return undefined;
  return frontDoor({
    ...parts,
    kind: new UrlDoor(parts.app, name, url, parts.rng),
    routes: onlyTo(name),
    services: new Map(),
    functions: new Map([[name, target]]),
    meter: { connected() {}, disconnected() {}, routed: meter.routedByUrl },
    metrics: urlMetrics(store, parts.app, name),
  });
}

/** Whatever is asked for, the function answers. */
function onlyTo(name: string): RouteTable {
  const route = {
    priority: 1,
    paths: { kind: 'patterns', values: ['/*'] },
    hosts: ANY_TEXT,
    methods: [],
    headers: [],
    query: [],
    sources: [],
    action: { kind: 'forward', service: name, compute: 'lambda', rewrite: undefined },
    open: true,
    scopes: [],
  } as const;
  const match = { route, evaluations: 0, rewrite: undefined, api: undefined };
  return { match: () => match };
}

/** [LDG:urls-monitoring] */
function urlMetrics(store: MetricStore, { name: app }: App, name: string): DoorMetrics {
  const dimensions = { FunctionName: awsNames(app).function(name) };
  const of = (metric: MetricName<'AWS/Lambda'>) => store.handle('AWS/Lambda', metric, dimensions);
  const count = of('UrlRequestCount');
  const latency = of('UrlRequestLatency');
  const clientErrors = of('Url4xxCount');
  const serverErrors = of('Url5xxCount');
  return {
    served({ status, startedAt }, now) {
      count.add(1);
      latency.add(now - startedAt);
      clientErrors.add(status >= 400 && status < 500 ? 1 : 0);
      serverErrors.add(status >= 500 ? 1 : 0);
    },
    connected() {},
    connectionError() {},
    malformed() {},
    handshakeFailed() {},
    tick() {},
    hosts() {},
  };
}
