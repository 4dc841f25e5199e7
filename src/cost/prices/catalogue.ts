// Every item that the price book may have a price for: its service, its unit, what is billed and how.

import { COMPUTE_ITEMS } from './catalogue-compute.ts';
import { DATA_ITEMS } from './catalogue-data.ts';
import type { CatalogueItem } from './catalogue-item.ts';
import { NETWORK_ITEMS } from './catalogue-network.ts';
import { PLATFORM_ITEMS } from './catalogue-platform.ts';

const ITEMS = { ...COMPUTE_ITEMS, ...NETWORK_ITEMS, ...DATA_ITEMS, ...PLATFORM_ITEMS };

export type PriceItem = keyof typeof ITEMS;

export const CATALOGUE: Readonly<Record<PriceItem, CatalogueItem>> = ITEMS;

/** In the order in which people are shown them: services together. */
export const PRICE_ITEMS = Object.keys(ITEMS) as readonly PriceItem[];

export function isPriceItem(name: string): name is PriceItem {
  return Object.hasOwn(ITEMS, name);
}
