// The logs of an app, grouped as on AWS. The last four megabytes of each group are kept.

import { BYTES_PER_MIB } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import type { LogEvent } from '../../model/event.ts';
import { LineRing } from './line-ring.ts';

const GROUP_BYTES = 4 * BYTES_PER_MIB;

export interface LogFilter {
  readonly service?: string | undefined;
  readonly compute?: Compute | undefined;
}

export interface LogStore {
  append(event: LogEvent): void;
  /** In the order of time. */
  read(filter: LogFilter): readonly LogEvent[];
}

interface Group {
  readonly service: string;
  readonly compute: Compute;
  readonly group: string;
  readonly lines: LineRing;
}

export function logStore(): LogStore {
  const groups = new Map<string, Group>();
  return {
    append({ service, compute, group, at, stream, source, line }) {
      let place = groups.get(group);
      if (place === undefined) {
        place = { service, compute, group, lines: new LineRing(GROUP_BYTES) };
        groups.set(group, place);
      }
      place.lines.push(`${at}\t${source}\t${stream}\t${line}`);
    },
    read: (filter) =>
      [...groups.values()]
        .filter((place) => passes(place, filter))
        .flatMap((place) => place.lines.texts().map((text) => eventOf(place, text)))
        .sort((a, b) => a.at - b.at),
  };
}

export function passes(
  one: { readonly service: string; readonly compute: Compute },
  { service, compute }: LogFilter,
): boolean {
  return (
    (service === undefined || one.service === service) &&
    (compute === undefined || one.compute === compute)
  );
}

function eventOf({ service, compute, group }: Group, text: string): LogEvent {
  const [at = '', source = '', stream = ''] = text.split('\t', 3);
  const line = text.slice(at.length + source.length + stream.length + 3);
  const by = source === 'platform' ? 'platform' : 'program';
  return { type: 'log', at: Number(at), service, compute, group, stream, source: by, line };
}
