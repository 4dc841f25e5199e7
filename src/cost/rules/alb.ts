// Application Load Balancer.
//
// Rules [aws.amazon.com/elasticloadbalancing/pricing]:
//   M4. By the hour or part of an hour, from its creation.
//   M5. LCU-hours, which may be fractions: in each hour the largest of four dimensions.
//  M12. Its public IPv4 addresses, one in each zone at least, by the hour like any other.

import { type Amount, divided, exact, largest, plus, times, up } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

/** What one LCU covers in an hour. [elasticloadbalancing/pricing] */
export const LCU_HOUR = {
  newConnections: 25 * 3600,
  /** Mean of the connections active in each minute. */
  activeConnections: 3000,
  /** The same where clients show certificates (mutual TLS). */
  activeConnectionsMutualTls: 1500,
  /** Of instances, addresses and tasks. A GB of LCUs is read as 10⁹ bytes, the dearer reading. */
  bytes: 1e9,
  bytesOfLambda: 0.4e9,
  ruleEvaluations: 1000 * 3600,
  /** Rules of every request that are not charged. */
  freeRules: 10,
} as const;

/** What a load balancer did, on the average of the hours it is billed for. */
export interface LcuDimensions {
  readonly newConnectionsPerSecond?: number | undefined;
  /** Connections open in a minute. */
  readonly activeConnections?: number | undefined;
  /** GB an hour to and from tasks, and to and from functions. */
  readonly gbPerHour?: number | undefined;
  readonly gbPerHourOfLambda?: number | undefined;
  /** Charged ones: see `chargedEvaluations`. */
  readonly ruleEvaluationsPerSecond?: number | undefined;
  readonly mutualTls?: boolean | undefined;
}

export interface AlbUse {
  /** Since it was made. Rounded up to a whole hour. */
  readonly hours: number;
  /** Default 1. */
  readonly balancers?: number | undefined;
  /** Of each load balancer; 0 for one inside. */
  readonly addresses: number;
  /** LCU-hours of all of them, or what they did in each hour. */
  readonly lcu: { readonly hours: number } | LcuDimensions;
}

/** What happened in one hour, or in several on the average: units do not matter if all are alike. */
export interface LcuHour {
  readonly newConnections: Amount;
  /** Mean of the hour. */
  readonly activeConnections: Amount;
  readonly bytes: Amount;
  readonly bytesOfLambda: Amount;
  /** Charged ones. */
  readonly ruleEvaluations: Amount;
  readonly mutualTls?: boolean | undefined;
}

/** Of a request that met so many rules. */
export function chargedEvaluations(rules: number): number {
  return Math.max(0, rules - LCU_HOUR.freeRules);
}

/** LCU-hours of one hour: the largest of the dimensions (M5). */
export function lcuHours(hour: LcuHour): Amount {
  return largest(
    divided(hour.newConnections, LCU_HOUR.newConnections),
    divided(
      hour.activeConnections,
      hour.mutualTls === true ? LCU_HOUR.activeConnectionsMutualTls : LCU_HOUR.activeConnections,
    ),
    plus(divided(hour.bytes, LCU_HOUR.bytes), divided(hour.bytesOfLambda, LCU_HOUR.bytesOfLambda)),
    divided(hour.ruleEvaluations, LCU_HOUR.ruleEvaluations),
  );
}

/** LCUs of an hour with these means. */
export function lcuOf(dimensions: LcuDimensions): Amount {
  const perHour = (perSecond = 0): Amount => times(perSecond, 3600);
  return lcuHours({
    newConnections: perHour(dimensions.newConnectionsPerSecond),
    activeConnections: exact(dimensions.activeConnections ?? 0),
    bytes: times(dimensions.gbPerHour ?? 0, 1e9),
    bytesOfLambda: times(dimensions.gbPerHourOfLambda ?? 0, 1e9),
    ruleEvaluations: perHour(dimensions.ruleEvaluationsPerSecond),
    mutualTls: dimensions.mutualTls,
  });
}

/** The LCU-hours alone, without the load balancer. */
export function lcuQuantities(
  use: { readonly hours: number; readonly lcu: AlbUse['lcu'] },
  owner?: Owner,
): readonly Quantity[] {
  const amount = 'hours' in use.lcu ? exact(use.lcu.hours) : times(lcuOf(use.lcu), use.hours);
  return [line('entry', 'alb.lcuHour', amount, { owner })];
}

export function albQuantities(use: AlbUse, owner?: Owner): readonly Quantity[] {
  const { balancers = 1, addresses } = use;
  const hours = times(balancers, up(exact(use.hours)));
  return [
    line('entry', 'alb.hour', hours, { owner }),
    ...lcuQuantities(use, owner),
    line('entry', 'ipv4.addressHour', times(hours, addresses), { owner }),
  ];
}
