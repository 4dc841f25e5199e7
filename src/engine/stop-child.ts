// Ending one copy of a program: asked first, then made to.

import type { Child, Clock, Exit } from '../base/ports.ts';
import type { Millis } from '../base/units.ts';

/** Sends SIGTERM, and SIGKILL to what is still there after `withinMs`. */
export async function stopChild(clock: Clock, child: Child, withinMs: Millis): Promise<Exit> {
  const exited = new AbortController();
  child.signal('SIGTERM');
  void clock.sleep(withinMs, exited.signal).then(() => {
    if (!exited.signal.aborted) child.signal('SIGKILL');
  });
  const exit = await child.exited;
  exited.abort();
  return exit;
}
