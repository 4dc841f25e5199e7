// The event of a function URL against the golden fixture, and its answers.

import { expect, it } from 'vitest';
import { fixture, request } from '../../test/support/events.ts';
import { functionUrlAnswer, functionUrlEvent } from './function-url.ts';

const CALL = {
  accountId: '000000000000',
  apiId: 'url1',
  domainName: 'url1.lambda-url.eu-west-1.on.aws',
  requestId: 'r1',
  timeMs: 1767225600000,
  iam: {
    accessKey: 'AKIA',
    accountId: '000000000000',
    callerId: 'AIDA',
    userArn: 'arn:aws:iam::000000000000:user/u1',
    userId: 'AIDA',
  },
};

const sent = request({
  method: 'PUT',
  target: '/items/a%20b?q=1&q=2',
  fields: [
    ['Cookie', 'a=1; b=2'],
    ['User-Agent', 'ua'],
  ],
  body: Buffer.from([0xff, 0, 1]),
});

it('leaves the path encoded and the cookies also among the headers', () => {
  expect(JSON.parse(functionUrlEvent(sent, CALL, 'null').toString())).toEqual(
    fixture('function-url'),
  );
});

it('has no authorizer without AWS_IAM, and leaves out what is empty', () => {
  const event = JSON.parse(functionUrlEvent(sent, { ...CALL, iam: undefined }).toString());
  expect(event).not.toHaveProperty('pathParameters');
  expect(event.requestContext).not.toHaveProperty('authorizer');
});

it('takes the whole JSON as the body of a 200', () => {
  expect(functionUrlAnswer(Buffer.from('"Hello, world!"'))).toEqual({
    status: 200,
    reason: undefined,
    fields: [['content-type', 'application/json']],
    body: Buffer.from('"Hello, world!"'),
  });
});

it.each([
  ['{"statusCode":100}', 100],
  ['{"statusCode":599}', 599],
])('takes %s', (text, status) => {
  expect(functionUrlAnswer(Buffer.from(text))).toMatchObject({
    status,
    fields: [['content-type', 'application/json']],
  });
});

it.each([99, 600])('takes no status %s', (status) => {
  expect(functionUrlAnswer(Buffer.from(`{"statusCode":${status}}`))).toEqual({
    problem: `has the "statusCode" ${status}`,
  });
});
