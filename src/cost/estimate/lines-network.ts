// What moves between networks: out to clients, through NAT gateways, between zones, and through
// CloudFront.

import { MONTH_HOURS } from '../../base/units.ts';
import type { Compute } from '../../model/app.ts';
import type { Quantity } from '../quantity.ts';
import { BYTES_PER_GB } from '../rules/line.ts';
import { addressQuantities, natQuantities, transferQuantities } from '../rules/network.ts';
import { cloudFrontQuantities } from '../rules/platform.ts';
import type { AppNumbers } from './figures.ts';
import type { Demand } from './plan.ts';
import type { SetUp } from './set-up.ts';

/** Requests of a month that a service has on each compute. */
export interface Served {
  readonly demand: Demand;
  readonly onLambda: number;
  readonly onFargate: number;
  /** It uses the compute, even if nothing came. */
  readonly uses: Readonly<Record<Compute, boolean>>;
}

export function networkLines(
  setUp: SetUp,
  served: readonly Served[],
  app: AppNumbers,
  requestsPerMonth: number,
): readonly Quantity[] {
  const crossing = sumOf(served, ({ onLambda, onFargate }) => onLambda + onFargate);
  return [
    ...transferQuantities({
      internetOutGb: bytesOut(setUp, served) / BYTES_PER_GB,
      crossZoneGb: (crossing * app.crossZoneBytes) / BYTES_PER_GB,
    }),
    ...cdnLines(setUp, served, requestsPerMonth),
    ...natLines(setUp, served, app),
  ];
}

function sumOf(served: readonly Served[], of: (one: Served) => number): number {
  return served.reduce((sum, one) => sum + of(one), 0);
}

/** To clients, but for what goes through CloudFront. */
function bytesOut({ cdn }: SetUp, served: readonly Served[]): number {
  return sumOf(served, ({ demand }) => {
    const { kind } = demand.service.trigger;
    const out = kind === 'url' || (kind === 'entry' && cdn === undefined);
    return out ? demand.requestsPerMonth * demand.requests.responseBytes : 0;
  });
}

/** All that clients ask for, whoever answers it. What it fetches from the entry is free. */
function cdnLines(
  { cdn }: SetUp,
  served: readonly Served[],
  requestsPerMonth: number,
): readonly Quantity[] {
  if (cdn === undefined || !cdn.metered) return [];
  const asked = served.filter(({ demand }) => demand.service.trigger.kind === 'entry');
  const requests = sumOf(asked, ({ demand }) => requestsPerMonth * demand.service.share);
  const bytes = sumOf(
    asked,
    ({ demand }) => requestsPerMonth * demand.service.share * demand.requests.responseBytes,
  );
  return cloudFrontQuantities({
    gb: bytes / BYTES_PER_GB,
    httpsRequests: requests,
    clients: cdn.clients,
  });
}

/** With an address each. */
function natLines(
  { network: { natGateways } }: SetUp,
  served: readonly Served[],
  { natBytes }: AppNumbers,
): readonly Quantity[] {
  const uses = (compute: Compute) => served.some((one) => one.uses[compute]);
  const gateways = Math.max(
    uses('lambda') ? natGateways.lambda : 0,
    uses('fargate') ? natGateways.fargate : 0,
  );
  if (gateways === 0) return [];
  const behind = sumOf(
    served,
    ({ onLambda, onFargate }) =>
      (natGateways.lambda > 0 ? onLambda : 0) + (natGateways.fargate > 0 ? onFargate : 0),
  );
  return [
    ...natQuantities({
      gateways,
      hours: MONTH_HOURS,
      gb: (behind * natBytes) / BYTES_PER_GB,
    }),
    ...addressQuantities({ addresses: gateways, hours: MONTH_HOURS }).map((one) => ({
      ...one,
      note: 'of the NAT gateways',
    })),
  ];
}
