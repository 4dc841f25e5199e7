import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRule, AlarmState, MissingData } from '../model/alarm.ts';
import {
  type AlarmMemory,
  type AlarmPoint,
  alarmBakeMs,
  evaluateAlarm,
  evaluationEveryMs,
  startAlarm,
} from './alarm.ts';

const rule: AlarmRule = {
  statistic: 'Average',
  comparison: 'GreaterThanThreshold',
  threshold: 60,
  periodMs: 60_000,
  datapoints: 3,
  of: 3,
  missing: 'missing',
};

const NOW = Date.UTC(2026, 10, 21, 13, 45);
const MISSING = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

/** "0 - X": the oldest first, as the tables of CloudWatch have it; gives the latest first. */
function points(text: string): readonly AlarmPoint[] {
  const values: Readonly<Record<string, number>> = { '0': 10, X: 90 };
  return text
    .split(' ')
    .reverse()
    .map((mark, index) => ({ at: NOW - (index + 1) * 60_000, value: values[mark] }));
}

const inState = (state: AlarmState): AlarmMemory => ({ state, reason: 'before', since: 0 });

function evaluate(over: Partial<AlarmRule>, text: string, before: AlarmState): AlarmMemory {
  return evaluateAlarm({ ...rule, ...over }, points(text), inState(before), NOW);
}

describe('the tables of CloudWatch', () => {
  // Columns: missing, ignore, breaching, notBreaching; "kept" is the state before.
  const three = [
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'kept', 'ALARM', 'OK'],
  ] as const;
  const twoOfThree = [
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', 'kept', 'ALARM', 'OK'],
  ] as const;

  it.each([
    ...three.map(([text, ...states]) => ({ datapoints: 3, text, states })),
    ...twoOfThree.map(([text, ...states]) => ({ datapoints: 2, text, states })),
  ])('$datapoints out of 3: $text', ({ datapoints, text, states }) => {
    for (const before of ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const) {
      const found = MISSING.map((missing) => evaluate({ datapoints, missing }, text, before).state);
      expect(found, before).toEqual(states.map((state) => (state === 'kept' ? before : state)));
    }
  });

  it.each(['- - - - X', '- - - X -'])('%s is too early for an alarm of 3 out of 3', (text) => {
    expect(evaluate({}, text, 'OK').state).toBe('OK');
    expect(evaluate({}, text, 'INSUFFICIENT_DATA').state).toBe('INSUFFICIENT_DATA');
  });
});

describe('its reason', () => {
  it('names the datapoints as CloudWatch does', () => {
    expect(evaluate({}, 'X X X', 'OK').reason).toBe(
      'Threshold Crossed: 3 out of the last 3 datapoints [90.0 (21/11/26 13:44:00), 90.0 (21/11/26 13:43:00), 90.0 (21/11/26 13:42:00)] were greater than the threshold (60.0) (minimum 3 datapoints for OK -> ALARM transition).',
    );
    const low = { comparison: 'LessThanOrEqualToThreshold', datapoints: 1, of: 1 } as const;
    expect(evaluate(low, 'X', 'ALARM').reason).toBe(
      'Threshold Crossed: 1 out of the last 1 datapoints [90.0 (21/11/26 13:44:00)] was not less than or equal to the threshold (60.0) (minimum 1 datapoint for ALARM -> OK transition).',
    );
  });

  it('tells of what is missing', () => {
    expect(evaluate({}, '- - -', 'OK').reason).toBe(
      'Insufficient Data: 3 datapoints were unknown.',
    );
    expect(evaluate({ datapoints: 1, of: 1, missing: 'breaching' }, '-', 'OK').reason).toBe(
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    );
    expect(evaluate({ missing: 'notBreaching' }, '- - -', 'ALARM').reason).toBe(
      'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [NonBreaching].',
    );
    expect(evaluate({ missing: 'breaching' }, '- - X', 'OK').reason).toContain(
      'and 2 missing datapoints were treated as [Breaching] (minimum 3',
    );
  });

  it('stays that of the change while the state does', () => {
    const alarm = evaluate({}, 'X X X', 'OK');
    expect(evaluateAlarm(rule, points('X X X'), alarm, NOW + 60_000)).toBe(alarm);
    expect(startAlarm(5)).toEqual({
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      since: 5,
    });
  });
});

describe('time', () => {
  it('alarms of less than a minute are evaluated every 10 s, the others every minute', () => {
    const every = (periodMs: number) => evaluationEveryMs({ ...rule, periodMs });
    expect([10_000, 20_000, 30_000, 60_000, 300_000].map(every)).toEqual([
      10_000, 10_000, 10_000, 60_000, 60_000,
    ]);
  });

  it('alarms are watched after a deployment as long as the slowest needs', () => {
    expect(alarmBakeMs([])).toBe(0);
    expect(alarmBakeMs([rule, { ...rule, periodMs: 10_000, of: 2 }])).toBe(240_000);
  });
});

describe('always', () => {
  const marks = fc.array(fc.constantFrom('0', 'X', '-'), { minLength: 5, maxLength: 5 });
  const rules = fc.record({
    datapoints: fc.integer({ min: 1, max: 3 }),
    of: fc.constant(3),
    missing: fc.constantFrom(...MISSING),
  });
  const states = fc.constantFrom<AlarmState>('OK', 'ALARM', 'INSUFFICIENT_DATA');

  it('with enough datapoints, only the latest count and `missing` says nothing (A1)', () => {
    fc.assert(
      fc.property(marks, rules, states, (range, over, before) => {
        const there = range.filter((mark) => mark !== '-').slice(-3);
        fc.pre(there.length === 3);
        const crossing = there.filter((mark) => mark === 'X').length;
        const found = evaluate(over, range.join(' '), before);
        expect(found.state).toBe(crossing >= over.datapoints ? 'ALARM' : 'OK');
      }),
    );
  });

  it('missing data never ends an alarm that the datapoints there are demand (A2)', () => {
    fc.assert(
      fc.property(marks, rules, states, (range, over, before) => {
        const there = range.filter((mark) => mark !== '-').slice(-3);
        const crossing = there.filter((mark) => mark === 'X').length;
        fc.pre(crossing >= over.datapoints);
        const missing: MissingData = over.missing;
        expect(evaluate({ ...over, missing }, range.join(' '), before).state).toBe('ALARM');
      }),
    );
  });
});
