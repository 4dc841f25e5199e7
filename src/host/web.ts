// The web with Node's own fetch.

import type { Web, WebAnswer } from '../base/ports.ts';
import { MS_PER_SECOND } from '../base/units.ts';

export const realWeb: Web = {
  async get(url, { signal, idleMs }) {
    const idle = idleWatch(idleMs);
    const stop = new AbortController();
    const either = AbortSignal.any([signal, idle.signal, stop.signal]);
    const words = (error: unknown) => inWords(error, either, idle.signal, idleMs);
    try {
      const answer = await fetch(url, { signal: either });
      const { headers } = answer;
      const length = headers.get('content-length');
      const encoded = headers.has('content-encoding');
      return {
        status: answer.status,
        contentType: headers.get('content-type') ?? '',
        bytes: length === null || encoded ? undefined : Number(length),
        body: watched(answer.body, idle, words),
        cancel() {
          idle.stop();
          stop.abort();
        },
      } satisfies WebAnswer;
    } catch (error) {
      idle.stop();
      throw words(error);
    }
  },
};

async function* watched(
  body: ReadableStream<Uint8Array> | null,
  idle: IdleWatch,
  words: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body ?? []) {
      idle.rest();
      yield chunk;
      idle.seen();
    }
  } catch (error) {
    throw words(error);
  } finally {
    idle.stop();
  }
}

interface IdleWatch {
  readonly signal: AbortSignal;
  /** Something came: the time begins anew. */
  seen(): void;
  /** It is our turn: the time stands still. */
  rest(): void;
  stop(): void;
}

function idleWatch(idleMs: number): IdleWatch {
  const controller = new AbortController();
  const start = () => setTimeout(() => controller.abort(), idleMs);
  let timer = start();
  let stopped = false;
  return {
    signal: controller.signal,
    rest: () => clearTimeout(timer),
    seen() {
      clearTimeout(timer);
      if (!stopped) timer = start();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function inWords(error: unknown, either: AbortSignal, idle: AbortSignal, idleMs: number): Error {
  if (idle.aborted) {
    return new Error(`nothing came for ${idleMs / MS_PER_SECOND} s`, { cause: error });
  }
  if (either.aborted) return new Error('it was stopped', { cause: error });
  // fetch says "fetch failed" or "terminated"; why is below.
  const cause = error instanceof Error ? error.cause : undefined;
  const deepest = cause instanceof Error ? cause : error;
  const why = deepest instanceof Error ? deepest.message : String(deepest);
  return new Error(why === '' || why === 'terminated' ? 'the connection broke off' : why, {
    cause: error,
  });
}
