// Rules of functions that need more than one of their blocks: aliases and their versions, where
// provisioned concurrency may stand, destinations.

import { closest } from '../base/closest.ts';
import { isBlock } from './overlay.ts';
import { type Finding, valueAt } from './problems.ts';

type Block = Readonly<Record<string, unknown>>;

export function checkFunctions(raw: Block): readonly Finding[] {
  const functions = isBlock(raw['functions']) ? raw['functions'] : {};
  return Object.entries(functions).flatMap(([name, one]) =>
    isBlock(one)
      ? [
          ...checkAliases(name, one),
          ...checkProvisioned(name, one),
          ...checkDestinations(name, one, Object.keys(functions)),
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

function checkDestinations(name: string, one: Block, known: readonly string[]): readonly Finding[] {
  return ['onSuccess', 'onFailure'].flatMap((key) => {
    const to = valueAt(one, ['async', key, 'function']);
    if (typeof to !== 'string' || known.includes(to)) return [];
    const near = closest(to, known);
    return [
      {
        path: ['functions', name, 'async', key, 'function'],
        say: `there is no function "${to}"`,
        fix: near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${near}"?`,
      },
    ];
  });
}
