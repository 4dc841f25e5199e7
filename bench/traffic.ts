// Reading an access log of a load balancer: megabytes and lines a second, and the memory it takes,
// beside awk that reads the same fields and wc that only counts lines.

import { execFile } from 'node:child_process';
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accessLogLine } from '../src/payload/access-log-line.ts';
import { benchFolder, median, ROOT } from './support.ts';

const run = promisify(execFile);

const LINES = 10_000_000;
const ROUNDS = 3;

/** Reads it in a process of its own, as the command line does, and prints what that took. */
const READER = `
import { realMachine } from '${join(ROOT, 'src/host/machine.ts')}';
import { readTraffic } from '${join(ROOT, 'src/ops/read-traffic.ts')}';
const read = await readTraffic(realMachine(), process.argv[2]);
console.log(JSON.stringify({
  requests: read.requests,
  bytes: Math.round((read.traffic.requests.responseBytes ?? 0) * read.requests),
  rssMiB: process.resourceUsage().maxRSS / 1024,
}));
`;

/** Counts by the minute, and adds up what was sent: the least that reading such a log is. */
const AWK = '{ minutes[substr($2, 1, 16)]++; bytes += $12 } END { print NR, bytes }';

interface Took {
  readonly ms: number;
  readonly cpuMs: number;
  readonly out: string;
}

/** `lines=100000` in the name of the run reads fewer. */
export async function trafficBench(lines = LINES): Promise<void> {
  const folder = benchFolder();
  const log = join(folder, 'alb.log');
  const script = join(folder, 'read.ts');
  writeFileSync(script, READER);
  writeLog(log, lines);
  const megabytes = statSync(log).size / 1e6;
  console.log(`\ntraffic: ${lines.toLocaleString('en')} lines, ${megabytes.toFixed(0)} MB`);
  const readers: Readonly<Record<string, readonly string[]>> = {
    fulcrum: [process.execPath, script, log],
    awk: ['awk', AWK, log],
    'wc -l': ['wc', '-l', log],
  };
  const took = new Map<string, Took[]>(Object.keys(readers).map((name) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, command] of Object.entries(readers)) {
      const one = await time(command);
      // The first brings the file into the memory of the machine.
      if (round > 0) took.get(name)?.push(one);
    }
  }
  for (const [name, all] of took) {
    const of = (value: (one: Took) => number): number => median(all.map(value));
    const ms = of((one) => one.ms);
    const speed = `${((megabytes / ms) * 1000).toFixed(0)} MB/s`;
    const rate = `${((lines / ms) * 1000).toLocaleString('en', { maximumFractionDigits: 0 })} lines/s`;
    const core = `${((megabytes / of((one) => one.cpuMs)) * 1000).toFixed(0)} MB/s a core`;
    console.log(`  ${name.padEnd(8)} ${speed}, ${rate}, ${core}`);
  }
  check(took, lines);
}

/** A figure of a reader that does not read all is none. */
function check(took: ReadonlyMap<string, readonly Took[]>, lines: number): void {
  const { requests, bytes, rssMiB } = JSON.parse(took.get('fulcrum')?.[0]?.out ?? '{}') as Record<
    string,
    number
  >;
  const [records, sent] = (took.get('awk')?.[0]?.out ?? '').split(' ').map(Number);
  console.log(`  fulcrum takes ${(rssMiB ?? 0).toFixed(0)} MiB at its peak`);
  if (requests !== lines || records !== lines) throw new Error(`read ${requests} and ${records}`);
  if (Math.abs((sent ?? 0) / (bytes ?? 0) - 1) > 1e-4)
    throw new Error(`bytes: ${bytes} and ${sent}`);
}

/** In a shell, which tells the processor time of what it ran. */
async function time(command: readonly string[]): Promise<Took> {
  const began = performance.now();
  const { stdout } = await run('sh', ['-c', '"$@"; times', 'sh', ...command], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const ms = performance.now() - began;
  const lines = stdout.trim().split('\n');
  const cpuMs = [...(lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
  return { ms, cpuMs, out: lines.slice(0, -2).join('\n') };
}

/** Two days of a shop: a second has more requests by day. Every line differs. */
function writeLog(file: string, lines: number): void {
  const out = openSync(file, 'w');
  let text = '';
  let seed = 7;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  for (let line = 0; line < lines; line += 1) {
    text += albLine(line / lines, next);
    if (text.length > 4_000_000) {
      writeSync(out, text);
      text = '';
    }
  }
  writeSync(out, text);
  closeSync(out);
}

const BEGIN = Date.UTC(2026, 0, 5);
const TWO_DAYS_MS = 2 * 86_400_000;

function albLine(part: number, next: (below: number) => number): string {
  const at = new Date(BEGIN + Math.floor(part * TWO_DAYS_MS));
  const time = `${at.toISOString().slice(0, -1)}${String(next(1000)).padStart(3, '0')}Z`;
  const path = `/items/${next(100_000)}?page=${next(50)}`;
  const target = `10.0.${next(4)}.${next(256)}:8080`;
  return accessLogLine({
    type: 'https',
    time,
    balancer: 'app/shop/50dc6c495c0c9188',
    client: `192.0.2.${next(256)}:${1024 + next(60_000)}`,
    target,
    requestSeconds: next(3) / 1000,
    targetSeconds: next(400) / 1000,
    responseSeconds: 0,
    status: 200,
    targetStatus: 200,
    receivedBytes: 200 + next(2000),
    sentBytes: 300 + next(40_000),
    request: `GET https://shop.example.com:443${path} HTTP/2.0`,
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    cipher: 'TLS_AES_128_GCM_SHA256',
    protocol: 'TLSv1.3',
    targetGroup:
      'arn:aws:elasticloadbalancing:eu-west-2:123456789012:targetgroup/shop/73e2d6bc24d8a067',
    traceId: `Root=1-58337262-${next(2 ** 31)
      .toString(16)
      .padStart(24, '0')}`,
    serverName: 'shop.example.com',
    certificate: undefined,
    priority: 1,
    created: time,
    actions: 'forward',
    redirectUrl: undefined,
    errorReason: undefined,
    connectionId: `TID_${next(2 ** 31)
      .toString(16)
      .padStart(32, '0')}`,
    transformedHost: undefined,
    transformedUri: undefined,
    transformStatus: undefined,
  });
}
