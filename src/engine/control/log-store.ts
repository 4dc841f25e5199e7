// The logs of an app, grouped as on AWS. The last four megabytes of each group are kept.

import { BYTES_PER_MIB } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import type { LogEvent } from '../../model/event.ts';
import { type Recent, recent } from './recent.ts';

const GROUP_BYTES = 4 * BYTES_PER_MIB;

/** What an event takes besides its text, roughly. */
const EVENT_BYTES = 120;

export interface LogFilter {
  readonly service?: string | undefined;
  readonly compute?: Compute | undefined;
}

export interface LogStore {
  append(event: LogEvent): void;
  /** In the order of time. */
  read(filter: LogFilter): readonly LogEvent[];
  /** Lines that had to make room, per group. */
  dropped(): ReadonlyMap<string, number>;
}

export function logStore(): LogStore {
  const groups = new Map<string, Recent<LogEvent>>();
  return {
    append(event) {
      let group = groups.get(event.group);
      if (group === undefined) {
        group = recent<LogEvent>(GROUP_BYTES);
        groups.set(event.group, group);
      }
      group.push(event, EVENT_BYTES + event.line.length);
    },
    read(filter) {
      return [...groups.values()]
        .flatMap((group) => group.items())
        .filter((event) => passes(event, filter))
        .sort((a, b) => a.at - b.at);
    },
    dropped: () => new Map([...groups].map(([name, group]) => [name, group.dropped])),
  };
}

export function passes(event: LogEvent, { service, compute }: LogFilter): boolean {
  return (
    (service === undefined || event.service === service) &&
    (compute === undefined || event.compute === compute)
  );
}
