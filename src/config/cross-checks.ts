// Rules that need more than one block of the file.
//
// They read the raw file, not the parsed one, so that a problem elsewhere does not hide them:
// whatever is not of the expected shape is left to the schema.

import {
  LAMBDA_ACCOUNT_CONCURRENCY,
  LAMBDA_ENVIRONMENT_BYTES,
  LAMBDA_UNRESERVED_MINIMUM,
} from '../model/aws-limits.ts';
import { checkFunctions } from './cross-check-functions.ts';
import { checkCost } from './cross-checks-cost.ts';
import { checkProtocols } from './cross-checks-protocol.ts';
import { checkQueues } from './cross-checks-queues.ts';
import { checkNoRoutes, checkRoutes } from './cross-checks-routes.ts';
import { checkScaling } from './cross-checks-scaling.ts';
import { checkStickiness } from './cross-checks-stickiness.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/** Variables Lambda or the engine sets itself. [LDG:configuration-envvars] */
const RESERVED_VARIABLES =
  /^(_.*|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

export function crossCheck(raw: unknown): readonly Finding[] {
  if (!isBlock(raw)) return [];
  const services = isBlock(raw['services']) ? raw['services'] : {};
  const functions = isBlock(raw['functions']) ? raw['functions'] : {};
  const routes = Array.isArray(raw['routes']) ? raw['routes'].filter(isBlock) : undefined;
  return [
    ...Object.entries(services).flatMap(([name, service]) =>
      isBlock(service) ? checkService(name, service) : [],
    ),
    ...Object.entries(functions).flatMap(([name, one]) =>
      isBlock(one) ? checkFunction(name, one, services) : [],
    ),
    ...checkSome(services, functions),
    ...checkReserved(raw, { services, functions }),
    ...checkQueues(raw),
    ...checkScaling(raw),
    ...checkFunctions(raw),
    ...checkCost(raw),
    ...(routes === undefined
      ? checkNoRoutes(services)
      : checkRoutes(routes, { services, functions, ...frontOf(raw['entry']) })),
    ...checkProtocols(services, raw['entry']),
    ...checkStickiness(routes ?? [], services),
  ];
}

function checkService(name: string, service: Block): readonly Finding[] {
  const path = ['services', name];
  const findings: Finding[] = [];
  if (service['lambda'] === undefined && service['fargate'] === undefined) {
    findings.push({
      path,
      say: 'has neither "lambda" nor "fargate"',
      fix: 'Add "lambda: {}", "fargate: {}" or both, or a "preset".',
    });
  }
  if (service['latency'] !== undefined && findings.length === 0) {
    const only = (['lambda', 'fargate'] as const).filter((name) => service[name] !== undefined);
    if (only.length === 1) findings.push(latencyAlone(path, String(only[0])));
  }
  return [
    ...findings,
    ...checkImage(path, service),
    ...checkVariables(path, service, service['lambda'] !== undefined),
  ];
}

function latencyAlone(path: readonly string[], compute: string): Finding {
  return {
    path: [...path, 'latency'],
    say: `it runs on ${compute} alone, where a latency target decides nothing`,
    fix: 'Remove it, or let the service run on both computes.',
  };
}

function checkFunction(name: string, block: Block, services: Block): readonly Finding[] {
  const path = ['functions', name];
  const findings = [...checkImage(path, block), ...checkVariables(path, block, true)];
  if (!(name in services)) return findings;
  const say = `there is a service "${name}" too`;
  return [...findings, { path, say, fix: 'Give every service and function a name of its own.' }];
}

function checkImage(path: readonly string[], program: Block): readonly Finding[] {
  if (program['image'] === undefined || program['dockerfile'] === undefined) return [];
  const say = 'has both "image" and "dockerfile"';
  return [{ path: [...path, 'image'], say, fix: 'Leave one of them.' }];
}

function checkSome(services: Block, functions: Block): readonly Finding[] {
  if (Object.keys(services).length + Object.keys(functions).length > 0) return [];
  return [
    {
      path: ['services'],
      say: 'there is neither a service nor a function',
      fix: 'Add "services:" with an HTTP program, or "functions:" with a Lambda function.',
    },
  ];
}

function checkVariables(
  path: readonly string[],
  service: Block,
  onLambda: boolean,
): readonly Finding[] {
  const findings: Finding[] = [];
  const environment = isBlock(service['environment']) ? service['environment'] : {};
  const secrets = isBlock(service['secrets']) ? service['secrets'] : {};
  for (const [block, variables] of Object.entries({ environment, secrets })) {
    for (const key of Object.keys(variables)) {
      const isPort = key === 'PORT' && path[0] === 'services';
      if (!isPort && !RESERVED_VARIABLES.test(key)) continue;
      findings.push({
        path: [...path, block, key],
        say: `"${key}" is set by Lambda or by Fulcrum itself`,
        fix: 'Use another name.',
      });
    }
  }
  for (const key of Object.keys(secrets)) {
    if (!(key in environment)) continue;
    findings.push({
      path: [...path, 'secrets', key],
      say: `"${key}" is in "environment" too`,
      fix: 'Keep it in one of the two.',
    });
  }
  const bytes = Object.entries(environment).reduce(
    (sum, [key, value]) => sum + key.length + String(value).length,
    0,
  );
  if (onLambda && bytes > LAMBDA_ENVIRONMENT_BYTES) {
    findings.push({
      path: [...path, 'environment'],
      say: `must be at most ${LAMBDA_ENVIRONMENT_BYTES} bytes on Lambda, was: ${bytes}`,
      fix: 'Move large values to a file or to a secret.',
    });
  }
  return findings;
}

function checkReserved(raw: Block, blocks: Readonly<Record<string, Block>>): readonly Finding[] {
  let sum = 0;
  let last: Finding['path'] = ['services'];
  for (const [block, programs] of Object.entries(blocks)) {
    for (const name of Object.keys(programs)) {
      const reserved = valueAt(programs, [name, 'lambda', 'reserved']);
      if (typeof reserved !== 'number') continue;
      sum += reserved;
      last = [block, name, 'lambda', 'reserved'];
    }
  }
  const granted = valueAt(raw, ['account', 'lambdaConcurrency']);
  const all = typeof granted === 'number' ? granted : LAMBDA_ACCOUNT_CONCURRENCY;
  const most = Math.max(0, all - LAMBDA_UNRESERVED_MINIMUM);
  if (sum <= most) return [];
  return [
    {
      path: last,
      say: `all "reserved" together must be at most ${most} (of ${all} in the account, ${LAMBDA_UNRESERVED_MINIMUM} stay free), was: ${sum}`,
      fix: 'Lower some of them, or say in "account" that AWS has granted more.',
    },
  ];
}

/** Whatever else the entry says is left to the schema. */
function frontOf(entry: unknown): { readonly front: string; readonly guarded: boolean } {
  const block = isBlock(entry) ? entry : { type: entry };
  return {
    front: block['type'] === 'http-api' ? 'http-api' : 'alb',
    guarded: block['authorizer'] !== undefined,
  };
}
