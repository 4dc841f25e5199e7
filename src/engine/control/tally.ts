// Requests per program and compute since the start, batches of a queue among them, for `status`:
// cheap counters beside the metrics, which forget after three hours.

import type { Compute } from '../../model/app.ts';
import type { EngineEvent } from '../../model/event.ts';

export interface Tally {
  readonly requests: number;
  /** Answers of the front door itself, and 5XX of the program. */
  readonly errors: number;
  readonly coldStarts: number;
}

export interface TallyBook {
  note(event: EngineEvent): void;
  of(service: string, compute: Compute): Tally;
}

export function tallyBook(): TallyBook {
  const tallies = new Map<string, { requests: number; errors: number; coldStarts: number }>();
  const of = (service: string, compute: Compute) => {
    const key = `${service}/${compute}`;
    let tally = tallies.get(key);
    if (tally === undefined) {
      tally = { requests: 0, errors: 0, coldStarts: 0 };
      tallies.set(key, tally);
    }
    return tally;
  };
  return {
    note(event) {
      if (event.type === 'batch') {
        const tally = of(event.function, 'lambda');
        tally.requests += 1;
        if (event.error) tally.errors += 1;
        if (event.cold) tally.coldStarts += 1;
        return;
      }
      if (event.type === 'invocation') {
        // One that ran, or that would have run had there been room.
        if (event.version === undefined && event.status !== 429) return;
        const tally = of(event.function, 'lambda');
        tally.requests += 1;
        if (event.error !== undefined) tally.errors += 1;
        if (event.cold) tally.coldStarts += 1;
        return;
      }
      if (event.type !== 'request' || event.service === undefined || event.compute === undefined) {
        return;
      }
      const tally = of(event.service, event.compute);
      tally.requests += 1;
      if (event.status >= 500 || event.fault !== undefined) tally.errors += 1;
      if (event.cold) tally.coldStarts += 1;
    },
    of,
  };
}
