// Lambda and Fargate, as somebody writes their usage down.

import { MONTH_MS, MS_PER_HOUR } from '../../base/units.ts';
import {
  CPU_UNITS_PER_VCPU,
  LAMBDA_EPHEMERAL_MIB,
  LAMBDA_MEMORY_MIB,
} from '../../model/aws-limits.ts';
import { exact } from '../amount.ts';
import { SPOT_PRICE_PERCENT } from '../assumptions.ts';
import type { Quantity } from '../quantity.ts';
import { fargateQuantities } from '../rules/fargate.ts';
import { type Invocations, lambdaQuantities } from '../rules/lambda.ts';
import { line } from '../rules/line.ts';
import { addressQuantities } from '../rules/network.ts';
import { bytes, count, flag, millis, number, time, word } from './field.ts';
import type { UsageKind, UseReader } from './kind.ts';

const ARCHITECTURE = word(
  'x86_64 or arm64.',
  { x86_64: ['x86', 'amd64', 'x64', 'intel'], arm64: ['arm', 'graviton', 'aarch64'] },
  'x86_64',
  'arch',
  'architecture',
  'cpuArchitecture',
);

const MB_OF = { Mb: 1, MiB: 1, Gb: 1024, GiB: 1024 };

function megabytes(...stems: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    stems.flatMap((stem) =>
      Object.entries(MB_OF).map(([unit, factor]) => [`${stem}${unit}`, factor]),
    ),
  );
}

/** 15 minutes, and INIT of a provisioned environment. */
const LONGEST_MS = 900_000;
const LONGEST_INIT_MS = 900_000;

export const LAMBDA_KIND: UsageKind = {
  service: 'lambda',
  also: ['awslambda', 'aws-lambda', 'function'],
  what: 'Invocations of a function, and what is kept ready for them.',
  fields: {
    arch: ARCHITECTURE,
    memory: number(
      'Memory of the function in MB.',
      { ...megabytes('memory', 'memorySize'), memory: 1, memorySize: 1 },
      { over0: true, least: LAMBDA_MEMORY_MIB.min, most: LAMBDA_MEMORY_MIB.max },
    ),
    durationMs: number(
      'Duration of each invocation in ms, before it is rounded up to a whole one.',
      {
        ...millis('duration'),
        duration: 1,
        avgDurationMs: 1,
        meanDurationMs: 1,
        averageDurationMs: 1,
        durationInMs: 1,
      },
      { most: LONGEST_MS },
    ),
    billedMs: number(
      'Billed Duration of each invocation, INIT included, instead of durationMs and initMs.',
      { billedMs: 1, billedDurationMs: 1, billedDuration: 1 },
      { most: LONGEST_MS + LONGEST_INIT_MS },
    ),
    requests: count('Invocations in the month.', 'requests', 'invocations', 'calls'),
    coldStarts: count(
      'Invocations that start an environment.',
      'coldStarts',
      'coldStartCount',
      'initCount',
    ),
    coldShare: number(
      'Of the invocations, the part that starts an environment: 0 to 1.',
      {
        coldShare: 1,
        coldStartShare: 1,
        coldStartRate: 1,
        coldStartRatio: 1,
        coldStartFraction: 1,
        coldFraction: 1,
        coldPercent: 0.01,
        coldStartPercent: 0.01,
      },
      { most: 1 },
    ),
    initMs: number(
      'INIT of each such invocation in ms, which is billed.',
      { ...millis('init'), ...millis('initDuration'), coldStartMs: 1, init: 1 },
      { most: LONGEST_INIT_MS },
    ),
    ephemeralMb: number(
      '/tmp in MB. The first 512 are free.',
      { ...megabytes('ephemeral', 'ephemeralStorage', 'tmp', 'storage'), ephemeralStorage: 1 },
      {
        least: LAMBDA_EPHEMERAL_MIB.min,
        most: LAMBDA_EPHEMERAL_MIB.max,
        otherwise: '512',
      },
    ),
    provisioned: number('Environments that are kept provisioned.', {
      provisionedConcurrency: 1,
      provisioned: 1,
      provisionedEnvironments: 1,
      provisionedUnits: 1,
    }),
    provisionedMs: number(
      'How long they are kept, in hours. Billed in steps of 5 minutes.',
      { ...time('provisioned'), ...time() },
      { otherwise: '730' },
    ),
    provisionedRequests: number(
      'Of the invocations, those that run in provisioned environments.',
      { provisionedRequests: 1, provisionedInvocations: 1 },
      { otherwise: 'all, if any are provisioned' },
    ),
    streamedBytes: number(
      'Bytes of each answer, if it is streamed. The first 6 MB of each are free.',
      {
        ...bytes('streamed'),
        ...bytes('responseStreamed'),
        ...bytes('streaming'),
        ...bytes('stream'),
      },
    ),
    gbSeconds: count(
      'GB-seconds, instead of memory and duration.',
      'gbSeconds',
      'gbSecond',
      'gbSec',
      'gbS',
    ),
    snapStartVersions: count('Versions with SnapStart (not Java).', 'snapStartVersions'),
    snapStartMs: number('How long each is cached, in hours; 3 at least.', time('snapStart'), {
      otherwise: '730',
    }),
    snapStartRestores: count('Environments that are restored.', 'snapStartRestores', 'restores'),
  },
  tells: [
    ['memory', 'durationMs'],
    ['memory', 'billedMs'],
    ['memory', 'requests'],
    ['provisioned'],
    ['gbSeconds'],
    ['durationMs', 'requests'],
  ],
  example: { memoryMb: 512, durationMs: 200, requests: 1_000_000 },
  quantities(use) {
    const architecture = use.word<'x86_64' | 'arm64'>('arch', 'x86_64');
    const sum = use.has('gbSeconds');
    if (sum) {
      if (use.has('durationMs', 'billedMs')) {
        use.problem('gbSeconds', 'and a duration say the same', 'Keep one of the two.');
      }
      const item = `lambda.${architecture}.gbSecond` as const;
      const owner = { compute: 'lambda' } as const;
      return {
        quantities: [
          line('compute', 'lambda.request', exact(use.number('requests')), { owner }),
          line('compute', item, exact(use.number('gbSeconds')), { owner }),
        ],
      };
    }
    const environments = use.number('provisioned');
    return {
      quantities: lambdaQuantities({
        architecture,
        memoryMiB: use.needed('memory'),
        ephemeralMiB: use.maybe('ephemeralMb'),
        invocations: invocationsOf(use),
        provisioned: [{ environments, keptMs: use.number('provisionedMs', MONTH_MS) }],
        snapStart: use.has('snapStartVersions', 'snapStartRestores')
          ? {
              versions: {
                count: use.number('snapStartVersions', 1),
                cachedMs: use.number('snapStartMs', MONTH_MS),
              },
              restores: use.number('snapStartRestores'),
            }
          : undefined,
      }),
    };
  },
};

function invocationsOf(use: UseReader): readonly Invocations[] {
  const onlyKept = use.number('provisioned') > 0 || use.has('snapStartVersions');
  if (!use.has('requests') && !use.has('durationMs', 'billedMs') && onlyKept) return [];
  const requests = use.needed('requests');
  if (!use.has('billedMs') && requests > 0) use.needed('durationMs');
  const inside = use.number('provisionedRequests', use.number('provisioned') > 0 ? requests : 0);
  const cold = use.number('coldStarts', requests * use.number('coldShare'));
  if (inside > requests || cold > requests) {
    const field = inside > requests ? 'provisionedRequests' : 'coldStarts';
    use.problem(field, `is more than the ${requests} requests`, 'It is a part of them.');
    return [];
  }
  if (cold > 0) use.needed('initMs');
  const outside = requests - inside;
  const each = {
    durationMs: use.number('durationMs'),
    billedMs: use.maybe('billedMs'),
    streamedBytes: use.maybe('streamedBytes'),
  };
  const coldOutside = Math.min(cold, outside);
  return [
    { ...each, count: inside, provisioned: true },
    { ...each, count: outside - coldOutside },
    { ...each, count: coldOutside, initMs: use.number('initMs') },
  ];
}

export const FARGATE_KIND: UsageKind = {
  service: 'fargate',
  also: ['ecs', 'awsfargate', 'aws-fargate', 'task'],
  what: 'Tasks, from the start of the image download to their end.',
  fields: {
    arch: ARCHITECTURE,
    cpu: number(
      'vCPU of each task.',
      { vcpu: CPU_UNITS_PER_VCPU, vcpus: CPU_UNITS_PER_VCPU, cpuUnits: 1, cpu: CPU_UNITS_PER_VCPU },
      // No task has 128 vCPU, and none has 64 units.
      { over0: true, most: 64 * CPU_UNITS_PER_VCPU, beyond: { cpu: { from: 128, factor: 1 } } },
    ),
    memory: number(
      'Memory of each task in GB.',
      {
        gb: 1024,
        gib: 1024,
        memoryGb: 1024,
        memoryGiB: 1024,
        memoryMb: 1,
        memoryMiB: 1,
        mb: 1,
        memory: 1024,
      },
      // No task has 512 GB, and none has less than 512 MB.
      { over0: true, most: 512 * 1024, beyond: { memory: { from: 512, factor: 1 } } },
    ),
    ranMs: number('How long each runs, in hours. A minute at least is billed.', {
      ...time(),
      ...time('duration'),
      durationS: 1000,
    }),
    tasks: number(
      'How many such tasks; a mean need not be whole.',
      { tasks: 1, count: 1, taskCount: 1, desiredCount: 1, replicas: 1 },
      { otherwise: '1' },
    ),
    vcpuHours: count('vCPU-hours of all tasks, instead of sizes and hours.', 'vcpuHours'),
    gbHours: count('GB-hours of all tasks, beside vcpuHours.', 'gbHours', 'memoryGbHours'),
    spot: flag(
      'They run on Spot, as those of the service "fargate-spot" do.',
      'spot',
      'fargateSpot',
    ),
    provider: word(
      'FARGATE or FARGATE_SPOT, as ECS has it, instead of spot.',
      { FARGATE: [], FARGATE_SPOT: [] },
      undefined,
      'capacityProvider',
      'launchType',
    ),
    spotPercent: number(
      'Part of the on-demand price that Spot costs, in percent.',
      { spotPricePercent: 1, spotPercent: 1 },
      { most: 100, whole: true, otherwise: String(SPOT_PRICE_PERCENT) },
    ),
    spotDiscount: number(
      'What Spot costs less, in percent, instead of spotPricePercent.',
      { spotDiscountPercent: 1, spotDiscount: 100, discount: 100 },
      // A part of 1, or percent: nobody has a discount of 1 %.
      {
        most: 100,
        whole: true,
        beyond: { spotDiscount: { from: 2, factor: 1 }, discount: { from: 2, factor: 1 } },
      },
    ),
    ephemeralGb: number(
      'Storage of each task in GB. The first 20 are free.',
      {
        ephemeralGb: 1,
        ephemeralGiB: 1,
        ephemeralStorageGb: 1,
        ephemeralStorageGiB: 1,
        storageGb: 1,
        ephemeralStorage: 1,
      },
      { most: 200, otherwise: '20' },
    ),
    addresses: number(
      'Public IPv4 addresses of each task.',
      { addresses: 1, publicIps: 1, publicIpv4: 1 },
      { otherwise: '0' },
    ),
  },
  tells: [['cpu', 'memory'], ['vcpuHours']],
  example: { vcpu: 0.25, gb: 0.5, hours: 730 },
  quantities(use) {
    const architecture = use.word<'x86_64' | 'arm64'>('arch', 'x86_64');
    const percent = spotPercentOf(use);
    const onSpot = use.word<'FARGATE' | 'FARGATE_SPOT'>('provider', 'FARGATE') === 'FARGATE_SPOT';
    const spot = use.flag('spot', onSpot || use.has('spotPercent', 'spotDiscount'));
    if (use.has('vcpuHours', 'gbHours')) {
      return { quantities: sumsOf(use, architecture, spot ? percent : 100) };
    }
    const tasks = use.number('tasks', 1);
    const ranMs = use.needed('ranMs');
    return {
      quantities: [
        ...fargateQuantities({
          architecture,
          cpuUnits: use.needed('cpu'),
          memoryMiB: use.needed('memory'),
          ephemeralGiB: use.maybe('ephemeralGb'),
          // What never ran is not billed its first minute.
          tasks: [{ count: ranMs === 0 ? 0 : tasks, ranMs, spot }],
          spotPricePercent: percent,
        }),
        ...addressQuantities(
          { addresses: use.number('addresses') * tasks, hours: ranMs / MS_PER_HOUR },
          { compute: 'fargate' },
        ),
      ],
    };
  },
};

function spotPercentOf(use: UseReader): number {
  const discount = use.maybe('spotDiscount');
  if (discount === undefined) return use.number('spotPercent', Number(SPOT_PRICE_PERCENT));
  if (use.has('spotPercent')) {
    use.problem('spotDiscount', 'says the same as spotPricePercent', 'Keep one of the two.');
  }
  return 100 - discount;
}

/** Hours of vCPU and of GB, as a bill has them. */
function sumsOf(
  use: UseReader,
  architecture: 'x86_64' | 'arm64',
  percent: number,
): readonly Quantity[] {
  if (use.has('cpu', 'memory', 'ranMs', 'tasks')) {
    use.problem('vcpuHours', 'and sizes of tasks say the same', 'Keep one of the two.');
  }
  const parts = {
    owner: { compute: 'fargate' },
    ...(percent === 100 ? {} : { percent: BigInt(percent) }),
  } as const;
  return [
    line('compute', `fargate.${architecture}.vcpuHour`, exact(use.number('vcpuHours')), parts),
    line('compute', `fargate.${architecture}.gbHour`, exact(use.number('gbHours')), parts),
  ];
}
