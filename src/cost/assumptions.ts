// What bills depend on and no price list states.

/**
 * Part of the on-demand price that Fargate Spot costs. Spot is not in the price list and floats;
 * 61 to 70 % less was observed. An assumption, not a quote.
 */
export const SPOT_PRICE_PERCENT = 35n;

/** Addresses a load balancer has at least: one in each of two zones. */
export const ALB_ADDRESSES = 2;

/** Of the logs that are taken in, the part that is kept once compressed. AWS states none. */
export const LOG_COMPRESSED_PART = 0.15;
