// Every kind of usage, and which one is meant.

import { closest } from '../../base/closest.ts';
import { type Fields, fieldOf, plain, readFields, type UsageProblem } from './field.ts';
import type { UsageKind } from './kind.ts';
import { FARGATE_KIND, LAMBDA_KIND } from './kinds-compute.ts';
import { CACHE_KIND, ECR_KIND, PROXY_KIND, RDS_KIND, S3_KIND } from './kinds-data.ts';
import {
  ALB_KIND,
  CLOUDFRONT_KIND,
  FUNCTION_URL_KIND,
  HTTP_API_KIND,
  REST_API_KIND,
  WEBSOCKET_KIND,
} from './kinds-entry.ts';
import {
  CLOUD_MAP_KIND,
  ENDPOINT_KIND,
  IPV4_KIND,
  NAT_KIND,
  TRANSFER_KIND,
} from './kinds-network.ts';
import {
  COGNITO_KIND,
  KMS_KIND,
  LOGS_KIND,
  MONITORING_KIND,
  SCHEDULER_KIND,
  SECRETS_KIND,
  SES_KIND,
  SQS_KIND,
  SSM_KIND,
  XRAY_KIND,
} from './kinds-other.ts';

/** The earlier of two that fit is taken. */
export const USAGE_KINDS: readonly UsageKind[] = [
  LAMBDA_KIND,
  FARGATE_KIND,
  ALB_KIND,
  HTTP_API_KIND,
  REST_API_KIND,
  WEBSOCKET_KIND,
  FUNCTION_URL_KIND,
  CLOUDFRONT_KIND,
  NAT_KIND,
  IPV4_KIND,
  ENDPOINT_KIND,
  TRANSFER_KIND,
  CLOUD_MAP_KIND,
  LOGS_KIND,
  MONITORING_KIND,
  XRAY_KIND,
  RDS_KIND,
  PROXY_KIND,
  CACHE_KIND,
  S3_KIND,
  ECR_KIND,
  SQS_KIND,
  SES_KIND,
  COGNITO_KIND,
  SECRETS_KIND,
  SSM_KIND,
  KMS_KIND,
  SCHEDULER_KIND,
];

/** Several kinds may go by one name, as those of API Gateway: it is the first that the fields suit. */
export function kindNamed(
  service: string,
  usage: Readonly<Record<string, unknown>> = {},
): UsageKind | undefined {
  const written = plain(service);
  const named = USAGE_KINDS.filter(({ service: name, also }) =>
    [name, ...also].some((one) => plain(one) === written),
  );
  return named.find(({ fields }) => suits(fields, usage)) ?? named[0];
}

function suits(fields: Fields, usage: Readonly<Record<string, unknown>>): boolean {
  const problems: UsageProblem[] = [];
  readFields(fields, usage, problems);
  return problems.length === 0;
}

export function kindNear(service: string): string | undefined {
  return closest(
    service,
    USAGE_KINDS.flatMap(({ service: name, also }) => [name, ...also]),
  );
}

/**
 * By the fields alone: the first that is told by some and knows them all; else the one that the first
 * word of a name is, as "nat.month"; else the first that is told by some.
 */
export function kindOfFields(names: readonly string[], called = ''): UsageKind | undefined {
  const told = USAGE_KINDS.filter(({ fields, tells }) => {
    const meant = new Set(names.map((name) => fieldOf(fields, name)?.[0]));
    return tells.some((tell) => tell.every((field) => meant.has(field)));
  });
  const knowing = told.find(({ fields }) =>
    names.every((name) => fieldOf(fields, name) !== undefined),
  );
  return knowing ?? kindNamed(called.split('.')[0] ?? '') ?? told[0];
}
