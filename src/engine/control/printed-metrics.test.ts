import { expect, it } from 'vitest';
import type { EngineEvent, LogEvent } from '../../model/event.ts';
import { eventStream } from './event-stream.ts';
import { metricStore } from './metric-store.ts';
import { PrintedMetrics } from './printed-metrics.ts';

const NOON = Date.UTC(2026, 10, 21, 12);

const printed = (namespace: string, name: string, source: LogEvent['source'] = 'program') => ({
  type: 'log' as const,
  at: NOON,
  service: 'api',
  compute: 'fargate' as const,
  group: '/ecs/demo/api',
  stream: 's',
  source,
  line: JSON.stringify({
    _aws: { CloudWatchMetrics: [{ Namespace: namespace, Metrics: [{ Name: name }] }] },
    [name]: [1, 2],
  }),
});

it('what programs print is kept, up to a thousand metrics, and not under the names of AWS', () => {
  const store = metricStore(NOON);
  const events = eventStream();
  const told: EngineEvent[] = [];
  events.listen((event) => told.push(event));
  const metrics = new PrintedMetrics(store, events);
  metrics.note(printed('AWS/ECS', 'CPUUtilization'));
  metrics.note(printed('Jobs', 'Waiting', 'platform'));
  expect(store.series()).toEqual([]);
  for (let index = 0; index < 1010; index += 1) metrics.note(printed('Jobs', `M${index}`));
  metrics.note(printed('Jobs', 'M0'));
  expect(store.series()).toHaveLength(1000);
  expect(store.series()[0]?.datapoints[0]).toMatchObject({ sampleCount: 4, sum: 6 });
  expect(told.map((event) => event.type === 'notice' && event.message)).toEqual([
    'api prints more than 1000 metrics of its own; further ones are not kept. Use fewer dimensions: on AWS each is charged.',
  ]);
});
