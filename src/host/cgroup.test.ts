import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/app.ts';
import { findCgroups, removeCgroups } from './cgroup.ts';

/** A folder with empty files where the kernel would have its own. */
function layout(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('control groups', () => {
  it('of version 2 get their limits in one group', () => {
    const root = layout({
      'cgroup.controllers': 'cpuset cpu io memory pids',
      'cgroup.subtree_control': '',
      'app/cgroup.subtree_control': '',
      'app/api-1/memory.max': 'max',
      'app/api-1/memory.swap.max': 'max',
      'app/api-1/cpu.max': 'max 100000',
      'app/api-1/memory.events': 'oom 1\noom_kill 0\n',
      'app/api-1/cgroup.procs': '12\n13\n',
    });
    const support = findCgroups('app', root);
    expect(support.version).toBe(2);
    const group = support.create('api-1', { memoryMiB: 512, cpu: 0.25 });
    expect(read(root, 'cgroup.subtree_control')).toBe('+memory +cpu');
    expect(read(root, 'app/api-1/memory.max')).toBe(String(512 * 1024 * 1024));
    expect(read(root, 'app/api-1/memory.swap.max')).toBe('0');
    expect(read(root, 'app/api-1/cpu.max')).toBe('5000 20000');
    group?.setCpu(undefined);
    expect(read(root, 'app/api-1/cpu.max')).toBe('max 20000');
    expect(group?.members()).toEqual([12, 13]);
    expect(group?.wasOutOfMemory()).toBe(false);
    writeFileSync(join(root, 'app/api-1/memory.events'), 'oom 2\noom_kill 1\n');
    expect(group?.wasOutOfMemory()).toBe(true);
    expect(group?.joinFiles).toEqual([join(root, 'app/api-1/cgroup.procs')]);
  });

  it('of version 1 are two groups', () => {
    const root = layout({
      'memory/cgroup.procs': '',
      'cpu/cgroup.procs': '',
      'memory/app/api-1/memory.limit_in_bytes': '',
      'cpu/app/api-1/cpu.cfs_quota_us': '',
      'cpu/app/api-1/cpu.cfs_period_us': '',
    });
    const support = findCgroups('app', root);
    expect(support.version).toBe(1);
    const group = support.create('api-1', { memoryMiB: 128, cpu: 2 });
    expect(read(root, 'memory/app/api-1/memory.limit_in_bytes')).toBe(String(128 * 1024 * 1024));
    expect(read(root, 'cpu/app/api-1/cpu.cfs_quota_us')).toBe('40000');
    expect(group?.joinFiles).toHaveLength(2);
  });

  it('count processor time where that is asked for, over periods as they are asked for', () => {
    const one = layout({
      'memory/cgroup.procs': '',
      'cpu/cgroup.procs': '',
      'cpuacct/cgroup.procs': '',
      'cpuacct/app/api-1/cpuacct.usage': '2500000\n',
      'cpu/app/api-1/cpu.cfs_quota_us': '',
      'cpu/app/api-1/cpu.cfs_period_us': '',
    });
    const limits = { cpu: 0.25, cpuPeriodMs: 100, counted: true };
    const first = findCgroups('app', one).create('api-1', limits);
    expect(first?.cpuMs()).toBe(2.5);
    expect(first?.joinFiles).toContain(join(one, 'cpuacct/app/api-1/cgroup.procs'));
    expect(read(one, 'cpu/app/api-1/cpu.cfs_period_us')).toBe('100000');
    expect(read(one, 'cpu/app/api-1/cpu.cfs_quota_us')).toBe('25000');
    expect(findCgroups('app', one).create('api-1', {})?.cpuMs()).toBeUndefined();

    const two = layout({
      'cgroup.controllers': 'cpu memory',
      'cgroup.subtree_control': '',
      'app/api-1/cpu.max': '',
      'app/api-1/cpu.stat': 'usage_usec 7250\nuser_usec 7000\n',
    });
    const second = findCgroups('app', two).create('api-1', limits);
    expect(second?.cpuMs()).toBe(7.25);
    expect(read(two, 'app/api-1/cpu.max')).toBe('25000 100000');
  });

  it('of an engine that has ended go, those of others stay', async () => {
    const root = temporaryFolder();
    for (const name of [
      'memory/dead/api-1',
      'memory/dead/api-2',
      'cpu/dead/api-1',
      'cpuacct/dead/api-1',
      'v2/dead/api-1',
    ]) {
      mkdirSync(join(root, name), { recursive: true });
    }
    mkdirSync(join(root, 'memory/other/api-1'), { recursive: true });
    await removeCgroups('dead', root);
    await removeCgroups('dead', join(root, 'v2'));
    const left = ['memory', 'cpu', 'cpuacct', 'v2'].map((name) => readdirSync(join(root, name)));
    expect(left).toEqual([['other'], [], [], []]);
  });

  it('that are missing or not ours are said, and nothing is made', () => {
    expect(findCgroups('app', join(temporaryFolder(), 'none'))).toMatchObject({
      version: undefined,
    });
    const partly = layout({ 'cgroup.controllers': 'cpuset io pids' });
    expect(findCgroups('app', partly).why).toBe('memory and cpu cannot be limited here');
    const support = findCgroups('app', partly);
    expect(support.create('x', {})).toBeUndefined();
    expect(existsSync(join(partly, 'app'))).toBe(false);
  });
});
