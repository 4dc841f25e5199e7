// Which version of a function an invocation reaches: from the qualifier and, for an alias with two
// versions, from chance. [LDG:configuring-alias-routing]

import type { FunctionAlias } from '../model/app.ts';

export const LATEST = '$LATEST';

/** What a function has to choose from. `$LATEST` is always there. */
export interface VersionBook {
  /** Numbers, as texts. */
  readonly versions: Readonly<Record<string, unknown>>;
  readonly aliases: Readonly<Record<string, FunctionAlias>>;
}

/**
 * The version that `qualifier` stands for, or undefined when there is none. `chance` is uniform in
 * [0, 1). Without a qualifier it is `$LATEST`.
 */
export function resolveVersion(
  { versions, aliases }: VersionBook,
  qualifier: string | undefined,
  chance: number,
): string | undefined {
  if (qualifier === undefined || qualifier === LATEST) return LATEST;
  if (Object.hasOwn(versions, qualifier)) return qualifier;
  if (!Object.hasOwn(aliases, qualifier)) return undefined;
  const alias = aliases[qualifier];
  return alias?.second !== undefined && chance < alias.second.share
    ? alias.second.version
    : alias?.version;
}

/** What a route reaches: the version published last. */
export function publishedVersion({ versions }: VersionBook): string {
  const numbers = Object.keys(versions)
    .filter((version) => version !== LATEST)
    .map(Number);
  return numbers.length === 0 ? LATEST : String(Math.max(...numbers));
}
