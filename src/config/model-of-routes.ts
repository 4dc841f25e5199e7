// Routes of the model from validated input.

import type { Service } from '../model/app.ts';
import { ANY_TEXT, type Rewrite, type Route, type RouteAction } from '../model/route.ts';
import type { AppInput, RouteInput } from './schema.ts';

/** In the order of their priority. Without any, everything goes to the only service. */
export function routesOf({ routes }: AppInput, services: readonly Service[]): readonly Route[] {
  const written = routes ?? services.map(everythingTo);
  const withPriority = freePriorities(written);
  return written
    .map((input, index) => routeOf(input, withPriority[index] ?? 0, services))
    .sort((a, b) => a.priority - b.priority);
}

function everythingTo({ name }: Service): RouteInput {
  return { path: { kind: 'patterns', values: ['/*'] }, service: name };
}

/** A route without a priority comes right after the one written before it. */
function freePriorities(inputs: readonly RouteInput[]): readonly number[] {
  const taken = new Set(
    inputs.flatMap(({ priority }) => (priority === undefined ? [] : [priority])),
  );
  let last = 0;
  return inputs.map(({ priority }) => {
    if (priority !== undefined) {
      last = priority;
      return priority;
    }
    do last += 1;
    while (taken.has(last));
    taken.add(last);
    return last;
  });
}

function routeOf(input: RouteInput, priority: number, services: readonly Service[]): Route {
  return {
    priority,
    paths: input.path ?? ANY_TEXT,
    hosts: input.host ?? ANY_TEXT,
    methods: input.method ?? [],
    headers: Object.entries(input.header ?? {}).map(([key, condition]) => ({
      name: key.toLowerCase(),
      ...condition,
    })),
    query: Object.entries(input.query ?? {}).flatMap(([key, values]) =>
      values.map((value) => ({ key: key === '*' ? undefined : key, value })),
    ),
    sources: input.source ?? [],
    action: actionOf(input, services),
    open: input.authorizer === 'none',
    scopes: input.scopes ?? [],
  };
}

function actionOf(input: RouteInput, services: readonly Service[]): RouteAction {
  const { redirect, respond, forward } = input;
  if (redirect !== undefined) return { kind: 'redirect', ...redirect };
  if (respond !== undefined) return { kind: 'respond', ...respond };
  const rewrite = input.rewrite && rewriteOf(input.rewrite);
  if (forward !== undefined) {
    const groups = forward.map(({ weight, ...target }) => {
      const service = nameOf(target);
      return { service, compute: target.compute ?? onlyCompute(service, services), weight };
    });
    return { kind: 'weighted', groups, stickyMs: input.sticky, rewrite };
  }
  const service = nameOf(input);
  const both = hasBoth(services.find(({ name }) => name === service));
  const compute = input.compute ?? (both ? 'auto' : onlyCompute(service, services));
  return { kind: 'forward', service, compute, rewrite };
}

function rewriteOf({ path, host }: NonNullable<RouteInput['rewrite']>): Rewrite {
  return { path, host };
}

function nameOf(target: Pick<RouteInput, 'service' | 'function'>): string {
  return target.service ?? target.function ?? '';
}

function hasBoth(service: Service | undefined): boolean {
  return service?.lambda !== undefined && service.fargate !== undefined;
}

/** A function is a service on Lambda alone. */
function onlyCompute(name: string, services: readonly Service[]) {
  const service = services.find((one) => one.name === name);
  return service !== undefined && service.lambda === undefined ? 'fargate' : 'lambda';
}
