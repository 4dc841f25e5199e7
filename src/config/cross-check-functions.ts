// Rules of functions that need more than one of their blocks: aliases and their versions, where
// provisioned concurrency may stand, destinations.

import { closest } from '../base/closest.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

/** Names that can be sent to. */
type Known = Readonly<Record<'function' | 'queue' | 'fifo', readonly string[]>>;

export function checkFunctions(raw: Block): readonly Finding[] {
  const functions = isBlock(raw['functions']) ? raw['functions'] : {};
  const queues = isBlock(raw['queues']) ? raw['queues'] : {};
  const services = isBlock(raw['services']) ? raw['services'] : {};
  const onLambda = Object.keys(services).filter(
    (name) => valueAt(services, [name, 'lambda']) !== undefined,
  );
  const known = {
    function: [...Object.keys(functions), ...onLambda],
    queue: Object.keys(queues),
    fifo: Object.keys(queues).filter((name) => valueAt(queues, [name, 'fifo']) === true),
  };
  return Object.entries(functions).flatMap(([name, one]) =>
    isBlock(one)
      ? [
          ...checkAliases(name, one),
          ...checkProvisioned(name, one),
          ...checkDestinations(name, one, known),
        ]
      : [],
  );
}

/** Without versions of its own a function has version 1. */
function versionsOf(one: Block): readonly string[] {
  const written = isBlock(one['versions']) ? Object.keys(one['versions']) : [];
  return written.length === 0 ? ['1'] : written;
}

function checkAliases(name: string, one: Block): readonly Finding[] {
  if (!isBlock(one['aliases'])) return [];
  const known = versionsOf(one);
  return Object.entries(one['aliases']).flatMap(([alias, to]) => {
    const wanted = isBlock(to) ? Object.keys(to) : [String(to)];
    return wanted
      .filter((version) => /^\d+$/.test(version) && !known.includes(version))
      .map((version) => ({
        path: ['functions', name, 'aliases', alias],
        say: `there is no version ${version}`,
        fix: `Use one of: ${known.join(', ')}; or add it below "versions".`,
      }));
  });
}

function checkProvisioned(name: string, one: Block): readonly Finding[] {
  const path = ['functions', name, 'lambda', 'provisioned'];
  const own = valueAt(one, ['lambda', 'provisioned']);
  const versions = isBlock(one['versions']) ? one['versions'] : {};
  const written = Object.keys(versions);
  if (typeof own === 'number' && own > 0 && written.length > 0) {
    return [
      {
        path,
        say: 'belongs to a version; the function itself is $LATEST, which can have none',
        fix: `Move it to "versions.${written.at(-1)}.lambda.provisioned".`,
      },
    ];
  }
  const reserved = valueAt(one, ['lambda', 'reserved']);
  const sum = written.reduce((all, version) => {
    const provisioned = valueAt(versions, [version, 'lambda', 'provisioned']);
    return all + (typeof provisioned === 'number' ? provisioned : 0);
  }, 0);
  if (typeof reserved !== 'number' || sum <= reserved) return [];
  return [
    {
      path: ['functions', name, 'versions'],
      say: `all "provisioned" together must be at most "reserved" (${reserved}), was: ${sum}`,
      fix: 'Lower some of them or raise "reserved".',
    },
  ];
}

/** What events and their records are sent to is there. */
function checkDestinations(name: string, one: Block, known: Known): readonly Finding[] {
  const places = [
    ['onSuccess', 'function'],
    ['onSuccess', 'queue'],
    ['onFailure', 'function'],
    ['onFailure', 'queue'],
    ['deadLetter', 'queue'],
  ] as const;
  return places.flatMap(([key, kind]) => {
    const to = valueAt(one, ['async', key, kind]);
    const path = ['functions', name, 'async', key, kind];
    if (kind === 'queue' && known.fifo.includes(String(to))) {
      const say = `"${to}" is a FIFO queue, to which Lambda sends nothing`;
      return [{ path, say, fix: 'Name a standard queue.' }];
    }
    if (typeof to !== 'string' || known[kind].includes(to)) return [];
    return [{ path, say: `there is no ${kind} "${to}"`, fix: fixOf(to, kind, known[kind]) }];
  });
}

function fixOf(to: string, kind: string, known: readonly string[]): string {
  const near = closest(to, known);
  if (near !== undefined) return `Did you mean "${near}"?`;
  return known.length === 0 ? `Declare it below "${kind}s".` : `Use one of: ${known.join(', ')}.`;
}
