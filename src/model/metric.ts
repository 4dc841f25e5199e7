// The metrics AWS publishes for what Fulcrum runs, by their AWS names.
//
// A metric is a namespace, a name and dimensions; the store keeps one set of statistics per
// minute for each. Sources: [LDG:monitoring-metrics-types], [ELB:load-balancer-cloudwatch-metrics],
// [AGW:http-api-metrics], [ECS:available-metrics].

export type Dimensions = Readonly<Record<string, string>>;

export interface MetricId {
  /** One of AWS, or that of a program's own metrics. */
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** What CloudWatch keeps of the values of one period. */
export interface Statistics {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Datapoint extends Statistics {
  /** Start of the minute, milliseconds since the epoch. */
  readonly at: number;
}

export const METRICS = {
  'AWS/Lambda': [
    'Invocations',
    'Errors',
    'Throttles',
    'Duration',
    'ConcurrentExecutions',
    'ProvisionedConcurrentExecutions',
    'ProvisionedConcurrencyInvocations',
    'ProvisionedConcurrencySpilloverInvocations',
    'ProvisionedConcurrencyUtilization',
    'UnreservedConcurrentExecutions',
    'AsyncEventsReceived',
    'AsyncEventAge',
    'AsyncEventsDropped',
    'DestinationDeliveryFailures',
    'DeadLetterErrors',
    'UrlRequestCount',
    'UrlRequestLatency',
    'Url4xxCount',
    'Url5xxCount',
  ],
  'AWS/ApplicationELB': [
    'RequestCount',
    'GrpcRequestCount',
    'RequestCountPerTarget',
    'TargetResponseTime',
    'HTTPCode_Target_2XX_Count',
    'HTTPCode_Target_3XX_Count',
    'HTTPCode_Target_4XX_Count',
    'HTTPCode_Target_5XX_Count',
    'HTTPCode_ELB_3XX_Count',
    'HTTPCode_ELB_4XX_Count',
    'HTTPCode_ELB_5XX_Count',
    'HTTPCode_ELB_500_Count',
    'HTTPCode_ELB_502_Count',
    'HTTPCode_ELB_503_Count',
    'HTTPCode_ELB_504_Count',
    'HealthyHostCount',
    'UnHealthyHostCount',
    'ActiveConnectionCount',
    'NewConnectionCount',
    'ClientTLSNegotiationErrorCount',
    'DesyncMitigationMode_NonCompliant_Request_Count',
    'HTTP_Fixed_Response_Count',
    'HTTP_Redirect_Count',
    'ConsumedLCUs',
    'ProcessedBytes',
    'RuleEvaluations',
    'LambdaInternalError',
    'LambdaUserError',
    'LambdaTargetProcessedBytes',
    'TargetConnectionErrorCount',
  ],
  'AWS/ApiGateway': ['Count', '4xx', '5xx', 'Latency', 'IntegrationLatency', 'DataProcessed'],
  'AWS/SQS': [
    'ApproximateNumberOfMessagesVisible',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
    'ApproximateAgeOfOldestMessage',
  ],
  'AWS/ECS': ['CPUUtilization', 'MemoryUtilization', 'LiveTaskCount'],
  'ECS/ContainerInsights': [
    'RunningTaskCount',
    'PendingTaskCount',
    'DesiredTaskCount',
    'CpuUtilized',
    'CpuReserved',
    'MemoryUtilized',
    'MemoryReserved',
    'EphemeralStorageUtilized',
    'EphemeralStorageReserved',
    'TaskCount',
    'DeploymentCount',
  ],
} as const;

export type Namespace = keyof typeof METRICS;

/** The namespace of AWS that has a metric of this name. */
export function namespaceOf(name: string): Namespace | undefined {
  const namespaces = Object.keys(METRICS) as Namespace[];
  return namespaces.find((namespace) => (METRICS[namespace] as readonly string[]).includes(name));
}

export type MetricName<namespace extends Namespace> = (typeof METRICS)[namespace][number];

/** Names of the AWS resources that dimensions and log groups carry. */
export function awsNames(app: string) {
  return {
    loadBalancer: `app/${app}/${shortHash(app)}`,
    targetGroup: (service: string, compute: string) =>
      `targetgroup/${app}-${service}-${compute}/${shortHash(`${app}/${service}/${compute}`)}`,
    /** Of a service on Lambda, or of a function. */
    function: (name: string) => `${app}-${name}`,
    queue: (name: string, fifo: boolean) => `${app}-${name}${fifo ? '.fifo' : ''}`,
    cluster: app,
    /** Ten letters and digits, as API Gateway gives them. */
    httpApi: shortHash(`${app}/http-api`).slice(0, 10),
    /** Id of the URL of a function: 32 letters and digits. */
    functionUrl: (name: string) =>
      `${shortHash(`${app}/${name}/url`)}${shortHash(`url/${name}/${app}`)}`,
    lambdaLogGroup: (service: string) => `/aws/lambda/${app}-${service}`,
    fargateLogGroup: (service: string) => `/ecs/${app}/${service}`,
  };
}

/** The account that names in local ARNs; AWS gives it to nobody. */
export const LOCAL_ACCOUNT = '000000000000';

/** `qualifier` is a version or an alias. */
export function functionArn(region: string, functionName: string, qualifier?: string): string {
  const tail = qualifier === undefined ? '' : `:${qualifier}`;
  return `arn:aws:lambda:${region}:${LOCAL_ACCOUNT}:function:${functionName}${tail}`;
}

export function queueArn(region: string, queueName: string): string {
  return `arn:aws:sqs:${region}:${LOCAL_ACCOUNT}:${queueName}`;
}

/** `name` is as the dimension has it: "targetgroup/<name>/<id>". */
export function targetGroupArn(region: string, name: string): string {
  return `arn:aws:elasticloadbalancing:${region}:${LOCAL_ACCOUNT}:${name}`;
}

/** 16 hexadecimal digits that stand where AWS puts a resource id (FNV-1a, twice 32 bits). */
function shortHash(text: string): string {
  const half = (seed: number): string => {
    let value = seed;
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    }
    return (value >>> 0).toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x01234567);
}
