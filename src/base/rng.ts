// Chance from a seed, one named stream per purpose, so that a new draw in one place does not
// shift another. The same seed and name give the same numbers on every machine.

import type { Rng } from './ports.ts';

const HEX = '0123456789abcdef';

/** The stream `name` of `seed`. */
export function seededRng(seed: number, name: string): Rng {
  const next = sfc32(hash(`${seed}/${name}`));
  const hex = (length: number): string => {
    // A text that grows by digits is a chain of pieces, and dear when it becomes a key.
    const codes: number[] = [];
    for (let index = 0; index < length; index += 1) {
      codes.push(HEX.charCodeAt(Math.floor(next() * 16)));
    }
    return String.fromCharCode(...codes);
  };
  return { next, hex, uuid: () => uuidFrom(hex(32)) };
}

/** Lays 32 hexadecimal digits out as a version-4 UUID. */
export function uuidFrom(hex: string): string {
  const variant = HEX[8 + (Number.parseInt(hex.charAt(16), 16) & 3)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Four 32-bit words from a text (the public-domain "cyrb128" mixing). */
function hash(text: string): readonly [number, number, number, number] {
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** Chris Doty-Humphrey's small fast counting generator, 32 bit. Passes PractRand. */
function sfc32(seed: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = seed;
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  return next;
}
