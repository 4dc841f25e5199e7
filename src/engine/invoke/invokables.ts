// The functions of the app as the Invoke API sees them.

import type { FunctionCode, LambdaFunction } from '../../model/app.ts';
import { awsNames } from '../../model/metric.ts';
import { LATEST } from '../../routing/function-version.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { type EngineInputs, folderOf } from '../program.ts';
import type { InvokableFunction, VersionFacts } from './function-book.ts';

/** Where the versions of functions run. */
export interface Targets {
  target(name: string, version: string): InvocationTarget | undefined;
}

export function invokables(inputs: EngineInputs, targets: Targets): readonly InvokableFunction[] {
  return inputs.app.functions.map((one) => ({
    name: one.name,
    functionName: awsNames(inputs.app.name).function(one.name),
    versions: versionsOf(inputs, targets, one),
    aliases: one.aliases,
    async: one.async,
    reserved: one.lambda.reserved,
  }));
}

function versionsOf(
  inputs: EngineInputs,
  targets: Targets,
  one: LambdaFunction,
): Readonly<Record<string, VersionFacts>> {
  const versions: Record<string, VersionFacts> = {};
  const all: readonly (readonly [string, FunctionCode])[] = [
    [LATEST, one],
    ...Object.entries(one.versions),
  ];
  for (const [version, code] of all) {
    const target = targets.target(one.name, version);
    if (target === undefined) continue;
    const { lambda: settings, environment, handler } = code;
    versions[version] = { target, settings, environment, handler, folder: folderOf(inputs, code) };
  }
  return versions;
}
