// ElastiCache with nodes.
//
// Rule [aws.amazon.com/elasticache/pricing]:
//  M26. Every node by the hour or part of an hour. A replica is a node.

import { exact, times, up } from '../amount.ts';
import { CATALOGUE, type PriceItem } from '../prices/catalogue.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

export interface CacheUse {
  readonly engine: 'redis' | 'valkey';
  /** As "cache.t4g.micro". */
  readonly nodeType: string;
  /** Replicas included. */
  readonly nodes: number;
  /** Of each. Rounded up to a whole hour. */
  readonly hours: number;
}

/** Undefined: the price book has no item for such a node. */
export function cacheQuantities(use: CacheUse, owner?: Owner): readonly Quantity[] | undefined {
  const type = use.nodeType
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const item = `elasticache.${use.engine}${type}Hour`;
  if (!Object.hasOwn(CATALOGUE, item)) return undefined;
  return [line('data', item as PriceItem, times(use.nodes, up(exact(use.hours))), { owner })];
}
