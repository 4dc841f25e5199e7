// The functions that can be invoked by name: what each is made of, and the target of every version.

import type { AsyncSettings, LambdaSettings } from '../../model/app.ts';
import { functionArn } from '../../model/metric.ts';
import type { NamedFunction } from '../../routing/function-name.ts';
import { resolveVersion, type VersionBook } from '../../routing/function-version.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';

export interface InvokableFunction extends VersionBook {
  /** Name in `fulcrum.yml`. */
  readonly name: string;
  /** Name on AWS. */
  readonly functionName: string;
  /** What each version is, with `$LATEST`. */
  readonly versions: Readonly<Record<string, VersionFacts>>;
  readonly async: AsyncSettings;
  /** Of the whole function; 0 turns it off. */
  readonly reserved: number | undefined;
}

/** One version, as the calls that read it tell. */
export interface VersionFacts {
  readonly target: InvocationTarget;
  readonly settings: LambdaSettings;
  readonly environment: Readonly<Record<string, string>>;
  /** A service has none. */
  readonly handler: string | undefined;
  /** Absolute. */
  readonly folder: string;
}

export interface Found {
  readonly fn: InvokableFunction;
  readonly target: InvocationTarget;
}

export class FunctionBook {
  readonly region: string;
  /** By both of its names. */
  readonly #byName = new Map<string, InvokableFunction>();
  readonly #all: readonly InvokableFunction[];

  constructor(region: string, functions: readonly InvokableFunction[]) {
    this.region = region;
    this.#all = functions;
    for (const one of functions) this.#byName.set(one.name, one);
    // The name on AWS wins over the short name of another.
    for (const one of functions) this.#byName.set(one.functionName, one);
  }

  all(): readonly InvokableFunction[] {
    return this.#all;
  }

  function({ name, region }: NamedFunction): InvokableFunction | undefined {
    return region === undefined || region === this.region ? this.#byName.get(name) : undefined;
  }

  /** The version that takes an invocation. `chance` decides between those of an alias. */
  find(named: NamedFunction, chance: number): Found | undefined {
    const fn = this.function(named);
    if (fn === undefined) return undefined;
    const version = resolveVersion(fn, named.qualifier, chance);
    const target = version === undefined ? undefined : fn.versions[version]?.target;
    return target && { fn, target };
  }

  /** As the caller named it; what is not there has one too. */
  arn(named: NamedFunction): string {
    const functionName = this.function(named)?.functionName ?? named.name;
    return functionArn(named.region ?? this.region, functionName, named.qualifier);
  }
}
