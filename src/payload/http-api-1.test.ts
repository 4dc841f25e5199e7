// Payload 1.0: lists beside single values, null for what is not there, and strict answers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture, payload, type RequestParts, request } from '../../test/support/events.ts';
import type { HttpApiCall } from './api-event.ts';
import { httpApi1Answer, httpApi1Event } from './http-api-1.ts';

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

const eventOf = (parts: RequestParts, call = CALL) =>
  JSON.parse(httpApi1Event(request(parts), call).toString());

describe('the event of payload 1.0', () => {
  it('has single values and lists', () => {
    const fields = [
      ['Content-Type', 'application/json'],
      ['X-Multi', 'v1'],
      ['X-Multi', 'v2'],
      ['Cookie', 'a=1; b=2'],
      ['User-Agent', 'ua'],
    ] as const;
    const sent = { method: 'POST', target: '/items/9?q=1&q=a+b', fields, body: '{}' };
    expect(eventOf(sent)).toEqual(fixture('http-api-1'));
  });

  it('has null for what is not there', () => {
    const call = { ...CALL, routeKey: '$default', pathParameters: {} };
    expect(eventOf({}, call)).toMatchObject({
      resource: '$default',
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it('has what an authorizer said without saying which', () => {
    const authorizer = { jwt: { claims: { sub: 'u1' }, scopes: ['read'] } };
    const { requestContext } = eventOf({}, { ...CALL, authorizer });
    expect(requestContext.authorizer).toEqual(authorizer.jwt);
    const own = eventOf({}, { ...CALL, authorizer: { lambda: { user: 'u1' } } });
    expect(own.requestContext.authorizer).toEqual({ user: 'u1' });
  });
});

describe('an answer of payload 1.0', () => {
  it('merges its headers, lists first', () => {
    const answer = {
      statusCode: 200,
      headers: { 'X-One': '1', 'X-Two': 'single' },
      multiValueHeaders: { 'x-two': ['a', 'b'], 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'hi',
    };
    expect(httpApi1Answer(payload(answer))).toEqual({
      status: 200,
      reason: undefined,
      fields: [
        ['X-One', '1'],
        ['x-two', 'a'],
        ['x-two', 'b'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['content-type', 'text/plain;charset=UTF-8'],
      ],
      body: Buffer.from('hi'),
    });
  });

  it.each([
    ['"hi"', 'is a string, not an object'],
    ['{"a":1}', 'has no "statusCode"'],
    [
      '{"statusCode":200,"multiValueHeaders":{"a":"1"}}',
      'has a string as the value of the header "a"',
    ],
  ])('%s %s', (text, problem) => {
    expect(httpApi1Answer(Buffer.from(text))).toEqual({ problem });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        httpApi1Answer(Buffer.from(text));
      }),
    );
  });
});
