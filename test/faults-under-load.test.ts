// What clients lose when something breaks while they ask: every answer is checked, and every loss is
// held against what the engine says of the same request.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIXTURES, temporaryFolder } from './support/app.ts';
import { startCli } from './support/cli.ts';
import { enginesOf, processesOf } from './support/engine-processes.ts';
import {
  CONNECTIONS,
  expectUnderWayOn,
  loaded,
  loadOn,
  replaced,
  SOME,
  serviceOn,
  TWO_TASKS,
  told,
  victim,
} from './support/loaded-app.ts';

describe('with two tasks, clients lose', () => {
  it('what was under way on a task that is killed, and nothing else', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS));
    const hit = await victim(app);
    process.kill(hit.pid, 'SIGKILL');
    await replaced(load, hit);
    await load.goes(SOME);
    await load.stop();
    await expectUnderWayOn(app, load.losses, hit);
  });

  it('what was under way on a task that goes over its memory', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS, 'cpu: 256, memory: 512'));
    const hit = await victim(app);
    await expect(hit.ask('/hold?mb=900')).rejects.toThrow();
    await app.until('fault', ({ fault }) => fault.code === 'APP_OUT_OF_MEMORY');
    await replaced(load, hit);
    await load.goes(SOME);
    await load.stop();
    await expectUnderWayOn(app, load.losses, hit);
  });

  it('what was sent to a task that hangs, until its health checks say so', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS), { patienceMs: 3000 });
    const hit = await victim(app);
    const sick = app.until('health', ({ id, state }) => id === hit.task && state === 'unhealthy');
    const knownAt = sick.then(() => performance.now());
    app.session.engine.fail({ kind: 'task', task: hit.task, how: 'hang' });
    await replaced(load, hit);
    await load.goes(SOME);
    await load.stop();
    expect(load.losses.length).toBeGreaterThan(0);
    for (const event of await told(app, load.losses)) expect(event.instance).toBe(hit.task);
    for (const { sentAt } of load.losses) expect(sentAt).toBeLessThan(await knownAt);
  });

  it('nothing to a task whose health checks flap, nor when they fail for good', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS));
    const hit = await victim(app);
    await hit.ask('/flap?good=1');
    const checks = async () => {
      const answer = await hit.ask('/checks');
      return ((await answer.json()) as { checks: number }).checks;
    };
    await expect.poll(checks, { timeout: 50_000 }).toBeGreaterThanOrEqual(4);
    expect(load.lastAnswers(40)).toContain(hit.pid);
    await hit.ask('/unhealthy');
    await replaced(load, hit);
    await load.goes(SOME);
    await load.stop();
    expect(load.losses).toEqual([]);
  }, 120_000);

  it('what was under way in a zone that is lost', async () => {
    const { app, load } = await loaded(serviceOn(TWO_TASKS));
    const hit = await victim(app);
    const { zone } = await app.until('task', ({ id }) => id === hit.task);
    expect(app.session.engine.fail({ kind: 'zone', zone, back: false })).toEqual([
      `zone ${zone} is lost, with 1 task`,
    ]);
    await replaced(load, hit);
    await load.goes(SOME);
    await load.stop();
    await expectUnderWayOn(app, load.losses, hit);
  });

  it('nothing when Spot takes its tasks back and the program finishes what it has', async () => {
    const { app, load } = await loaded(serviceOn(`${TWO_TASKS}, spot: 50`));
    const { id } = await app.until('task', ({ spot }) => spot);
    const hit = await victim(app, id);
    app.session.engine.fail({ kind: 'spot', task: undefined });
    await replaced(load, hit);
    const stopped = await app.until(
      'task',
      (event) => event.id === id && event.state === 'STOPPED',
    );
    expect(stopped).toMatchObject({ stop: { code: 'SpotInterruption' }, end: { exitCode: 0 } });
    await load.goes(SOME);
    await load.stop();
    expect(load.losses).toEqual([]);
  });
});

describe('an engine that is killed', () => {
  it('loses what was under way, and what comes until it runs again', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'fulcrum.yml'), serviceOn(TWO_TASKS).replace('FIXTURES', FIXTURES));
    const first = await startEngine(cwd, 0);
    const load = loadOn(first.url);
    await load.until(() => load.lastAnswers(20).size === 2);
    const [old = ''] = enginesOf(cwd);
    first.child.kill('SIGKILL');
    await load.until(() => load.losses.length > CONNECTIONS);
    const second = await startEngine(cwd, Number(new URL(first.url).port));
    const readyAt = performance.now();
    await load.goes(SOME);
    await load.stop();
    // A client may reconnect while the kernel still takes connections for the engine that is dying:
    // that one breaks too, and it is another connection.
    const broken = load.losses.filter(({ what }) => /^ECONNRESET$|^EPIPE$/.test(what));
    expect(new Set(broken.map(({ connection }) => connection)).size).toBe(broken.length);
    for (const { what, sentAt } of load.losses) {
      expect(what).toMatch(/^ECONNRESET$|^EPIPE$|^ECONNREFUSED$|^status 503: /);
      expect(sentAt).toBeLessThan(readyAt);
    }
    await expect.poll(() => processesOf(old)).toEqual([]);
    second.child.kill('SIGTERM');
    expect((await second.finished).code).toBe(143);
  });
});

async function startEngine(cwd: string, port: number) {
  const cli = startCli(['dev', '--json', '--port', String(port)], { cwd });
  const out = await cli.until('"type":"ready"');
  const line = out.split('\n').find((one) => one.includes('"type":"ready"')) ?? '{}';
  return { ...cli, url: (JSON.parse(line) as { url: string }).url };
}
