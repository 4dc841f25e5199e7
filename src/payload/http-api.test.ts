// Payload 2.0 against the golden fixture, and what an HTTP API makes of answers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, payload, type RequestParts, request } from '../../test/support/events.ts';
import type { EmptyKeys, HttpApiCall } from './api-event.ts';
import { httpApiAnswer, httpApiEvent } from './http-api.ts';

const CALL: HttpApiCall = {
  accountId: '000000000000',
  apiId: 'api1',
  domainName: 'api1.execute-api.eu-west-1.amazonaws.com',
  requestId: 'r1',
  timeMs: 1767225600000,
  routeKey: 'POST /items/{id}',
  stage: '$default',
  pathParameters: { id: '9' },
  stageVariables: {},
  authorizer: undefined,
  clientCert: undefined,
};

const eventOf = (parts: RequestParts, call = CALL, emptyKeys?: EmptyKeys) =>
  JSON.parse(httpApiEvent(request(parts), call, emptyKeys).toString());

describe('the event of payload 2.0', () => {
  it('joins duplicates and keeps cookies apart', () => {
    const fields = [
      ['Content-Type', 'application/json'],
      ['X-Multi', 'v1'],
      ['Cookie', 'a=1; b=2'],
      ['x-multi', 'v2'],
      ['User-Agent', 'ua'],
    ] as const;
    const sent = { method: 'POST', target: '/items/9?q=1&q=2', fields, body: '{}' };
    expect(eventOf(sent)).toEqual(fixture('http-api-2'));
  });

  it('leaves out the keys it has nothing for', () => {
    expect(Object.keys(eventOf({}, { ...CALL, pathParameters: {} })).sort()).toEqual([
      'headers',
      'isBase64Encoded',
      'rawPath',
      'rawQueryString',
      'requestContext',
      'routeKey',
      'version',
    ]);
  });

  it('has null for them where that is asked for', () => {
    const event = eventOf({}, { ...CALL, pathParameters: {} }, 'null');
    expect(event).toMatchObject({
      cookies: null,
      queryStringParameters: null,
      pathParameters: null,
      body: null,
      stageVariables: null,
      requestContext: { authorizer: null, authentication: null },
    });
  });

  it('decodes path and parameters, not the raw query', () => {
    const event = eventOf({ target: '/a%20b/%C3%BC%2Fc?k%5B%5D=x+y%26z&bad=%zz' });
    expect(event.rawPath).toBe('/a b/ü/c');
    expect(event.requestContext.http.path).toBe('/a b/ü/c');
    expect(event.rawQueryString).toBe('k%5B%5D=x+y%26z&bad=%zz');
    expect(event.queryStringParameters).toEqual({ 'k[]': 'x y&z', bad: '%zz' });
  });

  it('cuts the path off at a "?" that was encoded', () => {
    expect(eventOf({ target: '/a%3Fb?c=1' }).rawPath).toBe('/a');
  });

  it('carries authorizer, certificate, stage and its variables', () => {
    const authorizer = { jwt: { claims: { sub: 'u1' }, scopes: ['read'] } };
    const clientCert = { subjectDN: 'CN=a' };
    const stageVariables = { color: 'blue' };
    const call = { ...CALL, stage: 'dev', stageVariables, authorizer, clientCert };
    expect(eventOf({ target: '/dev/items/9' }, call)).toMatchObject({
      rawPath: '/dev/items/9',
      stageVariables,
      requestContext: { stage: 'dev', authorizer, authentication: { clientCert } },
    });
  });

  it('has a form, and text that is not UTF-8, in base64', () => {
    const form = [['content-type', 'application/x-www-form-urlencoded']] as const;
    expect(eventOf({ fields: form, body: 'a=1' })).toMatchObject({
      body: 'YT0x',
      isBase64Encoded: true,
    });
    const text = [['content-type', 'text/plain']] as const;
    expect(eventOf({ fields: text, body: Buffer.from([0xff]) })).toMatchObject({
      body: '/w==',
      isBase64Encoded: true,
    });
  });
});

const answer = (text: string) => httpApiAnswer(Buffer.from(text));

describe('an answer of payload 2.0', () => {
  it.each(['"hi"', '{"a":1}', '[1]', 'null', '7'])('without a status is the body: %s', (text) => {
    expect(answer(text)).toEqual({
      status: 200,
      reason: undefined,
      fields: [['content-type', 'application/json']],
      body: Buffer.from(text),
    });
  });

  it('has a Set-Cookie for each cookie', () => {
    const written = {
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Count': 2, 'Transfer-Encoding': 'chunked' },
      cookies: ['a=1', 'b=2'],
      body: 'PGI+',
      isBase64Encoded: true,
    };
    expect(httpApiAnswer(payload(written))).toEqual({
      status: 201,
      reason: undefined,
      fields: [
        ['Content-Type', 'text/html'],
        ['X-Count', '2'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: Buffer.from('<b>'),
    });
  });

  it('takes a status in digits, and null for nothing', () => {
    expect(answer('{"statusCode":"404","headers":null,"body":null,"cookies":null}')).toEqual({
      status: 404,
      reason: undefined,
      fields: [['content-type', 'text/plain;charset=UTF-8']],
      body: Buffer.alloc(0),
    });
  });

  it.each([
    ['oops', 'is not JSON'],
    ['{"statusCode":"abc"}', 'has a string as its "statusCode"'],
    ['{"statusCode":null}', 'has null as its "statusCode"'],
    ['{"statusCode":99}', 'has the "statusCode" 99'],
    ['{"statusCode":200,"body":{}}', 'has an object as its "body"'],
    ['{"statusCode":200,"cookies":"a=1"}', 'has a string as its "cookies"'],
    ['{"statusCode":200,"cookies":[1]}', 'has a number in its "cookies"'],
    ['{"statusCode":200,"headers":{"a":["1"]}}', 'has an array as the value of the header "a"'],
  ])('%s %s', (text, problem) => {
    expect(answer(text)).toEqual({ problem });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void answer(text)));
  });
});
