// Counts what comes, and what each request of a service takes on the average: what an estimate at
// this pace is made from.

import type { Millis } from '../base/units.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { TrafficRecord } from '../traffic/traffic-record.ts';
import {
  type Answered,
  factsOf,
  type MeasuredMean,
  ProfileMeter,
  type ServiceProfile,
} from './profile-meter.ts';
import { LOG_EVENT_BYTES } from './rules/cloudwatch.ts';
import type { LoggedEvent } from './shared-meter.ts';

export interface Invocation {
  readonly durationMs: Millis;
  /** 0 when the environment was already there. */
  readonly initMs: Millis;
  readonly provisioned: boolean;
}

export interface MeasuredTraffic {
  /** Its times are those of the meter. */
  readonly traffic: Traffic;
  /** In the order of the meter. */
  readonly profiles: readonly ServiceProfile[];
  /** Requests on each connection to the front door. */
  readonly perConnection: MeasuredMean | null;
}

export interface TrafficMeter {
  invoked(service: string, invocation: Invocation): void;
  connected(): void;
  /** `atDoor`: at the front door, whose connections are counted. */
  routed(answered: Answered | undefined, atDoor: boolean, now: Millis): void;
  came(service: string, requests: number, ofQueue: boolean, now: Millis): void;
  logged(event: LoggedEvent): void;
  worked(service: string, cpuMs: Millis): void;
  measured(now: Millis): MeasuredTraffic;
}

export function trafficMeter(
  services: readonly { readonly name: string }[],
  startedAt: Millis,
): TrafficMeter {
  const record = new TrafficRecord(startedAt);
  const profiles = new Map(services.map(({ name }) => [name, new ProfileMeter(name)]));
  let connections = 0;
  let atTheDoor = 0;
  return {
    invoked: (service, { durationMs, initMs }) =>
      profiles.get(service)?.invoked(durationMs, initMs),
    connected() {
      connections += 1;
    },
    routed(answered, atDoor, now) {
      record.add(now);
      if (atDoor) atTheDoor += 1;
      if (answered !== undefined) profiles.get(answered.service)?.answered(answered);
    },
    came(service, requests, ofQueue, now) {
      record.add(now, requests);
      profiles.get(service)?.came(requests, ofQueue);
    },
    logged: ({ service, source, bytes }) =>
      profiles.get(service)?.logged(source, bytes + LOG_EVENT_BYTES),
    worked: (service, cpuMs) => profiles.get(service)?.worked(cpuMs),
    measured(now) {
      const read = [...profiles.values()].map((profile) => profile.read());
      return {
        traffic: record.traffic(now, factsOf(read)),
        profiles: read,
        perConnection:
          connections === 0
            ? null
            : { count: connections, mean: Math.max(1, atTheDoor / connections), error: 0 },
      };
    },
  };
}
