import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../base/fault.ts';
import { accessLogLine } from '../payload/access-log-line.ts';
import { clfTime } from '../payload/clf-time.ts';
import { trafficReader } from './read.ts';
import type { TrafficOptions, TrafficRead } from './traffic-read.ts';

const encoder = new TextEncoder();

function read(text: string | Uint8Array, options: TrafficOptions = {}, cut = 1e9): TrafficRead {
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  const reader = trafficReader('trace', options);
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
  return reader.end();
}

function faultOf(text: string | Uint8Array, options: TrafficOptions = {}): Fault {
  try {
    read(text, options);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was read');
}

const ALB =
  'https 2018-07-02T22:23:00.186641Z app/my-lb/50dc6c495c0c9188 192.0.2.39:2817 10.0.0.1:80 ' +
  '0.086 0.048 0.037 200 200 34 366 "GET https://www.example.com:443/a?b=%22 HTTP/1.1" "curl/7.46" ' +
  'ECDHE TLSv1.2 arn "Root=1-5833" "www.example.com" "arn:x" 1 2018-07-02T22:22:48.364000Z "forward" ' +
  '"-" "-" "10.0.0.1:80" "200" "-" "-" TID_1';

const CLF = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 2326';

describe('counts', () => {
  const LINES = '2014-04-10 00:04:00,94.0\n2014-04-10 00:09:00,56.0\n2014-04-10 00:19:00,187\n';

  it('have the interval of their lines, and gaps that are not zeros', () => {
    const { traffic, gaps, requests, format } = read(`timestamp,value\n${LINES}`);
    expect(format).toBe('counts');
    expect(traffic.intervalMs).toBe(300_000);
    expect(traffic.startMs).toBe(Date.parse('2014-04-10T00:04:00Z'));
    expect(traffic.counts).toEqual([94, 56, undefined, 187]);
    expect(requests).toBe(337);
    const fromMs = Date.parse('2014-04-10T00:14:00Z');
    expect(gaps).toEqual({ count: 1, ms: 300_000, longest: { fromMs, ms: 300_000 } });
    expect(read(LINES, { gapsAreZero: true }).traffic.counts).toEqual([94, 56, 0, 187]);
  });

  it.each([
    ['without a header', LINES],
    ['with CRLF and a byte order mark', `\uFEFFtime,count\r\n${LINES.replaceAll('\n', '\r\n')}`],
    ['without a last line break', LINES.trimEnd()],
    ['with semicolons', LINES.replaceAll(',', ';')],
    ['with tabs and the other order', 'n\ttime\n94\t1397088240\n56\t1397088540\n187\t1397089140'],
    ['in milliseconds', '1397088240000,94\n1397088540000,56\n1397089140000,187\n'],
    ['with quotes', LINES.replace(/^(.+),(.+)$/gm, '"$1","$2"')],
    ['with an offset', LINES.replace(/ (..:..:..)/g, 'T$1+00:00')],
    ['with blank lines', LINES.replaceAll('\n', '\n\n')],
    [
      'under labels of CloudWatch, in any order',
      'Full label,RequestCount\nLabel,RequestCount\nUnit,Count\n2014/04/10 00:19:00,187\n2014/04/10 00:04:00,94\n2014/04/10 00:14:00,\n2014/04/10 00:09:00,56\n',
    ],
  ])('are read %s', (_, text) => {
    expect(read(text).traffic.counts).toEqual([94, 56, undefined, 187]);
    expect(read(text).traffic.startMs).toBe(1_397_088_240_000);
  });

  it('are read in UTF-16, as some shells write it', () => {
    const text = `\uFEFF${LINES}`;
    const little = Uint8Array.from(
      [...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]),
    );
    const big = Uint8Array.from(
      [...text].flatMap((c) => [c.charCodeAt(0) >> 8, c.charCodeAt(0) & 255]),
    );
    expect(read(little, {}, 3).traffic.counts).toEqual([94, 56, undefined, 187]);
    expect(read(big).traffic.counts).toEqual([94, 56, undefined, 187]);
  });

  it.each([
    ['2014-04-10 00:14:00,12\n', 3, 'its time is before that of the line before'],
    ['2014-04-10 00:19:00,12\n', 4, 'its time is that of the line before'],
    ['2014-04-10 00:24:00,-3\n', 4, 'its count -3 is negative'],
    ['2014-04-10 00:24:00,1e30\n', 4, 'its count 1e30 is too large for one interval'],
    ['2014-04-10 00:24:00,many\n', 4, 'its count "many" is no number'],
    ['2014-04-10 00:24:00,NaN\n', 4, 'its count "NaN" is no number'],
    ['2014-04-10 00:24:00,\n', 4, 'it has no count'],
    ['2014-04-10 00:2', 4, 'it has one field where the first line has 2'],
    ['2014-04-31 00:24:00,1\n', 4, '"2014-04-31 00:24:00" is no time'],
    [
      '2014-04-10 00:24:07,1\n',
      4,
      'it is 5 min 7 s after the one before, where the others are 5 min apart',
    ],
  ])('say which line is wrong, and why: %j', (bad, line, reason) => {
    const text =
      line === 3
        ? `${LINES.split('\n').slice(0, 1).join('\n')}\n2014-04-10 00:19:00,1\n${bad}`
        : LINES + bad;
    const fault = faultOf(text);
    expect(fault.code).toBe('TRAFFIC_LINE_BAD');
    expect(fault.facts).toMatchObject({ file: 'trace', line, reason });
    const { badLines, traffic } = read(text, { skipBadLines: true });
    expect(badLines).toMatchObject({ count: 1, first: { line, reason } });
    expect(traffic.counts.at(-1)).toBe(line === 3 ? 1 : 187);
  });

  it('that are one interval cannot tell how long it is', () => {
    expect(faultOf('time,count\n2014-04-10 00:04:00,94\n').code).toBe('TRAFFIC_TOO_SHORT');
  });
});

describe('answers of CloudWatch', () => {
  it('are read in any order from get-metric-statistics', () => {
    const datapoint = (time: string, sum: number) => ({ Timestamp: time, Sum: sum, Unit: 'Count' });
    const json = {
      Label: 'RequestCount',
      Datapoints: [
        datapoint('2014-04-10T00:10:00+00:00', 5),
        datapoint('2014-04-10T00:00:00Z', 7),
        datapoint('2014-04-10T00:05:00Z', 0),
      ],
    };
    for (const text of [JSON.stringify(json), JSON.stringify(json, null, 4)]) {
      expect(read(text, {}, 7)).toMatchObject({
        format: 'cloudwatch-json',
        lines: 3,
        traffic: { intervalMs: 300_000, counts: [7, 0, 5] },
      });
    }
  });

  it('are read from get-metric-data, and say that more is there', () => {
    const result = {
      Id: 'm1',
      Label: 'RequestCount',
      Timestamps: ['2014-04-10T00:01:00Z', '2014-04-10T00:00:00Z'],
      Values: [2, 1],
      StatusCode: 'PartialData',
    };
    const { traffic, notes } = read(JSON.stringify({ MetricDataResults: [result], Messages: [] }));
    expect(traffic).toMatchObject({ intervalMs: 60_000, counts: [1, 2] });
    expect(notes).toEqual(['CloudWatch says that there is more: this is a part of the metric.']);
    const two = JSON.stringify({ MetricDataResults: [result, { ...result, Id: 'm2' }] });
    expect(faultOf(two).message).toContain('it has 2 metrics (m1, m2)');
  });

  it.each([
    ['{"Datapoints": [{"Timestamp": "2014-04-10T00:00:00Z", "Average": 3}]}', 'neither "Sum" nor'],
    ['{"Datapoints": [{"Timestamp": "2014-04-10T00:00:00Z", "Sum"', 'it is no whole JSON'],
    ['{"Datapoints": [{"Timestamp": "soon", "Sum": 1}]}', '"soon" of datapoint 1 is no time'],
    ['{"Datapoints": [{"Timestamp": "2014-04-10T00:00:00Z", "Sum": -1}]}', 'the count -1'],
  ])('that are wrong say why: %s', (text, reason) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('TRAFFIC_JSON_BAD');
    expect(fault.message).toContain(reason);
  });
});

describe('access logs', () => {
  it('of a load balancer count a request when it came, with what it took', () => {
    // Answered at 22:23:00.186 after 0.171 s: it came in the same second; one of 0.3 s did not.
    const slow = ALB.replace('0.048', '0.248');
    const { traffic, format, peakSecond } = read(`${ALB}\n${slow}\n`);
    expect(format).toBe('alb');
    expect(traffic.counts).toEqual([1, 1]);
    expect(traffic.startMs).toBe(Date.parse('2018-07-02T22:22:59Z'));
    expect(peakSecond).toBe(1);
    expect(traffic.requests).toMatchObject({
      requestBytes: 34,
      responseBytes: 366,
      durationMs: 148,
    });
  });

  it('are read as this program writes them', () => {
    const time = '2026-01-02T03:04:05.678000Z';
    const undefineds = {
      targetStatus: undefined,
      target: undefined,
      userAgent: 'a "b" \\',
    } as const;
    const entry = {
      type: 'http',
      time,
      balancer: 'app/x/1',
      client: '[::1]:80',
      status: 503,
    } as const;
    const line = accessLogLine({
      ...undefineds,
      ...entry,
      receivedBytes: 10,
      sentBytes: 20,
      request: 'GET http://a:80/ HTTP/1.1',
      requestSeconds: undefined,
      targetSeconds: undefined,
      responseSeconds: undefined,
      cipher: undefined,
      protocol: undefined,
      targetGroup: undefined,
      traceId: undefined,
      serverName: undefined,
      certificate: undefined,
      priority: 0,
      created: time,
      actions: undefined,
      redirectUrl: undefined,
      errorReason: undefined,
      connectionId: 'TID_1',
      transformedHost: undefined,
      transformedUri: undefined,
      transformStatus: undefined,
    });
    const { traffic, requests } = read(line);
    expect(requests).toBe(1);
    expect(traffic.requests).toMatchObject({ requestBytes: 10, responseBytes: 20 });
    expect(traffic.requests.durationMs).toBeUndefined();
  });

  it('of a Classic Load Balancer have no type', () => {
    const classic = `2015-05-13T23:39:43.945958Z my-lb 192.0.2.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -`;
    expect(read(classic)).toMatchObject({ format: 'alb', requests: 1 });
  });

  it('of web servers are read with their offset, escaped quotes and no bytes', () => {
    const odd = '::1 - - [10/Oct/2000:20:55:37 +0000] "GET /\\"[x] HTTP/1.0" 304 - "-" "a [b"';
    const { traffic, format } = read(`${CLF}\n${odd}\n`);
    expect(format).toBe('common');
    expect(traffic.startMs).toBe(Date.parse('2000-10-10T20:55:36Z'));
    expect(traffic.counts).toEqual([1, 1]);
    expect(traffic.requests.responseBytes).toBe(1163);
  });

  it('of requests as CSV are read by the names of their columns', () => {
    const text =
      'epoch_s,method,url,status,bytes,latency_ms\n1431857103,GET,"/a,b",200,100,12.5\n1431857101,GET,/,200,,7.5';
    expect(read(text)).toMatchObject({
      format: 'requests',
      traffic: { counts: [1, 0, 1], requests: { responseBytes: 100, durationMs: 10 } },
    });
    expect(read(text.replace('latency_ms', 'latency')).notes[0]).toContain('has no unit');
  });

  it('say where nothing came for long, as no traffic', () => {
    const at = (ms: number) => `1.2.3.4 - - [${clfTime(ms)}] "GET / HTTP/1.1" 200 1\n`;
    const hour = Array.from({ length: 3600 }, (_, s) => at(s * 1000)).join('');
    const later = Array.from({ length: 3600 }, (_, s) => at(s * 1000 + 10 * 3_600_000)).join('');
    const { traffic, notes } = read(hour + later);
    expect(notes).toEqual([
      'No request for 9 h from 1970-01-01 01:00:00 UTC: counted as no traffic. Is a file missing?',
    ]);
    expect(traffic.counts).toHaveLength(11 * 60);
    expect(traffic.counts[61]).toBe(0);
  });

  it('of years stay small, in any order of their lines', () => {
    const years = [2003, 1999, 2026, 1971, 2012];
    const text = years.map((year) => CLF.replace('2000', String(year))).join('\n');
    const { traffic, peakSecond, notes } = read(text);
    expect(traffic.intervalMs).toBe(3_600_000);
    expect(notes[0]).toContain('It reaches from 1971-10-10 20:00:00 to 2026-10-10 21:00:00 UTC');
    expect(peakSecond).toBeUndefined();
    expect(traffic.counts.filter((count) => count === 1)).toHaveLength(5);
    expect(traffic.counts.length).toBeLessThan(500_000);
  });
});

describe('a line that is wrong', () => {
  const cut = ALB.slice(0, 100);

  it('is named with its number, its begin and the reason', () => {
    const fault = faultOf(`${ALB}\n${ALB}\n${cut}\n${ALB}\n`);
    expect(fault.code).toBe('TRAFFIC_LINE_BAD');
    expect(fault.message).toBe(
      `trace:3: it ends in its field 7, before the request (read as "alb").\n  | ${cut.slice(0, 80)}…`,
    );
  });

  it('is left out and counted when that is asked for', () => {
    const { badLines, requests } = read(`${ALB}\n${cut}\n${ALB}\nnonsense`, { skipBadLines: true });
    expect(requests).toBe(2);
    expect(badLines.count).toBe(2);
    expect(badLines.first?.line).toBe(2);
  });

  it('is not taken for a count of bytes', () => {
    expect(faultOf(`${ALB}\n${ALB.replace(' 34 366', ' 34 x66')}`).facts).toMatchObject({
      line: 2,
    });
  });
});

describe('what is no traffic', () => {
  it.each([
    ['nothing', '', 'TRAFFIC_EMPTY'],
    ['blank lines', '\n\n  \n', 'TRAFFIC_EMPTY'],
    ['prose', 'Once upon a time\nthere was a server.\n', 'TRAFFIC_FORMAT_UNKNOWN'],
    ['another JSON', '{"a": 1}', 'TRAFFIC_FORMAT_UNKNOWN'],
    ['zeros', '\0\x01\x02\0\0\0\0\0\0\x07', 'TRAFFIC_NOT_TEXT'],
    ['Parquet', 'PAR1\x15\x04', 'TRAFFIC_NOT_TEXT'],
    ['only a header', 'timestamp,count\n', 'TRAFFIC_EMPTY_TABLE'],
  ])('is said: %s', (_, text, code) => {
    expect(faultOf(text).code).toBe(code);
  });

  it('is not read as the format that is named', () => {
    expect(faultOf('a,b\n', { format: 'counts' }).code).toBe('TRAFFIC_FORMAT_UNKNOWN');
    expect(faultOf(CLF, { format: 'alb' }).code).toBe('TRAFFIC_LINE_BAD');
    expect(read('1431857103,5\n1431857104,6\n', { format: 'requests' }).requests).toBe(2);
  });

  it('is a line without end', () => {
    const reader = trafficReader('trace');
    reader.push(encoder.encode(`${CLF}\n`));
    const chunk = new Uint8Array(300_000).fill(65);
    expect(() => {
      for (let times = 0; times < 20; times += 1) reader.push(chunk);
    }).toThrow('has more than 1024 KiB');
  });
});

/** The same by plain means: split, regular expressions, Date. */
function slowly(lines: readonly string[]) {
  const counts = new Map<number, number>();
  let bytes = 0;
  for (const line of lines) {
    const [, type = '', time = '', ...rest] =
      /^(\S+) (\S+) \S+ \S+ \S+ (\S+) (\S+) (\S+) \S+ \S+ \d+ (\d+) "/.exec(line) ?? [];
    if (type === '') throw new Error(line);
    const micros = Number(time.slice(20, -1));
    const took = rest
      .slice(0, 3)
      .reduce((sum, s) => sum + Math.max(0, Math.round(Number(s) * 1e6)), 0);
    const second = Math.floor((Date.parse(`${time.slice(0, 19)}Z`) * 1000 + micros - took) / 1e6);
    counts.set(second, (counts.get(second) ?? 0) + 1);
    bytes += Number(rest[3]);
  }
  return { counts, bytes };
}

describe('the byte scanner', () => {
  const two = (number: number): string => String(number).padStart(2, '0');
  const seconds = fc.oneof(
    fc.constant('-1'),
    fc.integer({ min: 0, max: 99_999 }).map((ms) => (ms / 1000).toFixed(3)),
    fc.integer({ min: 0, max: 5_000_000 }).map((us) => (us / 1e6).toFixed(6)),
  );
  const line = fc
    .record({
      type: fc.constantFrom('http', 'https', 'h2', 'grpcs', 'ws', 'wss'),
      day: fc.constantFrom(28, 29),
      hour: fc.constantFrom(0, 23),
      minute: fc.integer({ min: 0, max: 2 }),
      second: fc.integer({ min: 0, max: 59 }),
      micros: fc.integer({ min: 0, max: 999_999 }),
      times: fc.tuple(seconds, seconds, seconds),
      bytes: fc.nat(),
      path: fc.stringMatching(/^[ -!#-~é]{0,40}$/),
    })
    .map(
      ({ type, day, hour, minute, second, micros, times, bytes, path }) =>
        `${type} 2024-02-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}.${String(micros).padStart(6, '0')}Z app/x/1 1.2.3.4:5 - ${times.join(' ')} 200 - 5 ${bytes} "GET http://a/${path} HTTP/1.1" "x"`,
    );

  it('agrees with plain means, wherever the chunks cut a line', () => {
    const cases = fc.tuple(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom('\n', '\r\n'),
    );
    fc.assert(
      fc.property(cases, ([lines, cut, lineBreak]) => {
        const { traffic, requests } = read(lines.join(lineBreak), { format: 'alb' }, cut);
        const wanted = slowly(lines);
        expect(requests).toBe(lines.length);
        expect((traffic.requests.responseBytes ?? 0) * requests).toBeCloseTo(wanted.bytes, 3);
        const stepS = traffic.intervalMs / 1000;
        const byStep = new Map<number, number>();
        for (const [second, count] of wanted.counts) {
          const step = Math.floor(second / stepS);
          byStep.set(step, (byStep.get(step) ?? 0) + count);
        }
        const begin = (traffic.startMs ?? 0) / traffic.intervalMs;
        for (const [step, count] of byStep) expect(traffic.counts[step - begin]).toBe(count);
        expect(traffic.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(requests);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same for every border of a chunk', () => {
    const text = `${ALB}\r\n${ALB.replace('22:23:00', '22:24:10')}\n${ALB.replace('366', '9')}`;
    // What comes first is looked at as a whole, so the borders are behind it.
    const before = encoder.encode(`${ALB}\n`.repeat(200));
    const whole = read(`${ALB}\n`.repeat(200) + text);
    for (let at = 1; at < text.length; at += 1) {
      const reader = trafficReader('trace');
      reader.push(before);
      reader.push(encoder.encode(text.slice(0, at)));
      reader.push(encoder.encode(text.slice(at)));
      expect(reader.end()).toEqual(whole);
    }
  });

  it('reads times of web servers as plain means do', () => {
    const ms = fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1000);
    const offset = fc.tuple(
      fc.constantFrom('+', '-'),
      fc.integer({ min: 0, max: 13 }),
      fc.constantFrom(0, 30, 45),
    );
    fc.assert(
      fc.property(ms, offset, (at, [sign, hours, minutes]) => {
        const shift = (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
        const time = clfTime(at + shift).replace('+0000', `${sign}${two(hours)}${two(minutes)}`);
        const text = `1.2.3.4 - - [${time}] "GET / HTTP/1.1" 200 1\n`;
        expect(read(text).traffic.startMs).toBe(at);
      }),
    );
  });

  it('never takes broken text for something else than a fault', () => {
    const text = `${ALB}\n${CLF}\n1431857103,5\n`;
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.uint8Array({ maxLength: 8 }),
        fc.boolean(),
        (at, bytes, skip) => {
          const whole = encoder.encode(text);
          const broken = Uint8Array.of(
            ...whole.subarray(0, at),
            ...bytes,
            ...whole.subarray(at + 2),
          );
          try {
            const { traffic } = read(broken, { skipBadLines: skip });
            expect(traffic.counts.every((count) => count === undefined || count >= 0)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(Fault);
            expect((error as Fault).code).toMatch(/^TRAFFIC_/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
