import { describe, expect, it } from 'vitest';
import { embeddedMetrics } from './embedded-metrics.ts';

const line = (directive: object, rest: object) =>
  JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics: [directive] }, ...rest });

describe('metrics that a program prints', () => {
  it('have their namespace, dimensions and values', () => {
    const printed = line(
      {
        Namespace: 'Jobs',
        Dimensions: [['Kind'], []],
        Metrics: [{ Name: 'Waiting', Unit: 'Count', StorageResolution: 1 }, { Name: 'Ms' }],
      },
      { Kind: 'image', Waiting: 3, Ms: [1, 2], other: 'x' },
    );
    const common = { namespace: 'Jobs' };
    expect(embeddedMetrics(printed)).toEqual([
      {
        ...common,
        name: 'Waiting',
        dimensions: { Kind: 'image' },
        values: [3],
        highResolution: true,
      },
      { ...common, name: 'Waiting', dimensions: {}, values: [3], highResolution: true },
      {
        ...common,
        name: 'Ms',
        dimensions: { Kind: 'image' },
        values: [1, 2],
        highResolution: false,
      },
      { ...common, name: 'Ms', dimensions: {}, values: [1, 2], highResolution: false },
    ]);
  });

  it.each([
    'listening on 8080',
    '{"_aws": half',
    '["_aws"]',
    '{"_aws":{"CloudWatchMetrics":"none"}}',
    line({ Namespace: '', Metrics: [{ Name: 'a' }] }, { a: 1 }),
    line({ Namespace: 'N', Metrics: [{ Name: 'a' }] }, { a: 'one' }),
    line({ Namespace: 'N', Metrics: [{ Name: 'a' }] }, {}),
    line({ Namespace: 'N', Dimensions: [['b']], Metrics: [{ Name: 'a' }] }, { a: 1 }),
    line({ Namespace: 'N', Metrics: [{ Name: 1 }] }, { a: 1 }),
  ])('are not in %s', (text) => {
    expect(embeddedMetrics(text)).toEqual([]);
  });
});
