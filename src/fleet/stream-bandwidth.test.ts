import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STREAM_BANDWIDTH, StreamBandwidth } from './stream-bandwidth.ts';

const { burstBytes, bytesPerSecond } = STREAM_BANDWIDTH;

describe('the bandwidth of a stream', () => {
  it('is free for the burst, then waits for steps', () => {
    const bandwidth = new StreamBandwidth(0);
    expect(bandwidth.take(burstBytes, 0)).toBe(0);
    expect(bandwidth.take(1, 0)).toBe(125);
    expect(bandwidth.take(0, 125)).toBe(0);
  });

  it('lets through 6 MiB, then 2 MiB a second, and one chunk (B1)', () => {
    const chunk = fc.integer({ min: 1, max: 2 * 1024 * 1024 });
    const pause = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(chunk, pause), { maxLength: 60, size: 'max' }), (steps) => {
        const bandwidth = new StreamBandwidth(0);
        let now = 0;
        let sent = 0;
        for (const [bytes, pauseMs] of steps) {
          sent += bytes;
          const waitMs = bandwidth.take(bytes, now);
          expect(sent - bytes).toBeLessThanOrEqual(burstBytes + (bytesPerSecond * now) / 1000);
          now += waitMs + pauseMs;
        }
      }),
    );
  });
});
