// Rules that need more than one block of the file.
//
// They read the raw file, not the parsed one, so that a problem elsewhere does not hide them:
// whatever is not of the expected shape is left to the schema.

import { closest } from '../base/closest.ts';
import {
  ALB_RULES,
  LAMBDA_ACCOUNT_CONCURRENCY,
  LAMBDA_ENVIRONMENT_BYTES,
  LAMBDA_UNRESERVED_MINIMUM,
} from '../model/aws-limits.ts';
import { checkFunctions } from './cross-check-functions.ts';
import { checkQueues } from './cross-checks-queues.ts';
import { isBlock } from './overlay.ts';
import { NOT_YET } from './presets.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/** Variables Lambda or the engine sets itself. [LDG:configuration-envvars] */
const RESERVED_VARIABLES =
  /^(PORT|_.*|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

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
    ...checkFunctions(raw),
    ...(routes === undefined ? checkNoRoutes(services) : checkRoutes(routes, services)),
  ];
}

/** What the file asks for and Fulcrum cannot do yet. */
export function notYet(raw: unknown): readonly Finding[] {
  return NOT_YET.filter(({ path, value }) => {
    const found = valueAt(raw, path);
    return value === undefined ? found !== undefined : found === value;
  }).map(({ path, what, instead }) => ({ path, say: `not yet: ${what}`, fix: instead }));
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
  return [...findings, ...checkVariables(path, service, service['lambda'] !== undefined)];
}

function checkFunction(name: string, block: Block, services: Block): readonly Finding[] {
  const path = ['functions', name];
  const findings = checkVariables(path, block, true);
  if (!(name in services)) return findings;
  const say = `there is a service "${name}" too`;
  return [...findings, { path, say, fix: 'Give every service and function a name of its own.' }];
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
      if (!RESERVED_VARIABLES.test(key)) continue;
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

function checkNoRoutes(services: Block): readonly Finding[] {
  if (Object.keys(services).length <= 1) return [];
  return [
    {
      path: ['services'],
      say: 'there are several services and no "routes"',
      fix: 'Add "routes:" that say which request goes to which.',
    },
  ];
}

function checkRoutes(routes: readonly Block[], services: Block): readonly Finding[] {
  const known = Object.keys(services);
  const priorities = new Map<number, number>();
  return routes.flatMap((route, index) => {
    const path = ['routes', index];
    const findings = [...checkConditions(route, path)];
    const name = route['service'];
    if (typeof name === 'string' && !known.includes(name)) {
      const near = closest(name, known);
      findings.push({
        path: [...path, 'service'],
        say: `there is no service "${name}"`,
        fix: near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`,
      });
    } else if (typeof name === 'string') {
      findings.push(...checkCompute(route['compute'], name, services[name], path));
    }
    const priority = route['priority'];
    if (typeof priority === 'number') {
      const before = priorities.get(priority);
      if (before !== undefined) {
        findings.push({
          path: [...path, 'priority'],
          say: `priority ${priority} is taken by route ${before + 1}`,
          fix: 'Give every route a priority of its own.',
        });
      }
      priorities.set(priority, index);
    }
    return findings;
  });
}

function checkCompute(
  compute: unknown,
  name: string,
  service: unknown,
  path: Finding['path'],
): readonly Finding[] {
  if (!isBlock(service)) return [];
  const missing = (['lambda', 'fargate'] as const).filter((block) => service[block] === undefined);
  const wrong = compute === 'auto' ? missing[0] : missing.find((block) => block === compute);
  if (wrong === undefined || missing.length === 2) return [];
  return [
    {
      path: [...path, 'compute'],
      say: `"${String(compute)}" needs a "${wrong}" block in service "${name}"`,
      fix: `Add "${wrong}: {}" to the service, or choose another compute.`,
    },
  ];
}

/** A rule of a load balancer has at most five values and six wildcards. */
function checkConditions(route: Block, path: Finding['path']): readonly Finding[] {
  const texts: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (Array.isArray(value)) value.forEach(collect);
    else if (isBlock(value)) Object.values(value).forEach(collect);
  };
  for (const key of ['path', 'host', 'method', 'header', 'query', 'source']) collect(route[key]);
  const findings: Finding[] = [];
  if (texts.length === 0) {
    findings.push({
      path,
      say: 'has no condition',
      fix: 'Add one; path: "/*" takes everything.',
    });
  }
  if (texts.length > ALB_RULES.values) {
    findings.push({
      path,
      say: `must have at most ${ALB_RULES.values} condition values in all, was: ${texts.length}`,
      fix: 'Split it into several routes.',
    });
  }
  const wildcards = texts.reduce((sum, text) => sum + (text.match(/[*?]/g)?.length ?? 0), 0);
  if (wildcards > ALB_RULES.wildcards) {
    findings.push({
      path,
      say: `must have at most ${ALB_RULES.wildcards} wildcards in all, was: ${wildcards}`,
      fix: 'Split it into several routes.',
    });
  }
  return findings;
}
