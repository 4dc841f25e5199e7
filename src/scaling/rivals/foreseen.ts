import type { Foresight } from '../placement.ts';

/** Whoever starts a policy that needs foresight gives it. */
export function foreseen(policy: string, foresight: Foresight | undefined): Foresight {
  if (foresight === undefined) throw new Error(`${policy} needs foresight`);
  return foresight;
}
