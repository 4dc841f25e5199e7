// Failures with prices: names that the price book does not have, and reading new prices.

import { EXIT, entry } from './fault-entry.ts';

export const PRICE_FAULTS = {
  PRICES_REGION_UNKNOWN: entry<{
    region: string;
    place?: string | undefined;
    near: readonly string[];
  }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A region that the price book has no prices for.',
    say: ({ region, place }) =>
      `The price book has no region "${region}"${place === undefined ? '' : `, ${place}`}.`,
    fix: ({ near }) =>
      near.length === 0
        ? '"fulcrum prices --region all lambda.request" lists those it has.'
        : `Did you mean ${near.join(' or ')}? "fulcrum prices --region all lambda.request" lists all.`,
  }),
  PRICES_ITEM_UNKNOWN: entry<{ item: string; near: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'An item that the price book does not have, or a name that fits several.',
    say: ({ item }) => `The price book has no item "${item}".`,
    fix: ({ near }) =>
      near.length === 0
        ? '"fulcrum prices" lists every item.'
        : `Did you mean ${near.join(', or ')}? "fulcrum prices" lists every item.`,
  }),
};
