// Items of the two computes.

import { type CatalogueItem, type OfferKey, RULES } from './catalogue-item.ts';

const lambda = (
  unit: string,
  what: string,
  rule: string | undefined,
  usageType: string | undefined,
): CatalogueItem => ({
  service: 'Lambda',
  unit,
  what,
  rule,
  offer: usageType === undefined ? undefined : { code: 'AWSLambda', usageType, operation: '' },
});

const ecs = (usageType: string): OfferKey => ({ code: 'AmazonECS', usageType, operation: '' });

const fargate = (
  unit: string,
  what: string,
  usageType: string | undefined,
  rule: string = RULES.fargate,
): CatalogueItem => ({
  service: 'Fargate',
  unit,
  what,
  rule,
  offer: usageType === undefined ? undefined : ecs(usageType),
});

const FROM_DOWNLOAD =
  'from the start of the image download to the end of the task, a minute at least';

export const COMPUTE_ITEMS = {
  'lambda.x86_64.gbSecond': lambda(
    'GB-second',
    'Duration of invocations on x86, per GB of memory and second, in steps of 1 ms.',
    RULES.lambdaDuration,
    'Lambda-GB-Second',
  ),
  'lambda.request': lambda(
    'request',
    'Every invocation, on either architecture, also those that fail.',
    'Every attempt counts: retries and timed-out invocations like any other.',
    'Request',
  ),
  'lambda.arm64.gbSecond': lambda(
    'GB-second',
    'Duration of invocations on ARM, per GB of memory and second, in steps of 1 ms.',
    RULES.lambdaDuration,
    'Lambda-GB-Second-ARM',
  ),
  'lambda.x86_64.provisionedConcurrencyGbSecond': lambda(
    'GB-second',
    'Environments on x86 kept ready, per GB of memory and second, used or not.',
    RULES.lambdaProvisioned,
    'Lambda-Provisioned-Concurrency',
  ),
  'lambda.x86_64.provisionedDurationGbSecond': lambda(
    'GB-second',
    'Duration of invocations in provisioned environments on x86, per GB of memory and second.',
    RULES.lambdaProvisionedDuration,
    'Lambda-Provisioned-GB-Second',
  ),
  'lambda.ephemeralStorageGbSecond': lambda(
    'GB-second',
    'Storage in /tmp above 512 MB, per GB and second of invocation.',
    RULES.lambdaEphemeral,
    'Lambda-Storage-GB-Second',
  ),
  'lambda.arm64.provisionedConcurrencyGbSecond': lambda(
    'GB-second',
    'Environments on ARM kept ready, per GB of memory and second, used or not.',
    RULES.lambdaProvisioned,
    'Lambda-Provisioned-Concurrency-ARM',
  ),
  'lambda.arm64.provisionedDurationGbSecond': lambda(
    'GB-second',
    'Duration of invocations in provisioned environments on ARM, per GB of memory and second.',
    RULES.lambdaProvisionedDuration,
    'Lambda-Provisioned-GB-Second-ARM',
  ),
  'lambda.responseStreamingGb': lambda(
    'GB',
    'Bytes of streamed answers, per GB beyond the first 6 MB of each answer.',
    'The first 6 MB of each answer are free. It is the only charge of a function URL beside the invocation.',
    undefined,
  ),
  'lambda.snapstartCacheGbSecond': lambda(
    'GB-second',
    'SnapStart snapshots kept in the cache, per GB of memory and second, 3 hours at least. Not for Java.',
    undefined,
    undefined,
  ),
  'lambda.snapstartRestoreGb': lambda(
    'GB',
    'SnapStart restores, per GB of memory each time an environment starts. Not for Java.',
    undefined,
    undefined,
  ),
  'lambda.durableFunctionsOperation': lambda(
    'operation',
    'Operations of durable functions: each step, wait and callback.',
    undefined,
    undefined,
  ),
  'lambda.edgeRequest': lambda(
    'request',
    'Every invocation of a Lambda@Edge function.',
    undefined,
    'Lambda-Edge-Request',
  ),
  'lambda.edgeGbSecond': lambda(
    'GB-second',
    'Duration of Lambda@Edge invocations, per GB of memory and second.',
    undefined,
    'Lambda-Edge-GB-Second',
  ),
  'fargate.x86_64.vcpuHour': fargate(
    'vCPU-hour',
    `Processor of tasks on x86, per vCPU and hour, ${FROM_DOWNLOAD}.`,
    'Fargate-vCPU-Hours:perCPU',
  ),
  'fargate.x86_64.gbHour': fargate(
    'GB-hour',
    `Memory of tasks on x86, per GB and hour, ${FROM_DOWNLOAD}.`,
    'Fargate-GB-Hours',
  ),
  'fargate.arm64.vcpuHour': fargate(
    'vCPU-hour',
    `Processor of tasks on ARM, per vCPU and hour, ${FROM_DOWNLOAD}.`,
    'Fargate-ARM-vCPU-Hours:perCPU',
  ),
  'fargate.arm64.gbHour': fargate(
    'GB-hour',
    `Memory of tasks on ARM, per GB and hour, ${FROM_DOWNLOAD}.`,
    'Fargate-ARM-GB-Hours',
  ),
  'fargate.ephemeralStorageGbHour': fargate(
    'GB-hour',
    'Storage of tasks above 20 GB, per GB and hour.',
    'Fargate-EphemeralStorage-GB-Hours',
    RULES.fargateStorage,
  ),
  'fargate.spotVcpuHourSnapshot': fargate(
    'vCPU-hour',
    'Processor of Spot tasks, per vCPU and hour, as seen in 2021. It floats: no quote.',
    undefined,
    RULES.spot,
  ),
  'fargate.spotGbHourSnapshot': fargate(
    'GB-hour',
    'Memory of Spot tasks, per GB and hour, as seen in 2021. It floats: no quote.',
    undefined,
    RULES.spot,
  ),
  'fargate.spotVcpuHour2025': fargate(
    'vCPU-hour',
    'Processor of Spot tasks, per vCPU and hour, as seen in 2025. It floats: no quote.',
    undefined,
    RULES.spot,
  ),
  'fargate.spotGbHour2025': fargate(
    'GB-hour',
    'Memory of Spot tasks, per GB and hour, as seen in 2025. It floats: no quote.',
    undefined,
    RULES.spot,
  ),
  'fargate.windowsVcpuHour': fargate(
    'vCPU-hour',
    'Processor of Windows tasks, per vCPU and hour. The licence comes on top.',
    'Fargate-Windows-vCPU-Hours:perCPU',
  ),
  'fargate.windowsGbHour': fargate(
    'GB-hour',
    'Memory of Windows tasks, per GB and hour.',
    'Fargate-Windows-GB-Hours',
  ),
  'fargate.windowsOsVcpuHour': fargate(
    'vCPU-hour',
    'Licence of Windows tasks, per vCPU and hour.',
    'Fargate-Windows-OS-Hours:perCPU',
  ),
  'fargate.savingsPlan3yNoupfrontVcpuHour': fargate(
    'vCPU-hour',
    'Processor of tasks on x86 under a Compute Savings Plan of 3 years without upfront payment.',
    undefined,
  ),
  'savingsPlan.lambda1yNoupfrontDiscount': {
    service: 'Savings Plans',
    unit: 'fraction off',
    what: 'Part that a Compute Savings Plan of 1 year without upfront payment takes off Lambda: 0 to 1, not a price.',
    rule: undefined,
    offer: undefined,
  },
  'savingsPlan.lambdaMaxDiscount': {
    service: 'Savings Plans',
    unit: 'fraction off',
    what: 'The most that a Compute Savings Plan takes off Lambda: 0 to 1, not a price.',
    rule: undefined,
    offer: undefined,
  },
} as const satisfies Record<string, CatalogueItem>;
