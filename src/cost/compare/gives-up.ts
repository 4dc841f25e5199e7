// What a way to run an app costs besides money, against how it is set up today.

import type { FargateEntry, LambdaEntry, SetUp } from '../estimate/set-up.ts';
import type { Mix } from './comparison.ts';

/** In sentences; `tasks` is how many run at the busiest moment. */
export function givesUp(today: SetUp, setUp: SetUp, mix: Mix, tasks: number): readonly string[] {
  const services = setUp.services;
  const functions = services.filter(
    ({ lambda, fargate }) => lambda && (mix !== 'fargate' || !fargate),
  );
  const onTasks = services.filter(
    ({ lambda, fargate }) => fargate && (mix !== 'lambda' || !lambda),
  );
  const isOnLambda = functions.length > 0;
  const isOnFargate = onTasks.length > 0 && tasks > 0;
  const entry = isOnFargate || !isOnLambda ? setUp.entry.fargate : setUp.entry.lambda;
  const spot = Math.max(0, ...onTasks.map(({ fargate }) => fargate?.spotShare ?? 0));
  return [
    ...arm(today, setUp),
    ...entrySays(entry, isOnLambda),
    ...(isOnLambda ? lambdaSays(functions) : []),
    ...(isOnFargate && tasks === 1 ? [oneTask(mix)] : []),
    ...(isOnFargate && spot > 0 ? [SPOT] : []),
    ...smaller(today, setUp, mix),
  ];
}

const SPOT =
  'Spot can be taken back with a warning of 2 minutes, and may not be there when it is asked for; its price floats and is assumed here.';

function oneTask(mix: Mix): string {
  return mix === 'hybrid'
    ? 'One task only: while it is replaced, or its zone is lost, Lambda alone answers.'
    : 'One task only: while it is replaced, or its zone is lost, nothing answers.';
}

function arm(today: SetUp, setUp: SetUp): string[] {
  const isArm = ({ services }: SetUp) =>
    services.some((one) => (one.lambda ?? one.fargate)?.architecture === 'arm64');
  return isArm(setUp) && !isArm(today)
    ? ['ARM: the program and its native libraries need an ARM build, and are taken to be as fast.']
    : [];
}

function entrySays(entry: LambdaEntry | FargateEntry, isOnLambda: boolean): string[] {
  switch (entry) {
    case 'http-api':
    case 'rest-api':
      return ['API Gateway: answers within 30 s and of 10 MB at most, no gRPC, no long streams.'];
    case 'function-url':
      return ['A function URL: no rules, no authorizer but IAM, and bodies of 6 MB at most.'];
    case 'alb':
      return isOnLambda ? ['Through a load balancer functions take and give 1 MB at most.'] : [];
    case 'none':
      return [];
  }
}

function lambdaSays(functions: SetUp['services']): string[] {
  const cold = functions.flatMap(({ requests: { coldShare, initMs } }) =>
    coldShare.expected > 0 && initMs.expected > 0
      ? [
          `Cold starts of ${Math.round(initMs.expected)} ms for ${Number((coldShare.expected * 100).toPrecision(2))} % of the requests.`,
        ]
      : [],
  );
  return [
    'On Lambda: no WebSockets that stay open, and 15 minutes for a request at most.',
    ...new Set(cold),
  ];
}

function smaller(today: SetUp, setUp: SetUp, mix: Mix): string[] {
  return setUp.services.flatMap(({ name, lambda, fargate }, index) => {
    const before = today.services[index];
    const found: string[] = [];
    if (mix !== 'fargate' && (lambda?.memoryMiB ?? 0) < (before?.lambda?.memoryMiB ?? 0)) {
      found.push(
        `"${name}" has ${lambda?.memoryMiB} MB on Lambda instead of ${before?.lambda?.memoryMiB}: it has to fit.`,
      );
    }
    if (mix !== 'lambda' && (fargate?.memoryMiB ?? 0) < (before?.fargate?.memoryMiB ?? 0)) {
      found.push(
        `"${name}" has ${fargate?.memoryMiB} MB in a task instead of ${before?.fargate?.memoryMiB}: it has to fit.`,
      );
    }
    return found;
  });
}
