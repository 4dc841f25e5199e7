// The network: NAT gateways, public IPv4 addresses, interface endpoints, data that leaves.
//
// Rules [aws.amazon.com/vpc/pricing, aws.amazon.com/ec2/pricing/on-demand]:
//  M15. A NAT gateway by the hour, a part of one counting whole, and by every GB through it, each way.
//  M16. A public IPv4 address by the hour, in use or idle.
//  M17. An interface endpoint by the hour in each of its zones, and by the GB.
//  M18. Out to the internet by the GB, all services together; in from it nothing.
//  M19. Between zones by the GB where it leaves and again where it arrives.

import { exact, times, up } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

export interface NatUse {
  readonly gateways: number;
  /** Of each. Rounded up to a whole hour. */
  readonly hours: number;
  /** Through all of them, both ways together. */
  readonly gb: number;
}

export function natQuantities(use: NatUse, owner?: Owner): readonly Quantity[] {
  return [
    line('network', 'nat.hour', times(use.gateways, up(exact(use.hours))), { owner }),
    line('network', 'nat.gbProcessed', exact(use.gb), { owner }),
  ];
}

export interface AddressUse {
  /** A mean need not be whole. */
  readonly addresses: number;
  readonly hours: number;
}

export function addressQuantities(use: AddressUse, owner?: Owner): readonly Quantity[] {
  return [line('network', 'ipv4.addressHour', times(use.addresses, use.hours), { owner })];
}

export interface EndpointUse {
  readonly endpoints: number;
  /** That each is in. */
  readonly zones: number;
  /** Rounded up to a whole hour. */
  readonly hours: number;
  readonly gb: number;
}

export function endpointQuantities(use: EndpointUse, owner?: Owner): readonly Quantity[] {
  const hours = times(use.endpoints, use.zones, up(exact(use.hours)));
  return [
    line('network', 'vpcEndpoint.interfaceHourPerAz', hours, { owner }),
    line('network', 'vpcEndpoint.gb', exact(use.gb), { owner }),
  ];
}

export interface TransferUse {
  /** Out to the internet, but for what goes through CloudFront. */
  readonly internetOutGb?: number | undefined;
  /** That cross from one zone to another. Each is charged twice (M19). */
  readonly crossZoneGb?: number | undefined;
}

export function transferQuantities(use: TransferUse, owner?: Owner): readonly Quantity[] {
  return [
    line('network', 'dataTransfer.internetOutGb', exact(use.internetOutGb ?? 0), { owner }),
    line('network', 'dataTransfer.crossAzGbEachWay', times(2, use.crossZoneGb ?? 0), { owner }),
  ];
}
