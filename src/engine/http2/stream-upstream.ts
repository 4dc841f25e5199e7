// Sessions of HTTP/2 from the engine to one copy of a program, without TLS and without asking first
// ("prior knowledge", RFC 9113 §3.3). Each carries as many calls as the program takes; one more is
// opened for what has no room.
//
// Invariants
//   V1. Every call that was started ends with exactly one of `end` or `fail`, unless it was aborted.
//   V2. No request is sent on a session before the program has said how many streams it takes.
//   V3. A call is made a second time only if the program did not begin with it (REFUSED_STREAM) and
//       nothing of its body was sent, or if it is safe to repeat, has no body and a session that
//       has carried others was lost before an answer; and once at most (RFC 9113 §8.7, RFC 9110 §9.2.2).

import type { UpstreamSettings } from '../http1/upstream-call.ts';
import { PooledStream } from './pooled-stream.ts';
import type {
  StreamCall,
  StreamFailure,
  StreamRequest,
  StreamSink,
  StreamUpstream,
} from './stream-call.ts';
import { TaskSession } from './task-session.ts';

export function streamUpstream(settings: UpstreamSettings): StreamUpstream {
  return new SessionPool(settings);
}

class SessionPool implements StreamUpstream {
  readonly #settings: UpstreamSettings;
  readonly #sessions = new Set<TaskSession>();
  #closed = false;

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
  }

  call(request: StreamRequest, sink: StreamSink): StreamCall {
    return new PooledStream(request, sink, this);
  }

  /** On a session that has room. */
  place(call: PooledStream): void {
    if (this.#closed) {
      call.fail(BEFORE);
      return;
    }
    for (const session of this.#sessions) {
      if (session.room > 0) {
        session.add(call);
        return;
      }
    }
    const session = new TaskSession(this.#settings, this);
    this.#sessions.add(session);
    session.add(call);
  }

  ended(session: TaskSession): void {
    this.#sessions.delete(session);
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.destroy();
  }
}

const BEFORE: StreamFailure = { kind: 'closed', problem: 'before it was asked' };
