// A running app takes over what fulcrum.yml says of its services now: each changed one gets a new
// revision, and a deployment that replaces its tasks.
//
// A revision is what the service is made of and how it runs: command, folder, variables, secrets,
// settings, and in containers its image. What lies in the folder is not part of it: a process runs
// what is there when it starts.

import { Fault } from '../base/fault.ts';
import type { App, Service } from '../model/app.ts';
import type { AppServices, ServicePart } from './app-services.ts';
import type { LambdaFleet } from './lambda/lambda-fleet.ts';
import { type EngineInputs, folderOf } from './program.ts';

export interface RedeployAsk {
  /** Names; none is every service whose revision would be another. */
  readonly services: readonly string[];
  /** Also those that have not changed: "force new deployment". */
  readonly force: boolean;
}

export interface RedeployAnswer {
  readonly started: readonly StartedDeployment[];
  /** Asked for, and as it was. */
  readonly unchanged: readonly string[];
  /** What has changed in fulcrum.yml and is not taken over. */
  readonly notes: readonly string[];
}

export interface StartedDeployment {
  readonly service: string;
  readonly revision: number;
  /** "ecs-svc/…". */
  readonly deployment: string;
}

export interface RedeployParts {
  readonly services: AppServices;
  readonly lambda: LambdaFleet;
  /** As the engine has them now. */
  readonly before: EngineInputs;
}

/** Throws SERVICE_UNKNOWN or NOT_ON_FARGATE. */
export function namedServices(services: AppServices, names: readonly string[]): readonly string[] {
  for (const service of names) {
    const part = services.all.get(service);
    if (part === undefined) {
      throw new Fault('SERVICE_UNKNOWN', { service, known: [...services.all.keys()] });
    }
    if (part.fargate === undefined) throw new Fault('NOT_ON_FARGATE', { service });
  }
  return names.length > 0 ? names : [...services.onFargate.keys()];
}

/** Throws SERVICE_UNKNOWN, NOT_ON_FARGATE, RELOAD_REFUSED; then nothing has changed. */
export function redeploy(
  { services, lambda, before }: RedeployParts,
  inputs: EngineInputs,
  ask: RedeployAsk,
): RedeployAnswer {
  const names = namedServices(services, ask.services);
  const wanted = names.map((name) => wantedOf(services, inputs, name));
  const changed = wanted.filter(({ part, next }) => ask.force || isNew(part, next, inputs));
  const notes = notesOf(before.app, inputs.app);
  // Whatever else has changed waits for the next start of the engine.
  const taken = { ...inputs, app: { ...before.app, services: inputs.app.services } };
  const started = changed.flatMap(({ part, next }) => {
    const { fargate } = part;
    if (fargate === undefined || next.fargate === undefined) return [];
    if (next.lambda !== undefined) lambda.renew(next, taken);
    const revision = services.nextRevision(next.name);
    const program = { revision, service: next, settings: next.fargate, inputs: taken };
    const why = ask.force ? 'a new deployment was forced' : 'fulcrum.yml has changed';
    return { service: next.name, revision, deployment: fargate.deploy(program, why) };
  });
  const unchanged = wanted
    .filter((one) => !changed.includes(one))
    .map(({ next }) => next.name)
    .filter((name) => ask.services.includes(name));
  return { started, unchanged, notes };
}

interface Wanted {
  readonly part: ServicePart;
  readonly next: Service;
}

function wantedOf(services: AppServices, { app }: EngineInputs, name: string): Wanted {
  const part = services.all.get(name);
  const next = app.services.find((one) => one.name === name);
  if (part === undefined || next?.fargate === undefined) {
    const what = `"${name}" is not on Fargate in fulcrum.yml any more`;
    throw new Fault('RELOAD_REFUSED', { what });
  }
  const { protocol } = next.fargate.targetGroup;
  const before = part.service.fargate?.targetGroup.protocol;
  if (before !== undefined && before !== protocol) {
    const what = `"${name}" changes the protocol of its target group from ${before} to ${protocol}, which a target group keeps`;
    throw new Fault('RELOAD_REFUSED', { what });
  }
  return { part, next };
}

function isNew({ fargate }: ServicePart, next: Service, inputs: EngineInputs): boolean {
  const now = fargate?.current;
  return now === undefined || revisionOf(now.service, now.inputs) !== revisionOf(next, inputs);
}

/** Equal for revisions that run alike. */
function revisionOf(service: Service, inputs: EngineInputs): string {
  const { lambda: _, ...own } = service;
  const image = inputs.images.get(service.key)?.id;
  return JSON.stringify([own, folderOf(inputs, service), image, inputs.secrets.get(service.key)]);
}

/** In words, what a running engine leaves as it was. */
function notesOf(before: App, after: App): readonly string[] {
  const notes: string[] = [];
  const PARTS = [
    'entry',
    'routes',
    'functions',
    'queues',
    'alarms',
    'account',
    'zones',
    'local',
  ] as const;
  for (const part of PARTS) if (!same(before[part], after[part])) notes.push(`"${part}"`);
  const known = new Map(before.services.map((service) => [service.name, service]));
  for (const now of after.services) {
    const old = known.get(now.name);
    const it = `services.${now.name}`;
    if (old === undefined) notes.push(`the new service "${now.name}"`);
    else if (old.fargate === undefined && !same(old, now)) notes.push(`"${it}"`);
    else {
      if (!same(old.lambda, now.lambda)) notes.push(`"${it}.lambda"`);
      if (!same(old.fargate?.autoscaling, now.fargate?.autoscaling))
        notes.push(`"${it}.fargate.autoscaling"`);
      if (old.fargate?.architecture !== now.fargate?.architecture)
        notes.push(`"${it}.fargate.architecture"`);
    }
  }
  return notes;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
