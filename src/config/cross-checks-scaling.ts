// Rules about alarms and autoscaling that need more than one block of the file. As
// `cross-checks.ts`, they read the raw file and leave to the schema whatever is not of the expected
// shape.

import { closest } from '../base/closest.ts';
import { namespaceOf } from '../model/metric.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';
import { metricName } from './schema-scaling.ts';

type Block = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

export function checkScaling(raw: Block): readonly Finding[] {
  const services = isBlock(raw['services']) ? raw['services'] : {};
  return [
    ...checkAlarms(raw, services),
    ...Object.entries(services).flatMap(([name, service]) => {
      const fargate = valueAt(service, ['fargate']);
      if (!isBlock(fargate)) return [];
      const path = ['services', name, 'fargate'];
      return [
        ...checkDeploymentAlarms(path, fargate, raw),
        ...checkAutoscaling(path, fargate, { raw, service }),
      ];
    }),
  ];
}

function checkAlarms(raw: Block, services: Block): readonly Finding[] {
  const alarms = isBlock(raw['alarms']) ? raw['alarms'] : {};
  const functions = isBlock(raw['functions']) ? raw['functions'] : {};
  return Object.entries(alarms).flatMap(([name, alarm]) => {
    if (!isBlock(alarm)) return [];
    const path = ['alarms', name];
    return [
      ...checkProgram(path, alarm, { services, functions }),
      ...checkMetric([...path, 'metric'], alarm['metric'], raw),
    ];
  });
}

/** An alarm on a metric that only programs have says of which one. */
function checkProgram(
  path: Path,
  { service, metric }: Block,
  { services, functions }: { readonly services: Block; readonly functions: Block },
): readonly Finding[] {
  const namespace = spaceOf(metric);
  const ofTasks = namespace === 'AWS/ECS' || namespace === 'ECS/ContainerInsights';
  if (service === undefined) {
    const own = ofTasks || namespace === 'AWS/Lambda' || nameOf(metric) === 'RequestCountPerTarget';
    const account = nameOf(metric) === 'UnreservedConcurrentExecutions';
    if (!own || account || valueAt(metric, ['dimensions']) !== undefined) return [];
    const say = `${nameOf(metric)} is a metric of one program, and "service" does not say which`;
    return [{ path, say, fix: 'Add "service".' }];
  }
  if (typeof service !== 'string') return [];
  const known = [...Object.keys(services), ...Object.keys(functions)];
  const at = [...path, 'service'];
  if (!known.includes(service)) {
    const near = closest(service, known);
    const fix = near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`;
    return [{ path: at, say: `there is no service or function "${service}"`, fix }];
  }
  const compute = ofTasks ? 'fargate' : namespace === 'AWS/Lambda' ? 'lambda' : undefined;
  const block = valueAt(services, [service]);
  if (compute === undefined || (block === undefined && compute === 'lambda')) return [];
  if (valueAt(block, [compute]) !== undefined) return [];
  const say = `"${service}" does not run on ${compute}, so it has no ${nameOf(metric)}`;
  return [{ path: at, say, fix: 'Choose another metric or another service.' }];
}

function checkDeploymentAlarms(path: Path, fargate: Block, raw: Block): readonly Finding[] {
  const names = valueAt(fargate, ['deployment', 'alarms', 'names']);
  if (!Array.isArray(names)) return [];
  const known = isBlock(raw['alarms']) ? Object.keys(raw['alarms']) : [];
  return names.flatMap((name, index) => {
    if (typeof name !== 'string' || known.includes(name)) return [];
    const near = closest(name, known);
    const fix = near === undefined ? 'Declare it below "alarms".' : `Did you mean "${near}"?`;
    const at = [...path, 'deployment', 'alarms', 'names', index];
    return [{ path: at, say: `there is no alarm "${name}"`, fix }];
  });
}

interface Around {
  readonly raw: Block;
  readonly service: unknown;
}

interface Policy {
  readonly path: Path;
  readonly kind: 'targetTracking' | 'step' | 'schedule';
  readonly block: Block;
}

function checkAutoscaling(path: Path, fargate: Block, around: Around): readonly Finding[] {
  const { autoscaling } = fargate;
  if (!isBlock(autoscaling)) return [];
  const policies = policiesOf([...path, 'autoscaling'], autoscaling);
  return [
    ...checkOneOwner(path, fargate, around),
    ...checkNames(policies),
    ...policies.flatMap((policy) =>
      checkMetric([...policy.path, policy.kind, 'metric'], policy.block['metric'], around.raw),
    ),
    ...checkAwake(path, fargate, policies, around),
  ];
}

function policiesOf(path: Path, autoscaling: Block): readonly Policy[] {
  const { policies } = autoscaling;
  if (!Array.isArray(policies)) return [];
  return policies.flatMap((item, index) =>
    (['targetTracking', 'step', 'schedule'] as const).flatMap((kind) => {
      const block = valueAt(item, [kind]);
      return isBlock(block) ? [{ path: [...path, 'policies', index], kind, block }] : [];
    }),
  );
}

/** What decides the number of tasks is one of the two. */
function checkOneOwner(path: Path, fargate: Block, { service }: Around): readonly Finding[] {
  const preset = valueAt(service, ['preset']);
  const ofPreset = typeof preset === 'string' ? ` The preset "${preset}" may have set it.` : '';
  return ['scale', 'idle']
    .filter((key) => fargate[key] !== undefined)
    .map((key) => ({
      path: [...path, key],
      say: '"autoscaling" decides the number of tasks, and this would say nothing',
      fix: `Remove "${key}" or "autoscaling".${ofPreset}`,
    }));
}

function checkNames(policies: readonly Policy[]): readonly Finding[] {
  const seen = new Set<string>();
  const once = (key: string, finding: Finding): Finding[] => {
    if (seen.has(key)) return [finding];
    seen.add(key);
    return [];
  };
  return policies.flatMap(({ path, kind, block }) => {
    const name = block['name'];
    const named =
      typeof name === 'string'
        ? once(`name ${name}`, {
            path: [...path, kind, 'name'],
            say: `there is another policy "${name}"`,
            fix: 'Give each a name of its own.',
          })
        : [];
    if (kind !== 'targetTracking') return named;
    const { name: _name, ...where } = isBlock(block['metric']) ? block['metric'] : {};
    const metric = `${spaceOf(block['metric'])} ${nameOf(block['metric'])} ${JSON.stringify(where)}`;
    const fix = 'Keep one of them: the target of a metric is one.';
    const say = `another target of ${nameOf(block['metric'])} is there already`;
    return [...named, ...once(metric, { path: [...path, kind, 'metric'], say, fix })];
  });
}

function checkMetric(path: Path, metric: unknown, raw: Block): readonly Finding[] {
  const namespace = spaceOf(metric);
  const entry = isBlock(raw['entry']) ? raw['entry']['type'] : raw['entry'];
  if (entry === 'http-api' && namespace === 'AWS/ApplicationELB') {
    const say = `${nameOf(metric)} is counted by a load balancer, and the entry is an HTTP API`;
    return [{ path, say, fix: 'Use another metric, or "entry: alb".' }];
  }
  const queue = valueAt(metric, ['queue']);
  if (queue === undefined) {
    if (namespace !== 'AWS/SQS' || valueAt(metric, ['dimensions']) !== undefined) return [];
    const say = `${nameOf(metric)} is a metric of a queue, and "queue" does not say which`;
    return [{ path, say, fix: `Write it as { name: ${nameOf(metric)}, queue: <name> }.` }];
  }
  const at = [...path, 'queue'];
  if (namespace !== 'AWS/SQS') {
    return [{ path: at, say: `${nameOf(metric)} is no metric of a queue`, fix: 'Remove "queue".' }];
  }
  const known = isBlock(raw['queues']) ? Object.keys(raw['queues']) : [];
  if (typeof queue !== 'string' || known.includes(queue)) return [];
  const near = closest(queue, known);
  const fix = near === undefined ? 'Declare it below "queues".' : `Did you mean "${near}"?`;
  return [{ path: at, say: `there is no queue "${queue}"`, fix }];
}

/**
 * At zero tasks there is no processor or memory use, so a policy on them never adds the first one.
 * [ECS:available-metrics]
 */
function checkAwake(
  path: Path,
  fargate: Block,
  policies: readonly Policy[],
  { raw, service }: Around,
): readonly Finding[] {
  const written = valueAt(fargate, ['tasks', 'min']);
  const min = written ?? (valueAt(service, ['lambda']) === undefined ? 1 : 0);
  if (min !== 0 || policies.length === 0) return [];
  const suspended = (what: string) => valueAt(fargate, ['autoscaling', 'suspended', what]) === true;
  const counted = valueAt(raw, ['local', 'assume', 'requestsWithoutTargets']) !== 'uncounted';
  const wakes = ({ kind, block }: Policy): boolean => {
    if (kind === 'schedule') return Number(block['min'] ?? 0) > 0 && !suspended('scheduled');
    if (suspended('scaleOut') || (kind === 'step' && !adds(block))) return false;
    const name = nameOf(block['metric']);
    if (name === 'RequestCountPerTarget') return counted;
    return spaceOf(block['metric']) !== 'AWS/ECS';
  };
  if (policies.some(wakes)) return [];
  return [
    {
      path: written === undefined ? [...path, 'autoscaling'] : [...path, 'tasks', 'min'],
      say: 'is 0, and no policy can ever start the first task: at zero tasks ECS has no processor or memory use',
      fix: 'Set "tasks.min" to 1 or more, or add a policy on requests or a metric of your own, or a schedule that sets "min".',
    },
  ];
}

function adds({ by, steps }: Block): boolean {
  const all: readonly unknown[] = Array.isArray(steps) ? steps : [{ by }];
  return all.some((one) => Number(valueAt(one, ['by'])) > 0);
}

function nameOf(metric: unknown): string {
  const name = isBlock(metric) ? metric['name'] : metric;
  return typeof name === 'string' ? metricName(name) : '';
}

function spaceOf(metric: unknown): string {
  const written = valueAt(metric, ['namespace']);
  return typeof written === 'string' ? written : (namespaceOf(nameOf(metric)) ?? '');
}
