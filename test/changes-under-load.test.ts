// A service that changes while clients ask: new revisions, good and bad, and fewer tasks. Nobody loses
// a request by it.

import { describe, expect, it } from 'vitest';
import type { TestApp } from './support/app.ts';
import { startApp } from './support/app.ts';
import {
  change,
  loaded,
  loadOn,
  replaced,
  SOME,
  serviceOn,
  TWO_TASKS,
  victim,
} from './support/loaded-app.ts';

const ALL = { services: [], force: false };

/** A deployment that fails with its first task goes back to the one before it. */
const STRICT = `${TWO_TASKS}, deployment: { circuitBreaker: { threshold: { type: count, value: 1 } } }`;

/** Resolves when the first revision is deployed again after the second has failed. */
async function wentBack(app: TestApp): Promise<void> {
  const failed = await app.until('deployment', ({ state }) => state === 'FAILED');
  expect(failed.revision).toBe(2);
  const after = app.events.indexOf(failed);
  await app.until(
    'deployment',
    (event) =>
      event.revision === 1 && event.state === 'COMPLETED' && app.events.indexOf(event) > after,
  );
}

describe('clients lose nothing', () => {
  it('by a rolling deployment', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS));
    const old = await Promise.all(
      app.session.engine
        .status()
        .services.flatMap(({ fargate }) => fargate?.tasks ?? [])
        .map(({ id }) => victim(app, id)),
    );
    expect(old).toHaveLength(2);
    change(app, 'VERSION: one', 'VERSION: two');
    await app.session.engine.redeploy(ALL);
    await app.until('deployment', ({ revision, state }) => revision === 2 && state === 'COMPLETED');
    await replaced(load, ...old);
    await load.goes(SOME);
    await load.stop();
    expect(load.losses).toEqual([]);
  });

  it.each([
    ['whose program ends at once', 'node exits.mjs'],
    ['that never becomes healthy', 'node never-listens.mjs'],
  ])('by a version %s: it goes back', async (_, command) => {
    const { app, load } = await loaded(serviceOn(STRICT));
    const before = load.lastAnswers(40);
    change(app, 'node program.mjs', command);
    await app.session.engine.redeploy(ALL);
    await wentBack(app);
    await load.goes(SOME);
    await load.stop();
    expect(load.losses).toEqual([]);
    expect(load.lastAnswers(SOME)).toEqual(before);
  });

  it('when the service scales in, long requests included', async () => {
    const settings = 'tasks: { min: 1, max: 2 }, concurrency: 6, scale: { window: 1s }';
    const app = await startApp(serviceOn(settings));
    const load = loadOn(app.url, { connections: 2 });
    // More than one task's share, for as long as it takes; these clients leave, nobody loses them.
    const surge = new AbortController();
    const held = Array.from({ length: 8 }, () =>
      fetch(`${app.url}/hang`, { signal: surge.signal }).catch(() => undefined),
    );
    await load.until(() => load.lastAnswers(20).size === 2);
    // Some on each task, so that the one that leaves has to finish its part.
    const long = Array.from({ length: 3 }, () => fetch(`${app.url}/slow?ms=4000`));
    surge.abort();
    await Promise.all(held);
    await app.until('task', ({ state }) => state === 'DEACTIVATING');
    await app.until('task', ({ state }) => state === 'STOPPED');
    await load.goes(SOME);
    await load.stop();
    const answers = await Promise.all(long);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(load.losses).toEqual([]);
    expect(load.lastAnswers(SOME).size).toBe(1);
  });
});
