import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { realFiles } from './files.ts';

it('counts what temporary files take on the disk, below folders too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fulcrum-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = realFiles(folder);
  const place = files.temporary('one');
  const empty = await files.usedBytes('one');
  await mkdir(join(place, 'deep'));
  writeFileSync(join(place, 'deep', 'file'), Buffer.alloc(1024 * 1024, 1));
  expect(await files.usedBytes('one')).toBeGreaterThanOrEqual(empty + 1024 * 1024);
  expect(await files.usedBytes('never made')).toBe(0);
});
