// Chance from the operating system. Drawn in blocks, as one draw per request would be dear.

import { randomFillSync } from 'node:crypto';
import type { Rng } from '../base/ports.ts';
import { uuidFrom } from '../base/rng.ts';

const BLOCK_BYTES = 4096;

export function systemRng(): Rng {
  const block = Buffer.alloc(BLOCK_BYTES);
  let digits = '';
  let at = 0;
  const hex = (length: number): string => {
    if (at + length > digits.length) {
      randomFillSync(block);
      digits = block.toString('hex');
      at = 0;
    }
    const drawn = digits.slice(at, at + length);
    at += length;
    return drawn;
  };
  return { next: () => Number.parseInt(hex(12), 16) / 2 ** 48, hex, uuid: () => uuidFrom(hex(32)) };
}
