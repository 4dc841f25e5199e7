// What is wrong with what a route does: its target, or the groups of a forward.

import { closest } from '../base/closest.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

interface Programs {
  readonly services: Block;
  readonly functions: Block;
}

/** Of these a route has exactly one. */
const ACTIONS = ['service', 'function', 'forward', 'redirect', 'respond'];

export function checkAction(
  route: Block,
  path: Finding['path'],
  programs: Programs,
): readonly Finding[] {
  const named = ACTIONS.filter((key) => route[key] !== undefined);
  if (named.length === 0) {
    const say = 'says nothing to do with a request';
    return [
      { path, say, fix: 'Name a "service" or "function", or "forward", "redirect", "respond".' },
    ];
  }
  if (named.length > 1) {
    const say = `names ${named.map((key) => `"${key}"`).join(' and ')}`;
    return [{ path, say: `${say}, of which one is possible`, fix: 'Keep one of them.' }];
  }
  const [action] = named;
  const target = action === 'service' || action === 'function';
  return [
    ...(target ? checkTarget(route, path, programs) : checkNoCompute(route, path)),
    ...(action === 'forward' ? checkForward(route, path, programs) : []),
    ...(action === 'forward' ? [] : without(route, path, 'sticky', 'goes with "forward" only')),
    ...(target || action === 'forward'
      ? []
      : without(route, path, 'rewrite', 'has no effect: nothing is sent on to a target')),
  ];
}

function checkNoCompute(route: Block, path: Finding['path']): readonly Finding[] {
  return without(route, path, 'compute', 'goes with a "service", or inside "forward"');
}

function without(
  route: Block,
  path: Finding['path'],
  key: string,
  say: string,
): readonly Finding[] {
  return route[key] === undefined ? [] : [{ path: [...path, key], say, fix: 'Remove it.' }];
}

/** A service or a function that exists, on a compute that it has. */
function checkTarget(
  route: Block,
  path: Finding['path'],
  { services, functions }: Programs,
): readonly Finding[] {
  const { service, function: called, compute } = route;
  if (called !== undefined) {
    return [
      ...checkName('function', called, [functions, services], path),
      ...without(route, path, 'compute', 'goes with a service; a function runs on Lambda'),
    ];
  }
  const unknown = checkName('service', service, [services, functions], path);
  if (unknown.length > 0 || typeof service !== 'string') return unknown;
  return checkCompute(compute, service, services[service], path);
}

/** `blocks`: where the name should be, and the other kind. */
function checkName(
  kind: 'service' | 'function',
  name: unknown,
  [own, other]: readonly [Block, Block],
  path: Finding['path'],
): readonly Finding[] {
  if (typeof name !== 'string' || name in own) return [];
  const at = [...path, kind];
  if (name in other) {
    const actual = kind === 'service' ? 'function' : 'service';
    return [
      { path: at, say: `"${name}" is a ${actual}`, fix: `Write "${actual}: ${name}" instead.` },
    ];
  }
  const known = Object.keys(own);
  const near = closest(name, known);
  const choice =
    known.length === 0 ? `Declare it in "${kind}s".` : `Use one of: ${known.join(', ')}.`;
  return [
    {
      path: at,
      say: `there is no ${kind} "${name}"`,
      fix: near === undefined ? choice : `Did you mean "${near}"?`,
    },
  ];
}

function checkCompute(
  compute: unknown,
  name: string,
  service: unknown,
  path: Finding['path'],
): readonly Finding[] {
  if (!isBlock(service)) return [];
  const missing = (['lambda', 'fargate'] as const).filter((block) => service[block] === undefined);
  const wrong = compute === 'auto' ? missing[0] : missing.find((block) => block === compute);
  if (wrong === undefined || missing.length === 2) return [];
  return [
    {
      path: [...path, 'compute'],
      say: `"${String(compute)}" needs a "${wrong}" block in service "${name}"`,
      fix: `Add "${wrong}: {}" to the service, or choose another compute.`,
    },
  ];
}

function checkForward(route: Block, path: Finding['path'], programs: Programs): readonly Finding[] {
  const groups = Array.isArray(route['forward']) ? route['forward'] : [];
  const seen = new Map<string, number>();
  return groups.flatMap((group, index): readonly Finding[] => {
    if (!isBlock(group)) return [];
    const at = [...path, 'forward', index];
    if ((group['service'] === undefined) === (group['function'] === undefined)) {
      const say = 'must name a "service" or a "function", and not both';
      return [{ path: at, say, fix: 'Name one of the two.' }];
    }
    const wrong = checkTarget(group, at, programs);
    if (wrong.length > 0) return wrong;
    const compute = groupCompute(group, programs.services);
    if (compute === undefined) {
      const say = `the service "${String(group['service'])}" has both computes, and a group of targets has one`;
      return [{ path: at, say, fix: 'Add "compute: lambda" or "compute: fargate".' }];
    }
    const name = String(group['service'] ?? group['function']);
    const key = `${name} on ${compute}`;
    const before = seen.get(key);
    seen.set(key, index);
    const twice = `${key} is group ${(before ?? 0) + 1} already`;
    return [
      ...(before === undefined ? [] : [{ path: at, say: twice, fix: 'Add up their weights.' }]),
      ...(compute === 'fargate' ? checkStickiness(route, at, programs.services, name) : []),
    ];
  });
}

/** Undefined if it has to be said. A function is a service on Lambda alone. */
function groupCompute(group: Block, services: Block): unknown {
  if (group['function'] !== undefined) return 'lambda';
  if (group['compute'] !== undefined) return group['compute'];
  const service = services[String(group['service'])];
  if (!isBlock(service)) return 'lambda';
  if (service['fargate'] === undefined) return 'lambda';
  return service['lambda'] === undefined ? 'fargate' : undefined;
}

/** Targets can only keep their clients if the groups do. [ELB:edit-target-group-attributes] */
function checkStickiness(
  route: Block,
  path: Finding['path'],
  services: Block,
  name: string,
): readonly Finding[] {
  const stickiness = valueAt(services, [name, 'fargate', 'targetGroup', 'stickiness']);
  if (!isBlock(stickiness)) return [];
  if (stickiness['cookie'] !== undefined) {
    const say = `the tasks of "${name}" keep clients by a cookie of the application, which a weighted forward cannot`;
    const fix = 'Leave "cookie" out of "targetGroup.stickiness", or name the service alone.';
    return [{ path, say, fix }];
  }
  if (route['sticky'] !== undefined || (route['forward'] as readonly unknown[]).length === 1) {
    return [];
  }
  const say = `the tasks of "${name}" keep their clients, so the groups have to as well`;
  return [{ path, say, fix: 'Add "sticky:" with a duration to the route.' }];
}
