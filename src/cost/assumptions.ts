// What is billed by rules that no price list states.

/**
 * Part of the on-demand price that Fargate Spot costs. Spot is not in the price list and floats;
 * 61 to 70 % less was observed. An assumption, not a quote.
 */
export const SPOT_PRICE_PERCENT = 35n;

/** Addresses a load balancer has at least: one in each of two zones. */
export const ALB_ADDRESSES = 2;
