// The `cost` section of `fulcrum.yml`: what bills are estimated with and no other section says.

export interface CostSettings {
  readonly traffic: TrafficSettings;
  /** Of every program, unless `programs` says otherwise. */
  readonly requests: RequestSettings;
  readonly programs: Readonly<Record<string, ProgramCostSettings>>;
  readonly freeTier: FreeTierMode;
  /** In place of the entry of the app, to compare with. */
  readonly entry: CostEntry;
  readonly network: CostNetwork;
  readonly logs: CostLogs;
  /** Part of the on-demand price that Spot costs, in percent. */
  readonly spotPrice: Range | undefined;
  readonly resources: readonly Resource[];
  /** Items of the price book → units a month. */
  readonly items: Readonly<Record<string, number>>;
}

export type FreeTierMode = 'none' | 'always' | 'legacy';

export interface TrafficSettings {
  readonly requestsPerMonth: number | undefined;
  readonly shape: ShapeSetting | undefined;
  /** Busiest moment over the mean of a step of the shape. */
  readonly peak: number | undefined;
}

export type ShapeSetting =
  | { readonly kind: 'named'; readonly name: 'flat' | 'day' | 'week' | 'business' }
  /** Of the hours of a day or of a week from Monday on; only their proportions count. */
  | { readonly kind: 'hours'; readonly hours: readonly number[] }
  /** A trace, relative to `fulcrum.yml`. */
  | { readonly kind: 'file'; readonly file: string };

/** The smallest it may be, what is expected, and the largest. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

/** What one request takes; undefined: not said. */
export interface RequestSettings {
  readonly durationMs: Range | undefined;
  readonly lambdaMs: Range | undefined;
  readonly fargateMs: Range | undefined;
  readonly cpuMs: Range | undefined;
  readonly concurrency: Range | undefined;
  readonly requestBytes: Range | undefined;
  readonly responseBytes: Range | undefined;
  readonly perConnection: Range | undefined;
  /** 0 to 1. */
  readonly coldShare: Range | undefined;
  readonly initMs: Range | undefined;
  readonly logBytes: Range | undefined;
  readonly invocationLogBytes: Range | undefined;
}

export interface ProgramCostSettings extends RequestSettings {
  /** Of the requests of the app, the part it serves, from 0; of a queue, messages for each request. */
  readonly share: number | undefined;
  readonly perBatch: Range | undefined;
  /** Tasks on Fargate alone, whatever the traffic. */
  readonly minTasks: number | undefined;
  /** 0 to 1. */
  readonly utilization: number | undefined;
}

export interface CostEntry {
  readonly lambda: 'none' | 'alb' | 'http-api' | 'rest-api' | 'function-url' | undefined;
  readonly fargate: 'none' | 'alb' | 'http-api' | 'rest-api' | undefined;
}

export interface CostNetwork {
  /** NAT gateways: none, one, or one in each zone. */
  readonly nat: 'none' | 'one' | 'per-zone';
  /** Which computes reach out through them. */
  readonly natFor: 'both' | 'lambda' | 'fargate';
  /** Undefined: where no gateway serves them. */
  readonly publicTasks: boolean | undefined;
  readonly natBytes: Range | undefined;
  readonly crossZoneBytes: Range | undefined;
}

export interface CostLogs {
  readonly retentionDays: number | undefined;
  /** 0 to 1. */
  readonly storedShare: Range | undefined;
}

export type BilledOn = 'both' | 'lambda' | 'fargate';

interface Named {
  readonly name: string;
  readonly on: BilledOn;
}

/** Something beside the programs that is billed. Sizes are in GB, amounts of one month. */
export type Resource =
  | RdsResource
  | CacheResource
  | S3Resource
  | SesResource
  | CognitoResource
  | CloudFrontResource
  | SqsResource
  | SecretsResource
  | EcrResource
  | MonitoringResource
  | NatResource
  | EndpointResource;

export interface RdsResource extends Named {
  readonly type: 'rds';
  readonly engine: 'postgres' | 'mysql';
  /** e.g. "db.t4g.micro". */
  readonly instance: string;
  readonly count: number;
  readonly multiAz: boolean;
  readonly storageGb: number;
  readonly volume: 'gp2' | 'gp3';
  /** All its backups; those up to the size of its storage are free. */
  readonly backupGb: number;
  /** An RDS Proxy before it, and for whom. */
  readonly proxy: BilledOn | 'none';
  /** Of the instance, which the proxy is billed by; undefined: as its class says. */
  readonly vcpus: number | undefined;
  readonly hours: number;
}

export interface CacheResource extends Named {
  readonly type: 'elasticache';
  readonly engine: 'redis' | 'valkey';
  /** e.g. "cache.t4g.micro". */
  readonly node: string;
  readonly nodes: number;
  readonly hours: number;
}

export interface S3Resource extends Named {
  readonly type: 's3';
  readonly storageGb: number;
  readonly puts: number;
  readonly gets: number;
  /** To the internet. */
  readonly outGb: number;
}

export interface SesResource extends Named {
  readonly type: 'ses';
  readonly emails: number;
  readonly plan: 'a-la-carte' | 'essentials' | 'pro';
  readonly attachmentsGb: number;
}

export interface CognitoResource extends Named {
  readonly type: 'cognito';
  /** Active in a month. */
  readonly users: number;
  readonly tier: 'lite' | 'essentials' | 'plus';
}

/** In front of the whole app. Beside its requests, files of its own. */
export interface CloudFrontResource extends Named {
  readonly type: 'cloudfront';
  readonly clients: 'us' | 'eu';
  /** Of the requests of the app, the part it answers by itself. 0 to 1. */
  readonly cachedShare: Range;
  readonly outGb: number;
  readonly requests: number;
  readonly plan: 'pay-as-you-go' | 'pro' | 'business';
}

export interface SqsResource extends Named {
  readonly type: 'sqs';
  readonly requests: number;
  readonly fifo: boolean;
}

export interface SecretsResource extends Named {
  readonly type: 'secrets';
  readonly secrets: number;
  readonly advancedParameters: number;
  readonly keys: number;
  readonly calls: number;
}

export interface EcrResource extends Named {
  readonly type: 'ecr';
  readonly storageGb: number;
}

export interface MonitoringResource extends Named {
  readonly type: 'monitoring';
  readonly metrics: number;
  readonly alarms: number;
  readonly dashboards: number;
  readonly tracesRecorded: number;
  readonly tracesRead: number;
  /** Scanned by queries of logs. */
  readonly scannedGb: number;
}

export interface NatResource extends Named {
  readonly type: 'nat';
  readonly gateways: number;
  readonly processedGb: number;
}

export interface EndpointResource extends Named {
  readonly type: 'endpoint';
  readonly endpoints: number;
  readonly zones: number;
  readonly processedGb: number;
}
