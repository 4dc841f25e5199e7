// Rules about the cost section: what it names must be there, and have something to do. As
// `cross-checks.ts`, they read the raw file and leave to the schema whatever is not of the expected
// shape.

import { closest } from '../base/closest.ts';
import { CATALOGUE, type PriceItem } from '../cost/prices/catalogue.ts';
import { priceBook } from '../cost/prices/price-book.ts';
import { cacheQuantities } from '../cost/rules/elasticache.ts';
import { rdsInstanceItem } from '../cost/rules/rds.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/** Keys of a program that say something of one compute alone. */
const ONLY_ON: Readonly<Record<string, 'lambda' | 'fargate'>> = {
  lambdaDuration: 'lambda',
  coldStarts: 'lambda',
  init: 'lambda',
  lambdaLogs: 'lambda',
  fargateDuration: 'fargate',
  cpu: 'fargate',
  concurrency: 'fargate',
  minTasks: 'fargate',
  utilization: 'fargate',
};

export function checkCost(raw: Block): readonly Finding[] {
  const cost = blockOf(raw['cost']);
  const region = typeof raw['region'] === 'string' ? raw['region'] : 'us-east-1';
  const programs = { ...blockOf(raw['services']), ...blockOf(raw['functions']) };
  return [
    ...Object.entries(blockOf(cost['services'])).flatMap(([name, one]) =>
      checkProgram(name, blockOf(one), programs),
    ),
    ...checkNetwork(blockOf(cost['network'])),
    ...Object.entries(blockOf(cost['resources'])).flatMap(([name, one]) =>
      checkResource(['cost', 'resources', name], blockOf(one), region),
    ),
    ...checkOneCdn(blockOf(cost['resources'])),
    ...checkItems(blockOf(cost['items']), region),
  ];
}

function blockOf(value: unknown): Block {
  return isBlock(value) ? value : {};
}

function checkProgram(name: string, said: Block, programs: Block): readonly Finding[] {
  const path = ['cost', 'services', name];
  const program = programs[name];
  if (program === undefined) {
    const near = closest(name, Object.keys(programs));
    const fix =
      near === undefined
        ? `Use one of: ${Object.keys(programs).join(', ')}.`
        : `Did you mean "${near}"?`;
    return [{ path, say: `there is no service or function "${name}"`, fix }];
  }
  const settings = blockOf(program);
  const isFunction = settings['command'] === undefined && settings['fargate'] === undefined;
  const findings: Finding[] = [];
  for (const key of Object.keys(said)) {
    const compute = ONLY_ON[key];
    const lacks =
      (compute === 'fargate' && settings['fargate'] === undefined) ||
      (compute === 'lambda' && settings['lambda'] === undefined && !isFunction);
    if (lacks) {
      findings.push({
        path: [...path, key],
        say: `"${name}" has no settings on ${compute === 'lambda' ? 'Lambda' : 'Fargate'}, so nothing hangs on this`,
        fix: `Remove it, or add "${compute}:" to the service.`,
      });
    }
    if (key === 'perBatch' && settings['queue'] === undefined) {
      findings.push({
        path: [...path, key],
        say: `"${name}" reads no queue, so nothing hangs on this`,
        fix: 'Remove it, or add "queue:" to the program.',
      });
    }
  }
  return findings;
}

function checkNetwork(network: Block): readonly Finding[] {
  if (network['nat'] !== undefined && network['nat'] !== 'none') return [];
  return ['natFor', 'natBytes']
    .filter((key) => network[key] !== undefined)
    .map((key) => ({
      path: ['cost', 'network', key],
      say: 'there is no NAT gateway, so nothing hangs on this',
      fix: 'Remove it, or add "nat: one" or "nat: per-zone".',
    }));
}

function checkResource(path: Finding['path'], resource: Block, region: string): readonly Finding[] {
  if (resource['type'] === 'rds') return checkRds(path, resource, region);
  if (resource['type'] === 'elasticache') return checkCache(path, resource, region);
  if (resource['type'] !== 'cloudfront') return [];
  const plan = resource['plan'] ?? 'pay-as-you-go';
  if (plan === 'pay-as-you-go') return [];
  return ['out', 'requests', 'clients']
    .filter((key) => resource[key] !== undefined)
    .map((key) => ({
      path: [...path, key],
      say: `is included in the plan "${String(plan)}", so nothing hangs on this`,
      fix: 'Remove it, or use "plan: pay-as-you-go".',
    }));
}

function checkRds(path: Finding['path'], resource: Block, region: string): readonly Finding[] {
  const { instance, engine = 'postgres', multiAz = false } = resource;
  if (typeof instance !== 'string') return [];
  const use = { engine: engine === 'mysql' ? 'mysql' : 'postgres', multiAz: multiAz === true };
  const item = rdsInstanceItem({ ...use, engine: use.engine as 'mysql', instanceClass: instance });
  if (item !== undefined) return [];
  const prefix = use.engine === 'mysql' ? 'mysql' : 'pg';
  const suffix = use.multiAz ? 'MultiAzHour' : 'SingleAzHour';
  const types = typesOf(`rds.${prefix}`, suffix, region);
  const what = `${use.engine}${use.multiAz ? ' in two zones' : ''}`;
  return [noPrice([...path, 'instance'], instance, what, types, region)];
}

function checkCache(path: Finding['path'], resource: Block, region: string): readonly Finding[] {
  const { node, engine = 'redis' } = resource;
  if (typeof node !== 'string' || (engine !== 'redis' && engine !== 'valkey')) return [];
  const use = { engine, nodeType: node, nodes: 1, hours: 1 } as const;
  if (cacheQuantities(use) !== undefined) return [];
  const types = typesOf(`elasticache.${engine}`, 'Hour', region);
  return [noPrice([...path, 'node'], node, engine, types, region)];
}

function noPrice(
  path: Finding['path'],
  type: string,
  what: string,
  types: readonly string[],
  region: string,
): Finding {
  const near = closest(type, types);
  const all =
    types.length === 0
      ? `The price book has none for ${what} in ${region}: leave it out and add its price by hand.`
      : `Those with a price for ${what} in ${region}: ${types.join(', ')}.`;
  return {
    path,
    say: `no price is known for "${type}" with ${what}`,
    fix: near === undefined ? all : `Did you mean "${near}"? ${all}`,
  };
}

/** Instance types as people write them, of items with a price in the region. */
function typesOf(prefix: string, suffix: string, region: string): readonly string[] {
  const book = priceBook(region);
  return (Object.keys(CATALOGUE) as PriceItem[])
    .filter((item) => item.startsWith(prefix) && item.endsWith(suffix))
    .filter((item) => book.price(item) !== undefined)
    .map((item) => dotted(item.slice(prefix.length, -suffix.length)));
}

/** "DbT4gMicro" → "db.t4g.micro". */
function dotted(words: string): string {
  return words.replace(/(?!^)([A-Z])/g, '.$1').toLowerCase();
}

function checkOneCdn(resources: Block): readonly Finding[] {
  const [, ...more] = Object.entries(resources).filter(
    ([, one]) => valueAt(one, ['type']) === 'cloudfront',
  );
  return more.map(([name]) => ({
    path: ['cost', 'resources', name],
    say: 'there is another one of type "cloudfront" before it',
    fix: 'Put the figures of both together: one stands in front of the app.',
  }));
}

function checkItems(items: Block, region: string): readonly Finding[] {
  const book = priceBook(region);
  return Object.keys(items)
    .filter((item) => !Object.hasOwn(CATALOGUE, item))
    .map((item) => {
      const known = Object.keys(CATALOGUE) as PriceItem[];
      const near = closest(item, known);
      const service = known.filter(
        (one) => one.startsWith(`${item.split('.')[0]}.`) && book.price(one) !== undefined,
      );
      const others =
        service.length === 0
          ? 'They are named as in the price book, "s3.putRequest" for one.'
          : `There are: ${service.join(', ')}.`;
      return {
        path: ['cost', 'items', item],
        say: `the price book has no item "${item}"`,
        fix: near === undefined ? others : `Did you mean "${near}"?`,
      };
    });
}
