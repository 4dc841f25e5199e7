// Waits until a number that grows stands still.

import { expect } from 'vitest';

/** The value once two looks in a row see the same, and it is not zero. */
export async function settled(look: () => number | Promise<number>): Promise<number> {
  let last = -1;
  await expect
    .poll(
      async () => {
        const before = last;
        last = await look();
        return last === before && last > 0;
      },
      { interval: 200 },
    )
    .toBe(true);
  return last;
}
