// After a connection broke: whether the program that broke it has ended.

import type { Child, Clock } from '../base/ports.ts';
import type { Millis } from '../base/units.ts';

/** How long a broken connection may be seen before the end of the program that broke it begins. */
const END_BEGINS_WITHIN_MS = 100;

/** How often a program is looked at whose end has begun. */
const LOOK_EVERY_MS = 20;

/** Resolves when it is known: its exit was told, or it lives. */
export async function exitFollows(clock: Clock, child: Child): Promise<void> {
  let told = false;
  const exited = child.exited.then(() => {
    told = true;
  });
  let waitMs: Millis = END_BEGINS_WITHIN_MS;
  do {
    const done = new AbortController();
    await Promise.race([exited, clock.sleep(waitMs, done.signal)]);
    done.abort();
    waitMs = LOOK_EVERY_MS;
  } while (!told && child.ending());
}
