/**
 * Part of its processor, and of what it can hold, that a task uses when it carries its full rate: μ is
 * what it carries within the latency target, not what breaks it. policy.md §2.6 measured with this, and
 * it is what a task is sized by where nothing was measured.
 */
export const USE_AT_RATE = 0.7;
