// What stands around an app: names, keys, secrets, sign-in, a CDN.
//
// Rules [the pricing page of each]:
//  M32. Secrets Manager by the secret and month, and by the call.
//  M33. SSM: standard parameters nothing, advanced ones by the month.
//  M34. KMS by the key and month, and by the request. Keys of AWS itself cost nothing by the month.
//  M35. Cloud Map by the registered resource and month, and by the call of DiscoverInstances. Whether
//       tasks that ECS registers are exempt is not known.
//  M36. Cognito by the user who was active in the month, on one of three plans.
//  M37. CloudFront by the GB that leaves it and by the request; what it fetches from AWS costs
//       nothing. Plans at a flat price are not modelled.

import { divided, exact, times } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

export interface SecretsUse {
  readonly secrets: number;
  /** Default 1. */
  readonly months?: number | undefined;
  readonly calls?: number | undefined;
}

export function secretQuantities(use: SecretsUse, owner?: Owner): readonly Quantity[] {
  return [
    line('other', 'secretsmanager.secretMonth', times(use.secrets, use.months ?? 1), { owner }),
    line('other', 'secretsmanager.apiCall', exact(use.calls ?? 0), { owner }),
  ];
}

export interface ParameterUse {
  readonly standard?: number | undefined;
  readonly advanced?: number | undefined;
  /** Default 1. */
  readonly months?: number | undefined;
}

export function parameterQuantities(use: ParameterUse, owner?: Owner): readonly Quantity[] {
  const { standard = 0, advanced = 0, months = 1 } = use;
  return [
    line('other', 'ssm.standardParameterMonth', times(standard, months), { owner }),
    line('other', 'ssm.advancedParameterMonth', times(advanced, months), { owner }),
  ];
}

export interface KeyUse {
  /** Those of one's own. */
  readonly keys?: number | undefined;
  /** Default 1. */
  readonly months?: number | undefined;
  readonly requests?: number | undefined;
}

export function keyQuantities(use: KeyUse, owner?: Owner): readonly Quantity[] {
  return [
    line('other', 'kms.keyMonth', times(use.keys ?? 0, use.months ?? 1), { owner }),
    line('other', 'kms.request', exact(use.requests ?? 0), { owner }),
  ];
}

export interface CloudMapUse {
  readonly resources: number;
  /** Default 1. */
  readonly months?: number | undefined;
  readonly calls?: number | undefined;
}

export function cloudMapQuantities(use: CloudMapUse, owner?: Owner): readonly Quantity[] {
  return [
    line('network', 'cloudmap.resourceMonth', times(use.resources, use.months ?? 1), { owner }),
    line('network', 'cloudmap.discoverCall', exact(use.calls ?? 0), { owner }),
  ];
}

export interface CognitoUse {
  readonly activeUsers: number;
  readonly plan: 'lite' | 'essentials' | 'plus';
}

export function cognitoQuantities(use: CognitoUse, owner?: Owner): readonly Quantity[] {
  return [line('other', `cognito.${use.plan}Mau`, exact(use.activeUsers), { owner })];
}

export interface CloudFrontUse {
  /** To clients. */
  readonly gb: number;
  readonly httpsRequests: number;
  /** Where the clients are. */
  readonly clients: 'us' | 'eu';
}

export function cloudFrontQuantities(use: CloudFrontUse, owner?: Owner): readonly Quantity[] {
  const tenThousands = divided(exact(use.httpsRequests), 10_000);
  return [
    line('entry', 'cloudfront.usEuGb', exact(use.gb), { owner }),
    line('entry', `cloudfront.${use.clients}Https10k`, tenThousands, { owner }),
  ];
}
