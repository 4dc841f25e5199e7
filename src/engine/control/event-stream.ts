// The one stream of what happens in an engine.

import type { Release } from '../../base/ports.ts';
import type { EngineEvent } from '../../model/event.ts';

export type Listener = (event: EngineEvent) => void;

export interface EventStream {
  emit(event: EngineEvent): void;
  listen(listener: Listener): Release;
}

export function eventStream(): EventStream {
  let listeners: readonly Listener[] = [];
  return {
    emit(event) {
      for (const listener of listeners) listener(event);
    },
    listen(listener) {
      listeners = [...listeners, listener];
      return () => {
        listeners = listeners.filter((other) => other !== listener);
      };
    },
  };
}
