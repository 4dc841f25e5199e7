// Rules about target groups that keep their clients with a target. As `cross-checks.ts`, they read
// the raw file and leave to the schema whatever is not of the expected shape.

import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/**
 * Among several groups of one rule a client has to stay with its group before it can stay with a
 * target, and an application's cookie does not do there. [ELB:edit-target-group-attributes]
 */
export function checkStickiness(routes: readonly Block[], services: Block): readonly Finding[] {
  return routes.flatMap((route, index) => {
    const groups = Array.isArray(route['forward']) ? route['forward'] : [];
    if (groups.length < 2) return [];
    return groups.flatMap((group: unknown, at) => {
      const path = ['routes', index, 'forward', at, 'service'];
      const service =
        isBlock(group) && group['compute'] !== 'lambda' ? group['service'] : undefined;
      return typeof service === 'string' ? checkGroup(path, service, route, services) : [];
    });
  });
}

function checkGroup(
  path: Finding['path'],
  service: string,
  route: Block,
  services: Block,
): readonly Finding[] {
  const stickiness = valueAt(services, [service, 'fargate', 'targetGroup', 'stickiness']);
  if (!isBlock(stickiness)) return [];
  if (stickiness['cookie'] !== undefined) {
    return [
      {
        path,
        say: `"${service}" keeps clients by a cookie of its own, which does not work among several groups`,
        fix: `Remove "cookie" from "stickiness" of "${service}", or give it a route of its own.`,
      },
    ];
  }
  if (route['sticky'] !== undefined) return [];
  return [
    {
      path,
      say: `"${service}" keeps clients with a task, but the route does not keep them with "${service}"`,
      fix: `Add "sticky:" to the route, or remove "stickiness" of "${service}".`,
    },
  ];
}
