// Starts an app in this process, on real programs, for one test; and makes sure that nothing of it
// is left when the test ends.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { leftInContainers } from '../../src/host/containers/container-leftovers.ts';
import { realMachine } from '../../src/host/machine.ts';
import type { EngineEvent } from '../../src/model/event.ts';
import { type DevSession, startDev } from '../../src/ops/dev.ts';
import type { Machine } from '../../src/ops/machine.ts';
import { enginesOf, groupsOf, processesOf } from './engine-processes.ts';

export { enginesOf, groupsOf, processesOf };

/** Where the container engine of the tests answers. */
export const ENDPOINT = `unix://${resolve('.cache/containers/podman.sock')}`;

export const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

type EventOf<type extends EngineEvent['type']> = Extract<EngineEvent, { type: type }>;

export interface TestApp {
  readonly url: string;
  readonly port: number;
  readonly admin: string;
  readonly invoke: string;
  readonly folder: string;
  readonly session: DevSession;
  readonly events: readonly EngineEvent[];
  of<type extends EngineEvent['type']>(type: type): readonly EventOf<type>[];
  /** The first event, past or to come, that `test` accepts. */
  until<type extends EngineEvent['type']>(
    type: type,
    test?: (event: EventOf<type>) => boolean,
  ): Promise<EventOf<type>>;
  stop(): Promise<void>;
}

/** Less than a test may take. */
const UNTIL_MS = 100_000;
const LAST_EVENTS = 40;

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fulcrum-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface AppOptions {
  readonly machine?: Partial<Machine>;
  readonly port?: number;
  readonly stage?: string;
  readonly dotenv?: string;
  readonly containers?: boolean;
  readonly policy?: string;
  readonly building?: (service: string, line: string) => void;
}

/** `yaml` is a fulcrum.yml; sources are relative to the folder of fixtures. */
export async function startApp(yaml: string, options: AppOptions = {}): Promise<TestApp> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'fulcrum.yml'), yaml.replaceAll('FIXTURES', FIXTURES));
  if (options.dotenv !== undefined) writeFileSync(join(folder, '.env'), options.dotenv);
  const events: EngineEvent[] = [];
  const waiting = new Set<(event: EngineEvent) => void>();
  const session = await startDev(
    { ...realMachine(), ...options.machine },
    {
      cwd: folder,
      config: undefined,
      stage: options.stage,
      port: options.port ?? 0,
      containers: options.containers ?? false,
      policy: options.policy,
      building: options.building ?? (() => {}),
      listen(event) {
        events.push(event);
        for (const wake of waiting) wake(event);
      },
    },
  );
  const [engine = ''] = enginesOf(folder);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= session.stop('the test is over', new AbortController().signal);
    return stopped;
  };
  onTestFinished(async () => {
    await stop();
    expect(processesOf(engine), 'processes left behind').toEqual([]);
    expect(groupsOf(engine), 'control groups left behind').toEqual([]);
    if (options.containers === true)
      expect(await leftInContainers(ENDPOINT, engine, false), 'containers left').toEqual([]);
  });
  return {
    url: session.url,
    port: Number(new URL(session.url).port),
    admin: session.admin,
    invoke: session.invoke,
    folder,
    session,
    events,
    of: (type) => events.filter((event): event is EventOf<typeof type> => event.type === type),
    until(type, test) {
      type Wanted = EventOf<typeof type>;
      const fits = (event: EngineEvent): event is Wanted =>
        event.type === type && (test === undefined || test(event as Wanted));
      const past = events.find(fits);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise<Wanted>((resolve, reject) => {
        const wake = (event: EngineEvent): void => {
          if (!fits(event)) return;
          clearTimeout(late);
          waiting.delete(wake);
          resolve(event);
        };
        // A test that waits in vain says for what, and what has come instead.
        const late = setTimeout(() => {
          const seen = events.slice(-LAST_EVENTS).map((event) => JSON.stringify(event));
          reject(new Error(`no such event "${type}" (${test}); the last:\n${seen.join('\n')}`));
        }, UNTIL_MS);
        waiting.add(wake);
      });
    },
    stop,
  };
}
