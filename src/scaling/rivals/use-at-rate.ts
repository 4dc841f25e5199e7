/**
 * Part of its processor, and of what it can hold, that a task uses when it carries its full rate: μ is
 * what it carries within the latency target, not what breaks it. Ours.
 */
export const USE_AT_RATE = 0.7;
