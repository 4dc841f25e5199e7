import { describe, expect, it } from 'vitest';
import { begin, ROUND, seenOf } from '../../../test/support/placement.ts';
import { newsvendor } from './newsvendor.ts';

/** Three minutes of 10, 10, 30, 0. Level 0 has 7.5 on the average, levels 1 and 2 have 2.5. */
function after(taskUsdPerSecond: number): number {
  const terms = { ...ROUND, taskUsdPerSecond };
  const memory = begin(newsvendor, terms);
  let wanted = 0;
  for (let second = 0; second < 180; second += 1) {
    const requests = [10, 10, 30, 0][second % 4] ?? 0;
    wanted = newsvendor.decide(memory, seenOf({ requests }), terms, second);
  }
  return wanted;
}

describe('the newsvendor over three minutes', () => {
  it.each([
    [2.4, 3], // 2.5·1 > 2.4
    [2.6, 1],
    [7.4, 1],
    [7.6, 0],
  ])('a task for %d a second, 1 a request: %d pay', (usd, tasks) => {
    expect(after(usd)).toBe(tasks);
  });

  it('says what the next task would have', () => {
    const memory = begin(newsvendor, ROUND);
    newsvendor.decide(memory, seenOf({ requests: 360 }), { ...ROUND, maxTasks: 99 }, 0);
    // One second of 360 in three minutes: each of 36 levels has 10 ÷ 180.
    expect(newsvendor.why(memory, ROUND)).toEqual({
      text: 'worth it: 0 tasks; the next would have 0.06 requests/s, and pays from 2.00',
      figures: { tasks: 0, nextRate: 10 / 180, payingRate: 2 },
    });
  });
});
