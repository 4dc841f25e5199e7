// Failures of a simulation.

import { EXIT, entry } from './fault-entry.ts';

export const SIMULATE_FAULTS = {
  SIMULATE_TRAFFIC_MISSING: entry<Record<string, never>>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '"fulcrum simulate" is given no traffic.',
    say: () => 'A simulation needs traffic over time, and nothing says what it is.',
    fix: () =>
      [
        'Say it in one of these ways:',
        '    --trace FILE         counts of requests over time, or an export of CloudWatch',
        '    --access-log FILE    an access log',
        '    --synthetic SPEC     a generator, as constant:5 or diurnal:20,peak=1.9',
      ].join('\n'),
  }),
  SIMULATE_SERVICE_UNCLEAR: entry<{ file: string; services: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'Several services of an app run on both computes, and none is named.',
    say: ({ file, services }) =>
      `${file} has ${services.length} services that run on Lambda and on Fargate, and a simulation is of one.`,
    fix: ({ services }) => `Name it with --service: ${services.join(', ')}.`,
  }),
  SIMULATE_SERVICE_UNKNOWN: entry<{
    file: string;
    service: string;
    near: string | undefined;
    services: readonly string[];
  }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: '--service names a service that there is not.',
    say: ({ file, service }) => `There is no service "${service}" in ${file}.`,
    fix: ({ near, services }) =>
      near === undefined
        ? `It has: ${services.join(', ')}.`
        : `Did you mean "${near}"? It has: ${services.join(', ')}.`,
  }),
  SIMULATE_ONE_COMPUTE: entry<{ file: string; service: string | undefined; lacks: string }>({
    blame: 'config',
    exit: EXIT.config,
    when: 'The service of a simulation does not run on both computes.',
    say: ({ file, service, lacks }) =>
      service === undefined
        ? `${file} has no service that runs on Lambda and on Fargate, so there is nothing to place.`
        : `"${service}" of ${file} does not run on ${lacks}, so there is nothing to place.`,
    fix: () =>
      'Give it settings below "lambda:" and "fargate:", or simulate without the file from another folder.',
  }),
  SIMULATE_PRICE_UNKNOWN: entry<{ item: string; region: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'The price book has no price for Lambda or Fargate in the region of a simulation.',
    say: ({ item, region }) => `There is no price for ${item} in ${region}.`,
    fix: ({ region }) =>
      `"fulcrum prices --refresh --region ${region}" reads it, or choose another --region.`,
  }),
  SIMULATE_NO_REQUESTS: entry<{ trace: string }>({
    blame: 'usage',
    exit: EXIT.config,
    when: 'The traffic of a simulation has no request in it.',
    say: ({ trace }) => `${trace} has no request in it, so there is nothing to place.`,
    fix: () => 'Give traffic with requests, or more --days of it.',
  }),
  SIMULATE_STOPPED: entry<Record<string, never>>({
    blame: 'usage',
    exit: EXIT.interrupted,
    when: 'A simulation was stopped before it had anything to say.',
    say: () => 'The simulation was stopped before the first policy had begun.',
    fix: () => 'Nothing was written. Run the command again.',
  }),
};
