import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { realClock } from './clock.ts';
import { lineSplitter } from './lines.ts';
import { askPs, hasProc, parsePsLine, readProcess } from './process-table.ts';

describe('the clock', () => {
  it('does not follow a wall clock that jumps', () => {
    const clock = realClock();
    const before = clock.now();
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
    try {
      expect(clock.wall()).toBeLessThan(before - 3_000_000);
      expect(clock.now()).toBeGreaterThanOrEqual(before);
    } finally {
      Date.now = now;
    }
  });

  it('has timers that run once however often they are started, and not when stopped', async () => {
    const clock = realClock();
    let runs = 0;
    const done = new Promise<void>((resolve) => {
      const timer = clock.timer(() => {
        runs += 1;
        resolve();
      });
      timer.start(5);
      timer.stop();
      timer.start(5);
      timer.start(5);
    });
    const keepsAlive = clock.every(1, () => {});
    await done;
    await clock.sleep(20);
    keepsAlive();
    expect(runs).toBe(1);
  });

  it('sleeps until it is woken', async () => {
    const waking = new AbortController();
    const slept = realClock().sleep(60_000, waking.signal);
    waking.abort();
    await slept;
  });
});

describe('lines', () => {
  const split = (...pieces: (string | Buffer)[]) => {
    const lines: string[] = [];
    const push = lineSplitter((line) => lines.push(line));
    for (const piece of pieces) push(Buffer.from(piece));
    push(undefined);
    return lines;
  };

  it('are whole however they arrive', () => {
    expect(split('one\ntw', 'o\r\nthr', 'ee')).toEqual(['one', 'two', 'three']);
    const bytes = Buffer.from('é\n');
    expect(split(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['é']);
    expect(split('\n\n')).toEqual(['', '']);
  });

  it('that are too long are cut, so that memory is bounded', () => {
    const lines = split('x'.repeat(600_000));
    expect(lines.map((line) => line.length)).toEqual([262_144, 262_144, 75_712]);
  });
});

describe('the process table', () => {
  it('reads what ps prints', () => {
    expect(parsePsLine('  501   501  10240 1-02:03:04 Fri Nov 20 10:00:00 2026')).toEqual([
      {
        pid: 501,
        session: 501,
        endedCpuMs: 0,
        memoryBytes: 10_485_760,
        cpuMs: 93_784_000,
        startedAt: 'Fri Nov 20 10:00:00 2026',
      },
    ]);
    expect(parsePsLine('nonsense')).toEqual([]);
  });

  it('finds this process, whichever way it is asked', async ({ skip }) => {
    if (hasProc) expect(readProcess(process.pid)?.memoryBytes).toBeGreaterThan(1e6);
    try {
      execFileSync('ps', ['-V']);
    } catch {
      skip('ps is not installed');
    }
    const found = (await askPs()).find(({ pid }) => pid === process.pid);
    expect(found?.memoryBytes).toBeGreaterThan(1e6);
  });

  it('knows nothing of a process that has gone', () => {
    expect(readProcess(2 ** 22 + 1)).toBeUndefined();
  });
});
