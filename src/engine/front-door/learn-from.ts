// What a request took is learned from once: when the head of its answer is there, or all of it. An error
// says nothing of how long an answer takes.

import type { Millis } from '../../base/units.ts';
import type { ServedRequest } from './served-request.ts';

export function learnFrom(request: ServedRequest, now: Millis): void {
  const { learning, compute, cold, billedMs } = request;
  if (learning === undefined) return;
  request.learning = undefined;
  if (compute === undefined || request.own || request.status >= 500) return;
  const durationMs = now - (request.sentAt ?? request.startedAt);
  learning.served({ compute, durationMs, cold, billedMs }, now);
}
