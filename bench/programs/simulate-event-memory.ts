// One run of the event simulator, so many seconds of trace long; prints its resident memory at the
// end and at its peak, in MB.

import { simulateEvents } from '../../src/sim/event/simulate-events.ts';
import { HYBRID, settingsOf } from './simulate-event-cases.ts';

const result = simulateEvents(settingsOf(HYBRID, Number(process.argv[2]), 1));
globalThis.gc?.();
console.log(
  JSON.stringify({
    requests: result.requests,
    residentMb: process.memoryUsage().rss / 1e6,
    peakMb: (process.resourceUsage().maxRSS * 1024) / 1e6,
  }),
);
