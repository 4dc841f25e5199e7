// The validated file as the model: names of units instead of units in words.

import { MS_PER_SECOND } from '../base/units.ts';
import type {
  AlbEntry,
  App,
  Assumptions,
  ContainerSource,
  Cors,
  Destination,
  Entry,
  FunctionAlias,
  FunctionCode,
  HealthCheck,
  HttpsListener,
  LambdaFunction,
  LambdaSettings,
  QueueSettings,
  QueueSource,
  SecretReference,
  Service,
  StatusRange,
} from '../model/app.ts';
import {
  ALB_GRPC_HEALTH,
  ALB_IDLE_TIMEOUT_S,
  ALB_KEEP_ALIVE_S,
  HTTP_API_TIMEOUT_S,
} from '../model/aws-limits.ts';
import { costOf } from './model-of-cost.ts';
import { fargateOf } from './model-of-fargate.ts';
import { routesOf } from './model-of-routes.ts';
import { alarmsOf, parseDatapointsOf } from './model-of-scaling.ts';
import type { AppInput, FunctionInput, QueueInput, ServiceInput } from './schema.ts';

export function modelOf(input: AppInput, stage: string | undefined): App {
  const services = Object.entries(input.services).map(([name, service]) =>
    serviceOf(input, name, service),
  );
  return {
    name: input.app,
    region: input.region,
    account: input.account,
    zones: Array.from({ length: input.zones }, (_, index) => `${input.region}${'abcdef'[index]}`),
    stage,
    entry: entryOf(input.entry),
    services,
    functions: Object.entries(input.functions).map(([name, one]) => functionOf(name, one)),
    queues: Object.entries(input.queues).map(([name, one]) => queueOf(name, one)),
    alarms: alarmsOf(input),
    routes: routesOf(input, services),
    cost: costOf(input.cost),
    local: {
      environmentIdleMs: input.local.environmentIdle,
      maxEnvironments: input.local.maxEnvironments,
      queuePort: input.local.queuePort,
      invokePort: input.local.invokePort,
      taskStartMs: input.local.taskStart,
      taskMinimumMs: input.local.taskMinimum,
      spotWarningMs: input.local.spotWarning,
      spotInterruptionMs: input.local.spotInterruption,
      assume: assumptionsOf(input.local.assume),
    },
  };
}

function assumptionsOf(input: AppInput['local']['assume']): Assumptions {
  return {
    ...input,
    sigtermShare: input.sigtermShare / 100,
    trackingHigh: parseDatapointsOf(input.trackingHigh),
    trackingLow: parseDatapointsOf(input.trackingLow),
    trackingLowShare: input.trackingLowShare / 100,
  };
}

function entryOf(input: AppInput['entry']): Entry {
  if (input.type === 'alb') return albOf(input);
  const { authorizer } = input;
  return {
    type: 'http-api',
    payload: input.payload ?? '2.0',
    timeoutMs: input.timeout ?? HTTP_API_TIMEOUT_S.max * MS_PER_SECOND,
    cors: input.cors && corsOf(input.cors),
    authorizer: authorizer && {
      issuer: authorizer.issuer,
      audience: authorizer.audience,
      jwks: authorizer.jwks,
    },
  };
}

function albOf(input: AppInput['entry']): AlbEntry {
  const { https, accessLogs } = input;
  return {
    type: 'alb',
    idleTimeoutMs: input.idleTimeout ?? ALB_IDLE_TIMEOUT_S.default * MS_PER_SECOND,
    keepAliveMs: input.keepAlive ?? ALB_KEEP_ALIVE_S.default * MS_PER_SECOND,
    multiValueHeaders: input.multiValueHeaders ?? true,
    forwardedFor: input.forwardedFor ?? 'append',
    clientPort: input.clientPort ?? false,
    preserveHost: input.preserveHost ?? false,
    https: https === undefined || https === false ? undefined : httpsOf(https),
    accessLogs: accessLogs === false ? undefined : accessLogs,
  };
}

function httpsOf(input: Exclude<AppInput['entry']['https'], false | undefined>): HttpsListener {
  if (input === true) return { port: 0, http2: true, own: undefined };
  const { port, http2, certificate, key } = input;
  const own = certificate === undefined || key === undefined ? undefined : { certificate, key };
  return { port, http2, own };
}

function corsOf(input: NonNullable<AppInput['entry']['cors']>): Cors {
  return {
    origins: input.origins ?? [],
    methods: input.methods ?? [],
    headers: (input.headers ?? []).map((name) => name.toLowerCase()),
    exposeHeaders: input.exposeHeaders ?? [],
    maxAgeS: input.maxAge,
    credentials: input.credentials,
  };
}

function serviceOf(app: AppInput, name: string, input: ServiceInput): Service {
  return {
    name,
    key: name,
    source: input.source,
    build: input.build,
    command: input.command,
    port: input.port,
    health: healthOf(input),
    latencyMs: input.latency === 0 ? undefined : input.latency,
    environment: input.environment,
    secrets: secretsOf(input.secrets),
    container: containerOf(input, undefined),
    queue: input.queue === undefined ? undefined : queueSourceOf(input.queue),
    lambda: input.lambda === undefined ? undefined : lambdaOf(input.lambda),
    fargate: input.fargate && fargateOf(app, name, input.fargate),
  };
}

function functionOf(name: string, input: FunctionInput): LambdaFunction {
  const { lambda, async } = input;
  const written = Object.entries(input.versions).map(
    ([number, version]) => [number, codeOf(name, number, laidOver(input, version))] as const,
  );
  const published = written.length === 0 ? [['1', codeOf(name, '1', input)] as const] : written;
  return {
    ...codeOf(name, undefined, { ...input, lambda: { ...lambda, provisioned: 0 } }),
    versions: Object.fromEntries(published),
    aliases: Object.fromEntries(
      Object.entries(input.aliases).map(([alias, to]) => [alias, aliasOf(to)]),
    ),
    async: {
      retries: async.retries,
      maxAgeMs: async.maxAge,
      onSuccess: destinationOf(async.onSuccess),
      onFailure: destinationOf(async.onFailure),
      deadLetter: async.deadLetter?.queue,
    },
    url: input.url && {
      invokeMode: input.url.invokeMode,
      cors: input.url.cors && corsOf(input.url.cors),
    },
    queue: input.queue === undefined ? undefined : queueSourceOf(input.queue),
  };
}

type CodeInput = Omit<FunctionInput, 'versions' | 'aliases' | 'async' | 'queue' | 'url'>;

/** Without a command, what a container image and a custom runtime start is called "bootstrap". */
function codeOf(name: string, version: string | undefined, input: CodeInput): FunctionCode {
  const command = input.command ?? (input.handler === undefined ? './bootstrap' : undefined);
  return {
    name,
    key: version === undefined ? name : `${name}:${version}`,
    source: input.source,
    build: input.build,
    command,
    handler: input.handler ?? 'bootstrap',
    extensions: input.extensions,
    environment: input.environment,
    secrets: secretsOf(input.secrets),
    container: containerOf(input, input.handler),
    lambda: lambdaOf(input.lambda),
  };
}

function queueSourceOf(input: NonNullable<FunctionInput['queue']>): QueueSource {
  return {
    from: input.url === undefined ? { name: input.name ?? '' } : { url: input.url },
    batch: input.batch,
    windowMs: input.window,
    partialFailures: input.partialFailures,
    maxConcurrency: input.maxConcurrency,
  };
}

function queueOf(name: string, input: QueueInput): QueueSettings {
  return {
    name,
    visibilityMs: input.visibility,
    retentionMs: input.retention,
    delayMs: input.delay,
    maxMessageBytes: input.maxMessage,
    deadLetter: input.deadLetter,
    fifo: input.fifo,
    contentDedup: input.contentDedup,
  };
}

/** The handler is what images of functions take as their CMD. [LDG:images-create] */
function containerOf(
  input: Pick<ServiceInput, 'image' | 'dockerfile' | 'imageCommand'>,
  handler: string | undefined,
): ContainerSource {
  return {
    image: input.image,
    dockerfile: input.dockerfile ?? 'Dockerfile',
    command: input.imageCommand ?? (handler === undefined ? undefined : [handler]),
  };
}

/** Variables and settings are merged; nothing is provisioned that the version does not ask for. */
function laidOver(input: FunctionInput, version: FunctionInput['versions'][string]): CodeInput {
  const { image, ...own } = input;
  return {
    ...own,
    // A version with a Dockerfile is built, whatever the function says.
    ...(image !== undefined && version.dockerfile === undefined && { image }),
    ...given(version),
    environment: { ...input.environment, ...version.environment },
    secrets: { ...input.secrets, ...version.secrets },
    lambda: { ...input.lambda, provisioned: 0, ...given(version.lambda ?? {}) },
  };
}

function given<block extends object>(block: block) {
  return Object.fromEntries(Object.entries(block).filter(([, value]) => value !== undefined)) as {
    [key in keyof block]?: Exclude<block[key], undefined>;
  };
}

/** The version with the larger part is the first; of two halves the newer one. */
function aliasOf(to: FunctionInput['aliases'][string]): FunctionAlias {
  if (typeof to === 'string') return { version: to, second: undefined };
  const [first, second] = Object.entries(to).sort(
    ([a, ofA], [b, ofB]) => ofB - ofA || Number(b) - Number(a),
  );
  return {
    version: first?.[0] ?? '',
    second: second && { version: second[0], share: second[1] / 100 },
  };
}

function destinationOf(to: FunctionInput['async']['onSuccess']): Destination | undefined {
  if (to === undefined) return undefined;
  return to.queue === undefined
    ? { kind: 'function', name: to.function ?? '' }
    : { kind: 'queue', name: to.queue };
}

function secretsOf(input: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, secretOf(value)]));
}

function healthOf({ health: input, fargate }: ServiceInput): HealthCheck {
  const grpc = fargate?.targetGroup.protocol === 'grpc';
  const { path = grpc ? ALB_GRPC_HEALTH.path : '/' } = input;
  const { matcher = grpc ? ALB_GRPC_HEALTH.matcher : '200-399' } = input;
  return {
    path,
    codes: grpc ? 'grpc' : 'http',
    intervalMs: input.interval,
    timeoutMs: input.timeout,
    healthyAfter: input.healthy,
    unhealthyAfter: input.unhealthy,
    matcher: matcher.split(',').map(rangeOf),
  };
}

function rangeOf(text: string): StatusRange {
  const [from = '', to = from] = text.split('-');
  return { from: Number(from), to: Number(to) };
}

function secretOf(text: string): SecretReference {
  const colon = text.indexOf(':');
  return {
    store: text.slice(0, colon) as SecretReference['store'],
    name: text.slice(colon + 1),
  };
}

function lambdaOf(input: NonNullable<ServiceInput['lambda']>): LambdaSettings {
  return {
    memoryMiB: input.memory,
    timeoutMs: input.timeout,
    reserved: input.reserved,
    provisioned: input.provisioned,
    architecture: input.architecture,
    ephemeralMiB: input.ephemeral,
    logFormat: input.logFormat,
  };
}
