// RDS and RDS Proxy.
//
// Rules [aws.amazon.com/rds/pricing, aws.amazon.com/rds/proxy/pricing]:
//  M23. An instance by the second while it is available, 10 minutes at least. One that is stopped
//       still pays for its storage and backups. Two zones have a price of their own.
//  M24. Storage by the month of what is provisioned; backups for what is above its size.
//  M25. A proxy by the vCPUs of the instances behind it, 2 of each at least, by the hour.

import { divided, exact, largest, minus, times } from '../amount.ts';
import { CATALOGUE, type PriceItem } from '../prices/catalogue.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

const LEAST_HOURS = divided(exact(10), 60);

/** vCPUs that a proxy is billed for at least, of every instance. */
export const PROXY_LEAST_VCPUS = 2;

export type RdsEngine = 'postgres' | 'mysql';

export type RdsStorage = 'gp2' | 'gp3';

export interface RdsUse {
  readonly engine: RdsEngine;
  /** As "db.t4g.micro". */
  readonly instanceClass: string;
  /** A standby in a second zone. */
  readonly multiAz: boolean;
  /** Default 1. */
  readonly instances?: number | undefined;
  /** For which each was available. */
  readonly hours: number;
  /** Of each. */
  readonly storageGb: number;
  readonly storage: RdsStorage;
  /** For which the storage was there. Default 1. */
  readonly months?: number | undefined;
  /** Of each: all its backups. */
  readonly backupGb?: number | undefined;
}

/** Undefined: the price book has no item for such an instance. */
export function rdsInstanceItem(
  use: Pick<RdsUse, 'engine' | 'instanceClass' | 'multiAz'>,
): PriceItem | undefined {
  const size = use.instanceClass.split(/[.-]/).map(capital).join('');
  const engine = use.engine === 'postgres' ? 'pg' : use.engine;
  return known(`rds.${engine}${size}${use.multiAz ? 'Multi' : 'Single'}AzHour`);
}

/** Undefined: the price book has no item for an instance or a storage like these. */
export function rdsQuantities(use: RdsUse, owner?: Owner): readonly Quantity[] | undefined {
  const { instances = 1, months = 1, backupGb = 0 } = use;
  const instance = rdsInstanceItem(use);
  const storage = known(
    `rds.pg${capital(use.storage)}${use.multiAz ? 'Multi' : 'Single'}AzGbMonth`,
  );
  if (instance === undefined || storage === undefined) return undefined;
  const hours = use.hours === 0 ? exact(0) : largest(exact(use.hours), LEAST_HOURS);
  const backups = minus(exact(backupGb), exact(use.storageGb));
  return [
    line('data', instance, times(instances, hours), { owner }),
    line('data', storage, times(instances, use.storageGb, months), { owner }),
    line('data', 'rds.backupGbMonth', times(instances, backups, months), {
      owner,
      note: 'backups above the size of the storage',
    }),
  ];
}

export interface ProxyUse {
  /** Of each instance behind it. */
  readonly vcpus: number;
  /** Default 1. */
  readonly instances?: number | undefined;
  readonly hours: number;
}

export function rdsProxyQuantities(use: ProxyUse, owner?: Owner): readonly Quantity[] {
  const vcpus = Math.max(PROXY_LEAST_VCPUS, use.vcpus);
  const amount = times(use.instances ?? 1, vcpus, use.hours);
  return [line('data', 'rdsProxy.vcpuHour', amount, { owner })];
}

const VCPUS_OF_SIZE: Readonly<Record<string, number>> = {
  micro: 2,
  small: 2,
  medium: 2,
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
  '32xlarge': 128,
};

/** vCPUs of an instance class by its size; undefined when it is not known. [rds/instance-types] */
export function vcpusOf(instanceClass: string): number | undefined {
  return VCPUS_OF_SIZE[instanceClass.split('.').at(-1) ?? ''];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}

function known(name: string): PriceItem | undefined {
  return Object.hasOwn(CATALOGUE, name) ? (name as PriceItem) : undefined;
}
