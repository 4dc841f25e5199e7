// The events of a load balancer against the golden fixtures, and what it makes of answers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, payload, request } from '../../test/support/events.ts';
import { albAnswer, albEvent, albHealthEvent } from './alb.ts';
import { isBad } from './http-message.ts';

const targetGroupArn =
  'arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/tg-a/0123456789abcdef';
const single = { targetGroupArn, multiValue: false };
const multi = { targetGroupArn, multiValue: true };

const FIELDS = [
  ['Accept', '*/*'],
  ['Content-Type', 'application/json'],
  ['Host', 'lb.example'],
  ['User-Agent', 'ua'],
  ['X-Amzn-Trace-Id', 'Root=1-00000000-000000000000000000000000'],
  ['X-Forwarded-For', '192.0.2.7'],
  ['X-Forwarded-Port', '443'],
  ['X-Forwarded-Proto', 'https'],
] as const;

const eventOf = (made: ReturnType<typeof albEvent>) => {
  if (isBad(made)) throw new Error(made.problem);
  return JSON.parse(made.toString());
};

describe('the event of a load balancer', () => {
  it('has one value for each header and parameter, not decoded', () => {
    const sent = request({ method: 'POST', target: '/items?q=a%20b', fields: FIELDS, body: '{}' });
    expect(eventOf(albEvent(sent, single))).toEqual(fixture('alb-single'));
  });

  it('has lists, and no single values, in multi-value mode', () => {
    const sent = request({ method: 'POST', target: '/items?q=1&q=2', fields: FIELDS, body: '{}' });
    expect(eventOf(albEvent(sent, multi))).toEqual(fixture('alb-multi'));
  });

  it('keeps the last of several values in single-value mode', () => {
    const fields = [
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
    ] as const;
    const event = eventOf(albEvent(request({ target: '/?q=1&q=2&&flag', fields }), single));
    expect(event.headers).toEqual({ cookie: 'b=2' });
    expect(event.queryStringParameters).toEqual({ q: '2', flag: '' });
  });

  it('leaves the path as it was sent', () => {
    expect(eventOf(albEvent(request({ target: '/a%2Fb/%C3%BC' }), single)).path).toBe(
      '/a%2Fb/%C3%BC',
    );
  });

  it.each([
    ['text/plain; charset=utf-8', undefined, false],
    ['Application/JSON', undefined, false],
    ['application/javascript', undefined, false],
    ['application/xml', undefined, false],
    ['application/json', 'gzip', true],
    ['application/problem+json', undefined, true],
    ['application/x-www-form-urlencoded', undefined, true],
    ['application/octet-stream', undefined, true],
    [undefined, undefined, true],
  ])('sends a body of type %s, encoded %s, in base64: %s', (type, encoding, base64) => {
    const fields = [
      ...(type === undefined ? [] : [['content-type', type] as const]),
      ...(encoding === undefined ? [] : [['content-encoding', encoding] as const]),
    ];
    const event = eventOf(albEvent(request({ method: 'POST', fields, body: 'xyz' }), single));
    expect(event.isBase64Encoded).toBe(base64);
    expect(event.body).toBe(base64 ? 'eHl6' : 'xyz');
  });

  it('is not made of what is not UTF-8', () => {
    const header = request({ fields: [['x-name', '\xff']] });
    expect(albEvent(header, single)).toEqual({
      problem: 'has a header "x-name" that is not UTF-8',
    });
    const body = { ...request({ fields: [['content-type', 'text/plain']] }), body: bytes(0xff) };
    expect(albEvent(body, single)).toEqual({ problem: 'has a text body that is not UTF-8' });
    expect(eventOf(albEvent({ ...body, fields: [] }, single)).body).toBe('/w==');
  });

  it('has the text that the bytes of a header stand for', () => {
    const fields = [['x-name', Buffer.from('Zürich').toString('latin1')]] as const;
    expect(eventOf(albEvent(request({ fields }), single)).headers).toEqual({ 'x-name': 'Zürich' });
  });

  it('of a health check has nothing but the agent', () => {
    expect(JSON.parse(albHealthEvent('/', single).toString())).toEqual(fixture('alb-health'));
  });
});

describe('an answer to a load balancer', () => {
  it.each(['', 'OK', '200', 'all is well'])(
    'with the description %j has the phrase of its code',
    (said) => {
      const answer = albAnswer(payload({ statusCode: 200, statusDescription: said }), single);
      expect(answer).toMatchObject({ status: 200, reason: undefined });
    },
  );

  it('is read by its fields', () => {
    expect(albAnswer(payload(fixture('alb-answer')), single)).toEqual({
      status: 200,
      reason: 'OK',
      fields: [['content-type', 'application/json']],
      body: Buffer.from('{}'),
    });
  });

  it('needs only a status', () => {
    expect(albAnswer(payload({ statusCode: 204 }), single)).toEqual({
      status: 204,
      reason: undefined,
      fields: [],
      body: Buffer.alloc(0),
    });
  });

  it('has the headers of the mode of the target group, and no others', () => {
    const both = {
      statusCode: 200,
      headers: { a: 'single' },
      multiValueHeaders: { b: ['1', '2'], connection: ['close'], 'Content-Length': ['7'] },
    };
    expect(albAnswer(payload(both), single)).toMatchObject({ fields: [['a', 'single']] });
    expect(albAnswer(payload(both), multi)).toMatchObject({
      fields: [
        ['b', '1'],
        ['b', '2'],
      ],
    });
  });

  it.each([
    ['"text"', 'is a string, not an object'],
    ['[]', 'is an array, not an object'],
    ['null', 'is null, not an object'],
    ['oops', 'is not JSON'],
    ['{}', 'has no "statusCode"'],
    ['{"statusCode":"200"}', 'has a string as its "statusCode"'],
    ['{"statusCode":200.5}', 'has the "statusCode" 200.5'],
    ['{"statusCode":101}', 'has the "statusCode" 101'],
    ['{"statusCode":200,"statusDescription":null}', 'has null as its "statusDescription"'],
    ['{"statusCode":200,"headers":[]}', 'has an array as its "headers"'],
    ['{"statusCode":200,"headers":{"a":1}}', 'has a number as the value of the header "a"'],
    ['{"statusCode":200,"headers":{"a b":"1"}}', 'has the header name "a b"'],
    [
      '{"statusCode":200,"headers":{"a":"1\\r\\nb: 2"}}',
      'has a control character in the header "a"',
    ],
    ['{"statusCode":200,"body":null}', 'has null as its "body"'],
    ['{"statusCode":200,"body":{}}', 'has an object as its "body"'],
    ['{"statusCode":200,"isBase64Encoded":"true"}', 'has a string as its "isBase64Encoded"'],
    [
      '{"statusCode":200,"isBase64Encoded":true,"body":"a-"}',
      'says "isBase64Encoded", but its "body" is not base64',
    ],
  ])('%s %s', (text, problem) => {
    expect(albAnswer(Buffer.from(text), single)).toEqual({ problem });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.boolean(), (text, multiValue) => {
        albAnswer(Buffer.from(text), { multiValue });
      }),
    );
  });
});

const bytes = (...values: number[]) => Buffer.from(values);
