import { describe, expect, it } from 'vitest';
import { begin, ROUND, stay } from '../../../test/support/placement.ts';
import { serviceSwitch } from './service-switch.ts';

describe('the switch of the whole service', () => {
  it('warms tasks while Lambda serves, then offers them everything, and goes back', () => {
    const memory = begin(serviceSwitch, ROUND);
    const offered = () => serviceSwitch.offered?.(memory, ROUND);
    // 15 a second cost Lambda 15, tasks ⌈15/10⌉·2 = 4.
    expect(stay(serviceSwitch, memory, ROUND, 59, { requests: 15 })).toBe(0);
    expect(stay(serviceSwitch, memory, ROUND, 1, { requests: 15 })).toBe(2);
    expect(offered()).toBe(0);
    expect(stay(serviceSwitch, memory, ROUND, 34, { requests: 15, ready: 1 })).toBe(2);
    expect(offered()).toBe(0);
    expect(stay(serviceSwitch, memory, ROUND, 1, { requests: 15, ready: 2 })).toBe(2);
    expect(offered()).toBe(Number.POSITIVE_INFINITY);
    stay(serviceSwitch, memory, ROUND, 25, { requests: 15, ready: 2 });
    // From second 120 on 1 a second. At 360 the mean is 1 + 14·60/300 = 3.8 > 0.9·4; at 420 it is 1.
    expect(stay(serviceSwitch, memory, ROUND, 240, { requests: 1, ready: 2 })).toBe(2);
    expect(stay(serviceSwitch, memory, ROUND, 59, { requests: 1, ready: 2 })).toBe(2);
    expect(stay(serviceSwitch, memory, ROUND, 1, { requests: 1, ready: 2 })).toBe(0);
    expect(offered()).toBe(0);
  });

  it('stays on Lambda with a load that the most tasks cannot carry', () => {
    const few = { ...ROUND, maxTasks: 2 };
    const memory = begin(serviceSwitch, few);
    expect(stay(serviceSwitch, memory, few, 600, { requests: 21 })).toBe(0);
  });

  it('never leaves requests to no task: without load it is on Lambda', () => {
    const memory = begin(serviceSwitch, ROUND);
    stay(serviceSwitch, memory, ROUND, 120, { requests: 20, ready: 2 });
    // At 360 the mean is 20·60/300 = 4 > 0.9·4; at 420 nothing has come for the whole look-back.
    stay(serviceSwitch, memory, ROUND, 299, { ready: 2 });
    expect(memory.side).toBe('fargate');
    stay(serviceSwitch, memory, ROUND, 1, { ready: 2 });
    expect(memory.side).toBe('lambda');
  });
});
