import { describe, expect, it } from 'vitest';
import { loadApp } from '../../config/load.ts';
import type { EngineEvent } from '../../model/event.ts';
import { AlarmBook, minutesNeeded } from './alarm-book.ts';
import { eventStream } from './event-stream.ts';
import { metricStore } from './metric-store.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const jobs = { namespace: 'Jobs', name: 'Waiting', dimensions: {} };

function bookOf(alarms: string) {
  const text = `app: demo\nservices: { api: { command: x, fargate: {} } }\nalarms:\n  ${alarms}\n`;
  const app = loadApp({ name: 'fulcrum.yml', text }, undefined);
  const store = metricStore(NOON);
  const events = eventStream();
  const seen: EngineEvent[] = [];
  events.listen((event) => seen.push(event));
  const book = new AlarmBook(app, store, events);
  /** A second passes, in which a value was added. */
  const second = (value?: number) => {
    if (value !== undefined) store.metric(jobs).add(value);
    store.tick(store.time + 1000);
    book.tick();
  };
  return { app, book, store, seen, second };
}

const METRIC = 'metric: { namespace: Jobs, name: Waiting }, threshold: 10';

describe('the alarms of an app', () => {
  it('change their state at the end of a minute, are told, and listed while in ALARM', () => {
    const { book, seen, second } = bookOf(`many: { ${METRIC} }`);
    const told: (readonly string[])[] = [];
    const release = book.onChange((inAlarm) => told.push([...inAlarm]));
    for (let at = 1; at <= 59; at += 1) second(50);
    expect(seen).toEqual([]);
    expect(book.status()).toEqual([
      {
        alarm: 'many',
        service: undefined,
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        since: NOON,
      },
    ]);
    second(50);
    expect(seen).toEqual([
      {
        type: 'alarm',
        at: NOON + MINUTE,
        name: 'many',
        service: undefined,
        from: 'INSUFFICIENT_DATA',
        to: 'ALARM',
        reason:
          'Threshold Crossed: 1 out of the last 1 datapoints [50.0 (21/11/26 12:00:00)] was greater than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition).',
      },
    ]);
    expect([...book.inAlarm()]).toEqual(['many']);
    for (let at = 1; at <= 60; at += 1) second(1);
    expect(told).toEqual([['many'], []]);
    release();
    for (let at = 1; at <= 240; at += 1) second(at <= 60 ? 90 : undefined);
    expect(told).toHaveLength(2);
    // It looks two datapoints further back before it says that there are none.
    expect(book.status()[0]?.state).toBe('INSUFFICIENT_DATA');
  });

  it('of 10 s are evaluated every 10 s, on metrics of high resolution', () => {
    const { seen, second } = bookOf(`many: { ${METRIC}, period: 10s, datapoints: 2, of: 3 }`);
    for (let at = 1; at <= 40; at += 1) second(at <= 20 ? 50 : 1);
    expect(seen.map((event) => event.type === 'alarm' && [event.at - NOON, event.to])).toEqual([
      [20_000, 'ALARM'],
      [40_000, 'OK'],
    ]);
  });

  it('of policies are no alarms of the app, and repeat their action every minute', () => {
    const { app, book, second } = bookOf(`many: { ${METRIC}, period: 20s }`);
    const [settings] = app.alarms;
    if (settings === undefined) throw new Error('no alarm');
    const policy = book.watch({ ...settings, name: 'policy' }, 'api');
    const due: number[] = [];
    for (let at = 1; at <= 180; at += 1) {
      second(50);
      if (policy.view().due) due.push(at);
    }
    expect(due).toEqual([10, 70, 130]);
    expect(policy.view()).toMatchObject({ name: 'policy', state: 'ALARM', values: [50] });
    expect([...book.inAlarm()]).toEqual(['many']);
  });

  it('need as many minutes of metrics as the longest looks back', () => {
    expect(minutesNeeded(bookOf(`many: { ${METRIC} }`).app)).toBe(17);
    expect(minutesNeeded(bookOf(`many: { ${METRIC}, period: 1h, of: 6 }`).app)).toBe(480);
  });
});
