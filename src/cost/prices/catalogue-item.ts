// What the price book says of an item beside its price, and the words that several items share.

/** Where AWS's bulk price list has it: the row with exactly this usage type and operation. */
export interface OfferKey {
  /** Code of the offer, e.g. "AWSLambda". */
  readonly code: string;
  /** Without the prefix of the region: "EUW2-Lambda-GB-Second" is "Lambda-GB-Second". */
  readonly usageType: string;
  /** "" where the offer leaves it empty. */
  readonly operation: string;
}

export interface CatalogueItem {
  /** The service, in the word people use: "Lambda", "Load balancer". */
  readonly service: string;
  /** One of what is billed, e.g. "GB-second". */
  readonly unit: string;
  /** What is billed and how it is metered, in a sentence. */
  readonly what: string;
  /** How a quantity comes about: rounding, minimum, what is included. Undefined: as `what` says. */
  readonly rule: string | undefined;
  /** Undefined: its row is not known for certain, so a refresh leaves its price as it is. */
  readonly offer: OfferKey | undefined;
}

export const RULES = {
  lambdaDuration:
    'Each invocation is rounded up to 1 ms and multiplied by memory / 1024 MB. INIT is billed, whatever the configuration; retries and timed-out invocations like any other.',
  lambdaProvisioned:
    'From enabling to disabling, rounded up to 5 minutes. Requests and the duration are billed beside it, and the free tier does not apply.',
  lambdaProvisionedDuration:
    'The duration in provisioned environments, rounded up to 1 ms for each invocation. What overflows is billed on demand.',
  lambdaEphemeral:
    '(storage − 512 MB) / 1024 × seconds of the invocation, whatever its memory. The first 512 MB are included.',
  fargate:
    'By the second, a minute at least, from the start of the image download until the task has ended, stop timeout and draining included. What the task definition asks for, not what is used.',
  fargateStorage: 'The time of the task, for what is above 20 GB. The first 20 GB are included.',
  spot: 'Metered as on-demand tasks are. The price floats and is not in the price list.',
  loadBalancer: 'Every hour begun, from its creation.',
  lcu: 'Of each hour the largest of: new connections / 25 a second; active connections / 3,000 a minute; GB (0.4 GB an hour for Lambda targets); rule evaluations / 1,000 a second above 10 rules. Parts of an LCU count.',
  httpApi: 'Every call, one more for each further 512 KB begun.',
  restApi: 'Every call. A cache is billed apart, by the hour.',
  webSocketMessage: 'Every message, one more for each further 32 KB begun.',
  webSocketMinute: 'Every minute of every connection.',
  natHour: 'Every hour begun.',
  natGb: 'Every GB through it, each way. Transfer between zones comes on top.',
  ipv4: 'Every hour of every address, in use or idle: one for a task with a public address, two or more for a load balancer, one for a NAT gateway.',
  rds: 'By the second, 10 minutes at least after a change of state, while it is available. A stopped one still pays for storage and backups.',
  rdsMultiAz: 'As with one zone, at about twice the price.',
  rdsProxy: 'The vCPUs of the instance behind it, 2 at least, while it exists.',
  logs: 'Bytes written and 26 bytes for each event. START, END and REPORT of Lambda count.',
  logsStorage: 'What is stored, compressed.',
  prorated: 'By the hour, of a month.',
  sqs: 'Every call of the API, one more for each further 64 KB begun.',
} as const;
