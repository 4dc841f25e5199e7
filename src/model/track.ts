// A track is one revision of a service on one compute: the only thing that receives traffic.

import type { Compute } from './app.ts';

export interface Track {
  readonly service: string;
  readonly revision: number;
  readonly compute: Compute;
  /** `api@7/lambda`. */
  readonly id: string;
}

export function trackOf(service: string, revision: number, compute: Compute): Track {
  return { service, revision, compute, id: `${service}@${revision}/${compute}` };
}
