// Traffic from files: packed, broken, interrupted; and what programs of the command line hand over.

import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/base/rng.ts';
import { realMachine } from '../src/host/machine.ts';
import { readArrivals, storeArrivals } from '../src/ops/read-arrivals.ts';
import { readTraffic, type TrafficProgress } from '../src/ops/read-traffic.ts';
import { clfTime } from '../src/payload/clf-time.ts';
import { temporaryFolder } from './support/app.ts';

const machine = realMachine();
const BEGIN = Date.UTC(2026, 0, 5);

const lineAt = (ms: number): string =>
  `192.0.2.1 - - [${clfTime(ms)}] "GET /items?page=2 HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n`;

/** 5 MB: more than the chunks of the reader. */
const LOG = Array.from({ length: 60_000 }, (_, index) => lineAt(BEGIN + index * 500)).join('');

function file(name: string, content: string | Uint8Array): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

it('is read whole, and tells how far it is', async () => {
  const told: TrafficProgress[] = [];
  const path = file('access.log', LOG);
  const read = await readTraffic(machine, path, { onProgress: (one) => told.push(one) });
  expect(read).toMatchObject({ format: 'common', found: true, lines: 60_000, requests: 60_000 });
  expect(read.traffic).toMatchObject({ intervalMs: 60_000, startMs: BEGIN });
  expect(read.traffic.counts).toEqual(Array.from({ length: 500 }, () => 120));
  expect(read.peakSecond).toBe(2);
  expect(told.at(-1)).toMatchObject({ bytes: LOG.length, sizeBytes: LOG.length, leftMs: 0 });
});

it('is the same packed with gzip, also in parts that were put together', async () => {
  const half = LOG.length / 2;
  const parts = Buffer.concat([gzipSync(LOG.slice(0, half)), gzipSync(LOG.slice(half))]);
  const plain = await readTraffic(machine, file('a.log', LOG));
  expect(await readTraffic(machine, file('a.log.gz', gzipSync(LOG)))).toEqual(plain);
  expect(await readTraffic(machine, file('whatever', parts))).toEqual(plain);
});

it('is an error when what is packed was cut off', async () => {
  const path = file('a.log.gz', gzipSync(LOG));
  truncateSync(path, 20_000);
  await expect(readTraffic(machine, path)).rejects.toMatchObject({
    code: 'TRAFFIC_PACKED_BADLY',
    facts: { file: path, reason: 'unexpected end of file' },
  });
});

it('is an error at the line that cannot be read, in a packed file too', async () => {
  const broken = LOG.replace(lineAt(BEGIN + 30_000 * 500), 'GET /\n');
  for (const path of [file('a.log', broken), file('a.log.gz', gzipSync(broken))]) {
    await expect(readTraffic(machine, path)).rejects.toMatchObject({
      code: 'TRAFFIC_LINE_BAD',
      facts: { file: path, line: 30_001, reason: 'it has no time in brackets', text: 'GET /' },
    });
    const { badLines, requests } = await readTraffic(machine, path, { skipBadLines: true });
    expect(requests).toBe(59_999);
    expect(badLines).toMatchObject({ count: 1, first: { line: 30_001 } });
  }
});

it('ends when it is interrupted', async () => {
  const stop = new AbortController();
  stop.abort();
  const reading = readTraffic(machine, file('a.log', LOG), { signal: stop.signal });
  await expect(reading).rejects.toMatchObject({ code: 'TRAFFIC_INTERRUPTED', exitCode: 130 });
});

it.each([
  [
    'a file that is not there',
    () => join(temporaryFolder(), 'none.log'),
    'no such file or directory',
  ],
  ['a folder', () => temporaryFolder(), 'it is a folder'],
])('says what is wrong with %s', async (_, path, reason) => {
  await expect(readTraffic(machine, path())).rejects.toMatchObject({
    code: 'TRAFFIC_FILE_UNUSABLE',
    facts: { reason },
  });
});

it('is empty when the file is', async () => {
  for (const content of [new Uint8Array(), gzipSync('')]) {
    await expect(readTraffic(machine, file('e', content))).rejects.toMatchObject({
      code: 'TRAFFIC_EMPTY',
    });
  }
});

it('does not hold the file in memory', async () => {
  const path = file('large.log.gz', gzipSync(LOG.repeat(40)));
  const { requests } = await readTraffic(machine, path);
  const before = process.memoryUsage();
  await readTraffic(machine, path);
  const after = process.memoryUsage();
  expect(requests).toBe(2_400_000);
  // 200 MB went through.
  expect(after.heapUsed - before.heapUsed).toBeLessThan(100e6);
});

describe('the time of each request', () => {
  const rng = seededRng(1, 'arrivals');

  it('is read from a packed log too, as it is read', async () => {
    const chunks: number[] = [];
    const sorted = file('b.log.gz', gzipSync(LOG));
    for await (const { length, times } of readArrivals(machine, sorted, { rng })) {
      chunks.push(length);
      // Two in each second, anywhere in it.
      expect(Math.floor(times[0] ?? Number.NaN)).toBe(0);
      expect(Math.floor(times[length - 1] ?? Number.NaN)).toBe(29_999);
    }
    expect(chunks).toEqual([60_000]);
    const { read, arrivals } = await storeArrivals(machine, sorted, { rng });
    expect(arrivals.length).toBe(60_000);
    expect(read).toMatchObject(
      await readTraffic(machine, sorted).then(({ notes: _, ...all }) => all),
    );
  });

  it('ends with the fault of a file that is cut off or wrong', async () => {
    const cut = file('a.log.gz', gzipSync(LOG));
    truncateSync(cut, 20_000);
    await expect(storeArrivals(machine, cut, { rng })).rejects.toMatchObject({
      code: 'TRAFFIC_PACKED_BADLY',
    });
    const wrong = file('b.log', `${LOG}GET /\n`);
    await expect(storeArrivals(machine, wrong, { rng })).rejects.toMatchObject({
      code: 'TRAFFIC_LINE_BAD',
      facts: { line: 60_001 },
    });
    const counts = file('c.csv', '2014-04-10 00:04:00,94\n2014-04-10 00:09:00,56\n');
    await expect(storeArrivals(machine, counts, { rng })).rejects.toMatchObject({
      code: 'TRAFFIC_NOT_BY_REQUEST',
    });
  });

  it('is let go of in the middle without a trace', async () => {
    const opened = { open: 0 };
    const watching = {
      clock: machine.clock,
      async openBytes(path: string) {
        const { chunks, sizeBytes } = await machine.openBytes(path);
        return { sizeBytes, chunks: counted(chunks, opened) };
      },
    };
    // 180,000 lines in order: far from read when the first are known.
    const long = LOG.replace(/.+\n/g, '$&$&$&');
    for (const path of [file('a.log', long), file('a.log.gz', gzipSync(long))]) {
      for await (const { length } of readArrivals(watching, path, { rng, window: 1000 })) {
        expect(length).toBeGreaterThan(0);
        break;
      }
      expect(opened.open).toBe(0);
    }
  });
});

async function* counted(chunks: AsyncIterable<Uint8Array>, opened: { open: number }) {
  opened.open += 1;
  try {
    yield* chunks;
  } finally {
    opened.open -= 1;
  }
}
