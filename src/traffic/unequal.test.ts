// Files of counts that are not what they seem: two intervals, clocks set back, cut off, times from 0.

import { describe, expect, it } from 'vitest';
import { Fault } from '../base/fault.ts';
import { seededRng } from '../base/rng.ts';
import { clfTime } from '../payload/clf-time.ts';
import { trafficReader } from './read.ts';
import type { TrafficOptions, TrafficRead } from './traffic-read.ts';

const encoder = new TextEncoder();

function read(text: string, options: TrafficOptions = {}): TrafficRead {
  const reader = trafficReader('trace', options);
  reader.push(encoder.encode(text));
  return reader.end();
}

function faultOf(text: string, options: TrafficOptions = {}): Fault {
  try {
    read(text, options);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was read');
}

const BEGIN = Date.UTC(2026, 2, 29);
const MINUTE = 60_000;

/** Minutes since the beginning → a CSV in which each has 7 requests. */
const csv = (minutes: readonly number[], head = ''): string =>
  `${[head, ...minutes.map((minute) => `${stamp(minute)},7`)].filter(Boolean).join('\n')}\n`;

const stamp = (minute: number): string =>
  new Date(BEGIN + minute * MINUTE).toISOString().slice(0, 16).replace('T', ' ');

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => from + index * step);

describe('two intervals in one file', () => {
  it.each([
    ['minutes, then five', [...range(0, 100), ...range(100, 300, 5)], 102],
    ['five minutes, then one', [...range(0, 100, 5), ...range(100, 200)], 2],
    [
      'minutes between two hours of five',
      [...range(0, 90, 5), ...range(90, 200), ...range(200, 300, 5)],
      2,
    ],
  ])('are an error: %s', (_, minutes, line) => {
    const fault = faultOf(csv(minutes));
    expect(fault.code).toBe('TRAFFIC_LINE_BAD');
    expect(fault.facts).toMatchObject({
      line,
      reason:
        'from here on lines are 5 min apart, where the others are 1 min: add them up to one interval',
    });
    const { badLines, traffic } = read(csv(minutes), { skipBadLines: true });
    const known = traffic.counts.filter((count) => count !== undefined).length;
    expect(known + badLines.count).toBe(minutes.length);
    expect(badLines.first?.line).toBe(line);
    // What had no line had no request: so it is said, and so it is taken.
    expect(read(csv(minutes), { gapsAreZero: true }).requests).toBe(7 * minutes.length);
  });

  it('are not taken for what is missing here and there', () => {
    const rng = seededRng(1, 'missing');
    let refused = 0;
    for (let run = 0; run < 1000; run += 1) {
      const present = 0.6 + 0.4 * rng.next();
      const minutes = range(0, 20 + Math.floor(rng.next() * 300)).filter(
        () => rng.next() < present,
      );
      try {
        const { gaps, traffic, requests } = read(csv(minutes));
        const missing = traffic.counts.filter((count) => count === undefined).length;
        expect(requests).toBe(7 * minutes.length);
        expect(gaps?.ms ?? 0).toBe(missing * MINUTE);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        refused += 1;
      }
    }
    // By chance one of a thousand is expected at most.
    expect(refused).toBeLessThan(5);
  });
});

describe('clocks that are set back', () => {
  const why = ', as where clocks are set back by an hour: write times in UTC or with their offset';

  it('are told from lines that are out of order', () => {
    const back = faultOf(csv([...range(0, 180), ...range(120, 300)]));
    expect(back.facts).toMatchObject({
      line: 181,
      reason: `its time is before that of the line before${why}`,
    });
    const hours = faultOf(csv([0, 60, 120, 120, 180]));
    expect(hours.facts).toMatchObject({
      line: 4,
      reason: `its time is that of the line before${why}`,
    });
    expect(faultOf(csv([0, 1, 2, 1])).facts).toMatchObject({
      reason: 'its time is before that of the line before',
    });
  });

  it('are no matter where times have their offset', () => {
    const at = (time: string, offset: string) => `2026-10-25T${time}:00${offset},7`;
    const text = [at('02:00', '+02:00'), at('02:30', '+02:00'), at('02:00', '+01:00')].join('\n');
    expect(read(text).traffic).toMatchObject({ intervalMs: 30 * MINUTE, counts: [7, 7, 7] });
  });
});

describe('a file that was cut off', () => {
  it('may be one, if it is a log whose last line has no end', () => {
    const line =
      '2.0.0.1 - - [10/Apr/2014:00:14:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8.0" 0.020';
    expect(read(`${line}\n${line}\n`).notes).toEqual([]);
    expect(read(`${line}\n${line}`).notes).toEqual([
      'Its last line, 2, has no line break: if the file was cut off there, requests are missing.',
    ]);
  });

  const whole = csv(range(0, 50), 'time,count');

  it('is an error, or may be one, wherever that was', () => {
    const line = whole.trimEnd().lastIndexOf('\n') + 1;
    for (let at = line + 1; at < whole.length; at += 1) {
      try {
        const { notes } = read(whole.slice(0, at));
        expect(at).toBe(whole.length - 1);
        expect(notes).toEqual([
          'Its last line, 51, has no line break: if the file was cut off there, so is its count.',
        ]);
      } catch (error) {
        expect((error as Fault).facts).toMatchObject({ line: 51 });
      }
    }
    expect(read(whole).notes).toEqual([]);
  });
});

describe('a CSV', () => {
  it.each([
    ['second', 1000],
    ['t', 1000],
    ['time_s', 1000],
    ['minute', MINUTE],
    ['t_ms', 1],
    ['hour', 3_600_000],
  ])('may count from the beginning: %s', (name, unitMs) => {
    const rows = [0, 10, 20, 40].map((at) => `${at},${at + 1}`);
    const { traffic, notes, gaps } = read(`${name},count\n${rows.join('\n')}\n`);
    expect(traffic).toMatchObject({ intervalMs: 10 * unitMs, startMs: undefined });
    expect(traffic.counts).toEqual([1, 11, 21, undefined, 41]);
    expect(gaps?.count).toBe(1);
    expect(notes[0]).toContain(`The column "${name}" has no dates`);
  });

  it('of requests may count from the beginning, with parts of a second', () => {
    const { traffic, format } = read('t,path\n0.25,/a\n0.5,/b\n2.125,/c\n');
    expect(format).toBe('requests');
    expect(traffic).toMatchObject({ counts: [2, 0, 1], intervalMs: 1000, startMs: undefined });
  });

  it('of times and what a request took has no counts', () => {
    const { requests, format, traffic } = read('time,latency_ms\n1431857103,12\n1431857104,20\n');
    expect({ requests, format }).toEqual({ requests: 2, format: 'requests' });
    expect(traffic.requests.durationMs).toBe(16);
  });

  it('says so where it takes each line as a request and could be wrong', () => {
    const rows = '\n2026-03-29 00:00:00,4,5\n2026-03-29 00:01:00,4,6\n';
    expect(read(`time,a,b${rows}`).notes).toEqual([
      'No column is called "count", so each line is taken as one request: name the column if there is one.',
    ]);
    expect(read(`time,path,b${rows}`).notes).toEqual([]);
    expect(read(`time,a,count${rows}`)).toMatchObject({ format: 'counts', requests: 11 });
  });

  it('has no decimal comma', () => {
    expect(faultOf('2026-03-29 00:00;0,5\n2026-03-29 00:01;2\n').facts).toMatchObject({
      line: 1,
      reason: 'its count "0,5" is no number',
    });
  });

  it.each(['timestamp,count', 'epoch_s,method,url,status,bytes', '\uFEFFtime;requests\r\n'])(
    'that has only a header says so: %s',
    (header) => {
      const fault = faultOf(header);
      expect(fault.code).toBe('TRAFFIC_EMPTY_TABLE');
      expect(fault.message).toContain('has no line after its header');
    },
  );

  it('shows nothing of a file that could move the cursor', () => {
    const fault = faultOf('\u001b[2Jtime\rcount\n');
    expect(fault.code).toBe('TRAFFIC_FORMAT_UNKNOWN');
    expect(fault.message).toContain('·[2Jtime·count');
  });
});

describe('a log', () => {
  const line = (ms: number) => `1.2.3.4 - - [${clfTime(ms)}] "GET / HTTP/1.1" 200 1\n`;
  const HOURS = 26;
  const log = range(0, HOURS * 6, 1)
    .map((step) => line(BEGIN + step * 10 * MINUTE + step * 1000))
    .join('');

  it('is counted by the second where that is asked for', () => {
    const { traffic, requests } = read(log, { bySecond: true });
    expect(traffic.intervalMs).toBe(1000);
    expect(requests).toBe(HOURS * 6);
    expect(traffic.counts).toHaveLength((HOURS * 6 - 1) * 601 + 1);
    expect(traffic.counts.filter((count) => count === 1)).toHaveLength(HOURS * 6);
    expect(traffic.counts[601]).toBe(1);
    expect(read(log).traffic.intervalMs).toBe(MINUTE);
  });

  it('is counted by the minute when it has too many seconds, and says so', () => {
    const DAY = 86_400_000;
    const long = read(line(BEGIN) + line(BEGIN + 96 * DAY), { bySecond: true });
    expect(long.traffic.intervalMs).toBe(1000);
    const longer = read(line(BEGIN) + line(BEGIN + 98 * DAY), { bySecond: true });
    expect(longer.traffic.intervalMs).toBe(MINUTE);
    expect(longer.notes[0]).toBe(
      'It reaches from 2026-03-29 00:00:00 to 2026-07-05 00:01:00 UTC: too long to count by the second, so it is counted by the minute.',
    );
  });

  it('has no line that is millennia from the others', () => {
    const far = line(BEGIN) + line(BEGIN).replace('/2026:', '/9026:');
    expect(faultOf(far).facts).toMatchObject({
      line: 2,
      reason: 'it is 7,000 years from another line: one of their times is wrong',
    });
    expect(read(far, { skipBadLines: true }).requests).toBe(1);
  });
});
