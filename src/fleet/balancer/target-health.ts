// What a health check means, and how a load balancer words it. [BOTO elbv2 TargetHealth],
// [ELB:target-group-health-checks]

import type { HealthCheck } from '../../model/app.ts';
import type { TargetHealth, TargetReason, TargetState } from '../../model/ecs.ts';

/** What one health check found. */
export type CheckResult =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'timeout' }
  /** No connection, or no HTTP: with the reason in words. */
  | { readonly kind: 'failed'; readonly problem: string };

export function passes({ matcher }: HealthCheck, result: CheckResult): boolean {
  if (result.kind !== 'status') return false;
  const { status } = result;
  return matcher.some(({ from, to }) => status >= from && status <= to);
}

/** "status 503", "gRPC status 14", "no answer within 5000 ms", "nothing listens". */
export function sayCheck({ codes, timeoutMs }: HealthCheck, result: CheckResult): string {
  switch (result.kind) {
    case 'status':
      return `${codes === 'grpc' ? 'gRPC status' : 'status'} ${result.status}`;
    case 'timeout':
      return `no answer within ${timeoutMs} ms`;
    case 'failed':
      return result.problem;
  }
}

/** "GET /health", "POST /AWS.ALB/healthcheck". */
export function sayQuestion({ codes, path }: HealthCheck): string {
  return `${codes === 'grpc' ? 'POST' : 'GET'} ${path}`;
}

export const HEALTHY: TargetHealth = {
  state: 'healthy',
  reason: undefined,
  description: undefined,
};

export const REGISTERING = because(
  'initial',
  'Elb.RegistrationInProgress',
  'Target registration is in progress',
);

export const FIRST_CHECKS = because(
  'initial',
  'Elb.InitialHealthChecking',
  'Initial health checks in progress',
);

export const DEREGISTERING = because(
  'draining',
  'Target.DeregistrationInProgress',
  'Target deregistration is in progress',
);

export const NOT_REGISTERED = because(
  'unused',
  'Target.NotRegistered',
  'Target is not registered to the target group',
);

const SILENT = because('unhealthy', 'Target.Timeout', 'Request timed out');

const UNREACHABLE = because('unhealthy', 'Target.FailedHealthChecks', 'Health checks failed');

/** Why a target is unhealthy, by the last check that failed. */
export function unhealthyAfter(result: CheckResult): TargetHealth {
  switch (result.kind) {
    case 'status':
      return because(
        'unhealthy',
        'Target.ResponseCodeMismatch',
        `Health checks failed with these codes: [${result.status}]`,
      );
    case 'timeout':
      return SILENT;
    case 'failed':
      return UNREACHABLE;
  }
}

export function sameHealth(one: TargetHealth, other: TargetHealth): boolean {
  return one.state === other.state && one.description === other.description;
}

function because(state: TargetState, reason: TargetReason, description: string): TargetHealth {
  return { state, reason, description };
}
