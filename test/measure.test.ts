// `fulcrum measure` on real programs: what it says they take is what they say themselves, and what
// goes wrong leaves nothing behind.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Child, SpawnOptions } from '../src/base/ports.ts';
import type { RequestSpec } from '../src/cost/measure/requests.ts';
import { parseRequest } from '../src/cost/measure/requests.ts';
import { realMachine } from '../src/host/machine.ts';
import { readProcesses } from '../src/host/process-table.ts';
import type { Machine } from '../src/ops/machine.ts';
import { MEASURED_FILE, readMeasurement } from '../src/ops/measure/saved.ts';
import { type MeasureOptions, measure } from '../src/ops/measure.ts';
import { FIXTURES, temporaryFolder } from './support/app.ts';

/** A load of its own for each property; long enough on a busy machine. */
const TIME_MS = 6000;

interface Wanted extends Partial<MeasureOptions> {
  readonly requests?: readonly RequestSpec[];
  readonly environment?: string;
  readonly machine?: Machine;
  readonly more?: string;
}

const FARGATE = 'fargate: { cpu: 256, memory: 512 }';

function appIn(folder: string, { environment = '', more = FARGATE }: Wanted = {}): void {
  const text = `app: shop
services:
  api:
    source: ${FIXTURES}
    command: node takes.mjs
    health: /health
    environment: { COUNTS: ${join(folder, 'counts')}, ${environment} }
    ${more}
routes: [{ path: /*, service: api, compute: ${more.includes('fargate:') ? 'fargate' : 'lambda'} }]
stages:
  production: { services: { api: { environment: { STAGE: production } } } }
`;
  writeFileSync(join(folder, 'fulcrum.yml'), text);
}

/** This machine as it were without control groups: nothing is limited, and only processes are read. */
function withoutGroups(): Machine {
  const machine = realMachine();
  return {
    ...machine,
    openRun(folder) {
      const run = machine.openRun(folder);
      const { processes } = run.ports;
      const spawn = (options: SpawnOptions): Child =>
        new Proxy(processes.spawn({ ...options, limits: {} }), {
          get(child, name) {
            if (name === 'limitsCpu') return false;
            if (name === 'limitCpu') return () => {};
            const value: unknown = Reflect.get(child, name, child);
            return typeof value === 'function' ? value.bind(child) : value;
          },
        });
      return { ...run, ports: { ...run.ports, processes: { spawn } } };
    },
  };
}

function measureIn(folder: string, { machine = realMachine(), ...wanted }: Wanted) {
  return measure(machine, {
    cwd: folder,
    config: undefined,
    stage: undefined,
    services: [],
    requests: [],
    target: { ms: 200, percentile: 95 },
    vcpu: undefined,
    timeMs: TIME_MS,
    save: true,
    version: '0.0.0',
    tell: () => {},
    signal: new AbortController().signal,
    ...wanted,
  });
}

async function one(wanted: Wanted) {
  const folder = temporaryFolder();
  appIn(folder, wanted);
  const { measurements } = await measureIn(folder, wanted);
  const [measurement] = measurements;
  if (measurement === undefined) throw new Error('nothing was measured');
  return { folder, measurement };
}

function asks(...lines: readonly string[]): readonly RequestSpec[] {
  return lines.map((line) => {
    const parsed = parseRequest(line);
    if (parsed === undefined) throw new Error(line);
    return { ...parsed, headers: {}, body: undefined };
  });
}

/** What its processes counted, for each request. */
function counted(folder: string) {
  const lines = readFileSync(join(folder, 'counts'), 'utf8').trim().split('\n');
  const all = lines.map((line) => JSON.parse(line) as { requests: number; cpuMs: number });
  const requests = all.reduce((sum, each) => sum + each.requests, 0);
  return {
    processes: all.filter((each) => each.requests > 0).length,
    requests,
    cpuMs: all.reduce((sum, each) => sum + each.cpuMs, 0) / requests,
  };
}

describe('processor time', () => {
  it('of a request is what the program counts itself', async () => {
    const { folder, measurement } = await one({ requests: asks('/burn?ms=4') });
    const own = counted(folder);
    expect(own.cpuMs).toBeGreaterThanOrEqual(4);
    expect(measurement.cpuMs.likely).toBeGreaterThan(own.cpuMs * 0.9);
    expect(measurement.cpuMs.likely).toBeLessThan(own.cpuMs * 1.1);
    expect(measurement.answers).toEqual({ 200: expect.any(Number) });
  }, 60_000);

  it('is that of all processes of the program', async () => {
    const { folder, measurement } = await one({
      requests: asks('/burn?ms=4'),
      environment: 'WORKERS: 2',
    });
    const own = counted(folder);
    expect(own.processes).toBe(2);
    expect(measurement.cpuMs.likely).toBeGreaterThan(own.cpuMs * 0.9);
    // The one that hands connections out has its part.
    expect(measurement.cpuMs.likely).toBeLessThan(own.cpuMs * 1.25);
  }, 60_000);

  it('is read from the processes where the kernel may not be asked to count', async () => {
    const { folder, measurement } = await one({
      requests: asks('/burn?ms=4'),
      environment: 'WORKERS: 2',
      machine: withoutGroups(),
    });
    const own = counted(folder);
    expect(measurement.cpuMs.likely).toBeGreaterThan(own.cpuMs * 0.85);
    expect(measurement.cpuMs.likely).toBeLessThan(own.cpuMs * 1.3);
    expect(measurement.task?.method).toBe('computed');
    // 250 ms a second on a quarter of a processor.
    expect(measurement.task?.perSecond?.likely ?? 0).toBeLessThanOrEqual(250 / 4);
    expect(measurement.warnings.join()).toContain('could not be limited');
  }, 60_000);

  it('decides what a task carries: never more than its processor has', async () => {
    const { measurement } = await one({
      requests: asks('/burn?ms=20'),
      target: { ms: 3000, percentile: 95 },
    });
    const { task, cpuMs } = measurement;
    expect(task?.vcpu).toBe(0.25);
    // A machine that others keep busy may not have the time for a rate.
    expect(task?.perSecond?.likely ?? 0).toBeLessThanOrEqual(250 / 20);
    expect(task?.inFlight?.likely).toBeGreaterThanOrEqual(1);
    expect(cpuMs.likely).toBeGreaterThanOrEqual(20);
    // Each computes for 80 ms on a quarter of a processor, one after another.
    expect(task?.inFlight?.likely).toBeLessThanOrEqual(3000 / 80 + 5);
  }, 60_000);
});

describe('a program that only waits', () => {
  it('has many requests in flight', async () => {
    const { measurement } = await one({
      requests: asks('/wait?ms=50'),
      target: { ms: 500, percentile: 95 },
    });
    const { task, cpuMs } = measurement;
    expect(cpuMs.likely).toBeLessThan(10);
    expect(task?.inFlight?.likely).toBeGreaterThanOrEqual(8);
    expect(task?.aloneMs.p50).toBeGreaterThanOrEqual(49);
  }, 60_000);
});

describe('bytes', () => {
  it('are those of requests, responses and lines, by their weights', async () => {
    const { measurement } = await one({
      requests: asks('1 /log', '1 /burn?ms=1'),
      more: 'lambda: { memory: 512 }',
    });
    expect(measurement.task).toBeNull();
    // Every other request logs 99 characters and a line break.
    expect(measurement.logBytes.likely).toBeGreaterThan(45);
    expect(measurement.logBytes.likely).toBeLessThan(55);
    expect(measurement.responseBytes.likely).toBeGreaterThan('HTTP/1.1 200 OK\r\n\r\ndone'.length);
    expect(measurement.lambda?.memoryMiB).toBe(512);
    expect(measurement.lambda?.starts).toBeGreaterThanOrEqual(2);
    expect(measurement.lambda?.initMs.smallest).toBeGreaterThan(0);
  }, 60_000);
});

describe('what goes wrong', () => {
  it('says that answers fail, and saves nothing', async () => {
    const folder = temporaryFolder();
    appIn(folder);
    await expect(measureIn(folder, { requests: asks('/missing') })).rejects.toMatchObject({
      code: 'MEASURE_ANSWERS_FAIL',
      message: expect.stringContaining('status 404'),
    });
    expectNothingLeft(folder);
  }, 60_000);

  it('says that the program ended in the middle', async () => {
    const folder = temporaryFolder();
    appIn(folder);
    await expect(measureIn(folder, { requests: asks('/exit') })).rejects.toMatchObject({
      code: 'MEASURE_PROGRAM_ENDED',
      message: expect.stringContaining('exit code 3'),
    });
    expectNothingLeft(folder);
  }, 60_000);

  it('says that the program does not listen', async () => {
    const folder = temporaryFolder();
    appIn(folder);
    const file = join(folder, 'fulcrum.yml');
    const text = readFileSync(file, 'utf8');
    const health = 'health: { path: /health, interval: 5s, timeout: 2s, unhealthy: 2 }';
    writeFileSync(
      file,
      text.replace('takes.mjs', 'never-listens.mjs').replace('health: /health', health),
    );
    await expect(measureIn(folder, {})).rejects.toMatchObject({ code: 'APP_NOT_LISTENING' });
    expectNothingLeft(folder);
  }, 60_000);

  it('ends at once when it is interrupted', async () => {
    const folder = temporaryFolder();
    appIn(folder);
    const stop = new AbortController();
    const measuring = measureIn(folder, {
      requests: asks('/wait?ms=20000'),
      signal: stop.signal,
      tell: (line) => {
        if (line.includes('warming up')) stop.abort();
      },
    });
    await expect(measuring).rejects.toMatchObject({ name: 'AbortError' });
    expectNothingLeft(folder);
  }, 60_000);

  it('refuses what it cannot drive, by name', async () => {
    const folder = temporaryFolder();
    appIn(folder, { more: 'fargate: { cpu: 256, memory: 512, targetGroup: { protocol: http2 } }' });
    const file = join(folder, 'fulcrum.yml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}entry: { type: alb, https: true }\n`);
    await expect(measureIn(folder, {})).rejects.toMatchObject({
      code: 'MEASURE_UNSUPPORTED',
      message: expect.stringContaining('http2'),
    });
    await expect(measureIn(folder, { services: ['ap'] })).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    });
  });
});

/** Programs carry the file of their counts in their environment. */
function left(folder: string): readonly number[] {
  const mark = `COUNTS=${join(folder, 'counts')}`;
  const runs = ({ pid }: { readonly pid: number }): boolean => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  };
  return readProcesses()
    .filter(runs)
    .map(({ pid }) => pid);
}

function expectNothingLeft(folder: string): void {
  expect(existsSync(join(folder, MEASURED_FILE))).toBe(false);
  expect(left(folder)).toEqual([]);
  const runs = join(folder, '.fulcrum', 'run');
  expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
}

describe('what is saved', () => {
  it('is what a bill reads, until the service is another', async () => {
    const folder = temporaryFolder();
    appIn(folder);
    const choice = { cwd: folder, config: undefined, stage: undefined };
    const { measurements, saved } = await measureIn(folder, { requests: asks('/burn?ms=2') });
    expect(saved).toBe(MEASURED_FILE);
    const machine = realMachine();
    const read = (await readMeasurement(machine, choice)).get('api');
    expect(read?.measurement).toEqual(measurements[0]);
    expect(read?.stale).toBeUndefined();
    const day = measurements[0]?.measuredAt.slice(0, 10);
    expect(read?.profile.cpuMs).toMatchObject({ from: `measured on ${day}` });
    expect(read?.profile.cpuMs?.expected).toBe(measurements[0]?.cpuMs.likely);
    expect(read?.profile.lambdaMs).toBeUndefined();

    const staged = (await readMeasurement(machine, { ...choice, stage: 'production' })).get('api');
    expect(staged?.warnings[0]).toContain('without a stage');
    expect(staged?.stale).toBe('its settings have changed since');

    appIn(folder, { environment: 'OTHER: "1"' });
    expect((await readMeasurement(machine, choice)).get('api')?.stale).toBe(
      'its settings have changed since',
    );

    const file = join(folder, MEASURED_FILE);
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 500));
    await expect(readMeasurement(machine, choice)).rejects.toMatchObject({
      code: 'MEASURED_FILE_DAMAGED',
    });
    // Damaged, it is not written over.
    await expect(measureIn(folder, {})).rejects.toMatchObject({ code: 'MEASURED_FILE_DAMAGED' });
  }, 60_000);
});
