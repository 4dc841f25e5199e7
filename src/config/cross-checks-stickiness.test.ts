import { describe, expect, it } from 'vitest';
import { checkStickiness } from './cross-checks-stickiness.ts';

const sticky = (stickiness: object) => ({ fargate: { targetGroup: { stickiness } } });
const services = {
  plain: { fargate: {} },
  kept: sticky({ duration: '1h' }),
  own: sticky({ cookie: 'session' }),
  both: { lambda: {}, ...sticky({}) },
};

const say = (...routes: readonly object[]) =>
  checkStickiness(routes as Record<string, unknown>[], services).map(
    ({ path, say: what, fix }) => `${path.join('.')}: ${what} — ${fix}`,
  );

const groups = (...names: readonly string[]) => names.map((service) => ({ service, weight: 1 }));

describe('stickiness to targets', () => {
  it('is fine behind a route of its own, or one that keeps clients with their group', () => {
    expect(
      say(
        { path: '/a', service: 'own' },
        { path: '/b', forward: groups('own') },
        { path: '/c', forward: groups('kept', 'plain'), sticky: '1h' },
        { path: '/d', forward: [{ service: 'both', compute: 'lambda' }, { service: 'plain' }] },
        { path: '/e', forward: 'nonsense' },
        { path: '/f', forward: [7, { weight: 1 }, { service: 'unknown' }] },
      ),
    ).toEqual([]);
  });

  it('needs a group to stay with', () => {
    expect(say({ path: '/', forward: groups('plain', 'kept') })).toEqual([
      'routes.0.forward.1.service: "kept" keeps clients with a task, but the route does not keep them with "kept" — Add "sticky:" to the route, or remove "stickiness" of "kept".',
    ]);
  });

  it("by the application's cookie does not work among several groups", () => {
    expect(
      say({ path: '/a', service: 'own' }, { forward: groups('own', 'plain'), sticky: '1h' }),
    ).toEqual([
      'routes.1.forward.0.service: "own" keeps clients by a cookie of its own, which does not work among several groups — Remove "cookie" from "stickiness" of "own", or give it a route of its own.',
    ]);
  });
});
