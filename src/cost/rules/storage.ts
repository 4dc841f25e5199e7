// Objects and images that lie somewhere.
//
// Rules [aws.amazon.com/s3/pricing, aws.amazon.com/ecr/pricing]:
//  M27. S3 by the month of what lies there, and by the request. In and out of it within a region:
//       nothing.
//  M28. ECR by the month of what lies there, layers that images share once. Pulling within a region:
//       nothing.

import { exact, times } from '../amount.ts';
import type { Quantity } from '../quantity.ts';
import { line, type Owner } from './line.ts';

export interface S3Use {
  readonly storageGb: number;
  /** For which it lies there. Default 1. */
  readonly months?: number | undefined;
  /** PUT, COPY, POST and LIST. */
  readonly puts?: number | undefined;
  /** GET and all others. DELETE costs nothing. */
  readonly gets?: number | undefined;
}

export function s3Quantities(use: S3Use, owner?: Owner): readonly Quantity[] {
  return [
    line('data', 's3.standardGbMonth', times(use.storageGb, use.months ?? 1), { owner }),
    line('data', 's3.putRequest', exact(use.puts ?? 0), { owner }),
    line('data', 's3.getRequest', exact(use.gets ?? 0), { owner }),
  ];
}

export interface EcrUse {
  readonly storageGb: number;
  /** Default 1. */
  readonly months?: number | undefined;
}

export function ecrQuantities(use: EcrUse, owner?: Owner): readonly Quantity[] {
  return [line('other', 'ecr.storageGbMonth', times(use.storageGb, use.months ?? 1), { owner })];
}
