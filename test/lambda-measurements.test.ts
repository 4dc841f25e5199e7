// The event simulator against requests that were sent to AWS Lambda in 2020.

import { describe, expect, it } from 'vitest';
import { exactArrivals } from '../src/sim/event/arrivals.ts';
import { simulateEvents } from '../src/sim/event/simulate-events.ts';
import { LAMBDA_IDLE_SECONDS } from '../src/sim/start-up.ts';
import { LAMBDA_RUNS, type MeasuredRun, measuredRun } from './support/lambda-measurements.ts';
import { eventProfile, fixedTasks } from './support/sim.ts';

const SEEDS = 40;

/** Mean of the cold starts of a replay, and their deviation from seed to seed. */
function replayed({ requests }: MeasuredRun, idleSeconds: readonly [number, number]) {
  const profile = eventProfile({ idleSeconds });
  const starts = Array.from({ length: SEEDS }, (_, seed) => {
    const arrivals = exactArrivals('measured', requests);
    return simulateEvents({ arrivals, profile, policy: fixedTasks(0), seed }).coldStarts;
  });
  const mean = starts.reduce((sum, count) => sum + count, 0) / SEEDS;
  const squares = starts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (SEEDS - 1)) };
}

describe.each(LAMBDA_RUNS)('%s', (name) => {
  const measured = measuredRun(name);

  it.skipIf(measured === undefined)('reused the environment that was used last', () => {
    if (measured === undefined) return;
    const endedAt = new Map<string, number>();
    let choices = 0;
    let latest = 0;
    for (const { at, instance, endedAt: end } of measured.requests) {
      const idle = [...endedAt].filter(([, ended]) => ended <= at && at - ended < 660);
      if (idle.length > 1 && idle.some(([id]) => id === instance)) {
        choices += 1;
        const last = idle.reduce((one, other) => (other[1] > one[1] ? other : one));
        if (last[0] === instance) latest += 1;
      }
      endedAt.set(instance, end);
    }
    expect(choices).toBeGreaterThan(100);
    expect(latest / choices).toBeGreaterThan(0.99);
  });

  // By default ends come after 5 to 11 minutes, and cold starts are too many by a quarter and by a half:
  // 37 for 29, and 43 for 28. With 5 to 20 minutes they are 30 and 28. Some that were measured were of
  // environments that AWS replaced while they were in use, which no idle time explains.
  it.skipIf(measured === undefined)(
    'had no more cold starts than the default gives, and not many fewer',
    () => {
      if (measured === undefined) return;
      const { mean, deviation } = replayed(measured, LAMBDA_IDLE_SECONDS);
      expect(mean + 3 * deviation).toBeGreaterThan(measured.coldStarts);
      expect(mean).toBeLessThan(1.6 * measured.coldStarts);
    },
  );

  it.skipIf(measured === undefined)(
    'had the cold starts that idle times up to 20 minutes give',
    () => {
      if (measured === undefined) return;
      const { mean, deviation } = replayed(measured, [300, 1200]);
      expect(Math.abs(mean - measured.coldStarts)).toBeLessThan(2 * deviation);
    },
  );

  it.skipIf(measured === undefined)(
    'started each of its environments cold, but for one that was there',
    () => {
      expect(measured?.instances).toBe((measured?.coldStarts ?? 0) + 1);
    },
  );
});
