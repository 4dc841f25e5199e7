import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Exit } from '../base/ports.ts';
import { hasProc } from './process-table.ts';
import { whenStarted } from './program-start.ts';

function start(line: string) {
  const child = spawn('/bin/sh', ['-c', line], { stdio: 'ignore' });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const exited = new Promise<Exit>((resolve) =>
    child.on('exit', (code, signal) =>
      resolve(code === null ? { signal: String(signal) } : { code }),
    ),
  );
  return { exited, started: whenStarted(child.pid ?? 0, true, exited) };
}

describe.skipIf(!hasProc)('the start of a program', () => {
  it('is not seen where a slow shell finds no program at last', async () => {
    expect(await start('sleep 0.4; exec not-there-at-all').started).toBe(false);
  });

  it('is seen when the shell has become it', async () => {
    expect(await start('exec sleep 60').started).toBe(true);
  });

  it('is seen when it is a script of the same shell', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fulcrum-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const script = join(folder, 'program');
    writeFileSync(script, '#!/bin/sh\nread -r line\nsleep 60\n');
    chmodSync(script, 0o755);
    const { started, exited } = start(`exec ${script} < /dev/null`);
    expect(await Promise.race([started, exited])).toBe(true);
  });
});
