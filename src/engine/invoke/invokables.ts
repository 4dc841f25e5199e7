// The functions of the app as the Invoke API sees them: those that speak the Runtime API, and the
// services on Lambda, which are functions on AWS too.

import type {
  AsyncSettings,
  FunctionCode,
  LambdaFunction,
  LambdaSettings,
  Service,
} from '../../model/app.ts';
import { LAMBDA_ASYNC } from '../../model/aws-limits.ts';
import { awsNames } from '../../model/metric.ts';
import { LATEST } from '../../routing/function-version.ts';
import type { InvocationTarget } from '../lambda/invocation.ts';
import { PUBLISHED } from '../lambda/lambda-fleet.ts';
import { type EngineInputs, folderOf } from '../program.ts';
import type { InvokableFunction, VersionFacts } from './function-book.ts';

/** Where the versions of functions run. */
export interface Targets {
  target(name: string, version: string): InvocationTarget | undefined;
}

export function invokables(inputs: EngineInputs, targets: Targets): readonly InvokableFunction[] {
  return [
    ...inputs.app.functions.map((one) => ofFunction(inputs, targets, one)),
    ...inputs.app.services.flatMap((one) =>
      one.lambda === undefined ? [] : [ofService(inputs, targets, one, one.lambda)],
    ),
  ];
}

function ofFunction(
  inputs: EngineInputs,
  targets: Targets,
  one: LambdaFunction,
): InvokableFunction {
  const { name, aliases, async, lambda } = one;
  const codes: readonly (readonly [string, FunctionCode])[] = [
    [LATEST, one],
    ...Object.entries(one.versions),
  ];
  const versions = codes.flatMap(([version, code]): (readonly [string, VersionFacts])[] => {
    const target = targets.target(name, version);
    if (target === undefined) return [];
    const { lambda: settings, environment, handler } = code;
    const folder = folderOf(inputs, code);
    return [[version, { target, settings, environment, handler, folder }]];
  });
  return {
    name,
    functionName: awsNames(inputs.app.name).function(name),
    versions: Object.fromEntries(versions),
    aliases,
    async,
    reserved: lambda.reserved,
  };
}

/** What a function has that says nothing of its events. */
const USUAL_ASYNC: AsyncSettings = {
  retries: LAMBDA_ASYNC.retries.default,
  maxAgeMs: LAMBDA_ASYNC.maxAge.default * 1000,
  onSuccess: undefined,
  onFailure: undefined,
  deadLetter: undefined,
};

/** A service has one version, which stands for `$LATEST` too. */
function ofService(
  inputs: EngineInputs,
  targets: Targets,
  one: Service,
  settings: LambdaSettings,
): InvokableFunction {
  const { name, environment } = one;
  const target = targets.target(name, PUBLISHED);
  const folder = folderOf(inputs, one);
  const facts = target && { target, settings, environment, handler: undefined, folder };
  return {
    name,
    functionName: awsNames(inputs.app.name).function(name),
    versions: facts === undefined ? {} : { [LATEST]: facts, [PUBLISHED]: facts },
    aliases: {},
    async: USUAL_ASYNC,
    reserved: settings.reserved,
  };
}
