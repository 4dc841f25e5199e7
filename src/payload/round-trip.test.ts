// A request through a door, a function's event and the adapter is the request it was, and an answer
// the answer: what programs behind both computes rely on.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { request } from '../../test/support/events.ts';
import { adapterPayload, type ProgramAnswer } from './adapter-answer.ts';
import { type AdapterInvocation, adapterRequest } from './adapter-request.ts';
import { adapterSettings } from './adapter-settings.ts';
import { albAnswer, albEvent } from './alb.ts';
import type { HttpApiCall } from './api-event.ts';
import { functionUrlAnswer, functionUrlEvent } from './function-url.ts';
import { httpApiAnswer, httpApiEvent } from './http-api.ts';
import { httpApi1Answer, httpApi1Event } from './http-api-1.ts';
import { type Field, type HttpRequest, isBad } from './http-message.ts';

const CALL: HttpApiCall = {
  accountId: '000000000000',
  apiId: 'api1',
  domainName: 'api1.execute-api.eu-west-1.amazonaws.com',
  requestId: 'r1',
  timeMs: 1767225600000,
  routeKey: '$default',
  stage: '$default',
  pathParameters: {},
  stageVariables: {},
  authorizer: undefined,
  clientCert: undefined,
};

const URL_CALL = { ...CALL, iam: undefined };

const INVOCATION: AdapterInvocation = {
  requestId: 'r1',
  deadlineMs: 0,
  invokedArn: 'arn',
  traceId: undefined,
  clientContext: undefined,
  tenantId: undefined,
  functionName: 'f',
  memoryMiB: 128,
  version: '1',
  logGroup: 'g',
  logStream: 's',
};

const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/a/0';
const ALB = { targetGroupArn, multiValue: true };

const segment = fc.stringMatching(/^[a-zA-Z0-9_~!$'()*+,;=:@-]{1,8}(%2F|%C3%BC)?$/);
const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
/** As a browser's form sends it: both ways of encoding it are the same. */
const parameters = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { maxLength: 4 });
const names = fc.stringMatching(/^x-[a-z]{1,6}$/);
const values = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/);
const fields = fc.array(fc.tuple(names, values), { maxLength: 6 });
const types = fc.constantFrom('text/plain', 'application/json', 'image/png', 'x/y', undefined);
const body = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));

const requests = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
    path,
    parameters,
    fields,
    type: types,
    body,
  })
  .map(({ type, ...parts }) => {
    const query = new URLSearchParams(parts.parameters).toString();
    const typed: Field[] = type === undefined ? [] : [['content-type', type]];
    return {
      ...parts,
      request: request({
        method: parts.method,
        target: query === '' ? parts.path : `${parts.path}?${query}`,
        fields: [...parts.fields, ...typed],
        body: parts.body,
      }),
    };
  });

function arrived(event: ReturnType<typeof albEvent>) {
  if (isBad(event)) throw new Error(event.problem);
  const made = adapterRequest(event, adapterSettings({}), INVOCATION);
  if (made === undefined) throw new Error('not read');
  return made.request;
}

const group = (pairs: readonly Field[]) => {
  const map = new Map<string, string[]>();
  for (const [name, value] of pairs) map.set(name, [...(map.get(name) ?? []), value]);
  return Object.fromEntries(map);
};

const own = (list: readonly Field[]) => list.filter(([name]) => !name.startsWith('x-amzn-'));

const query = (target: string) => group([...new URLSearchParams(target.split('?')[1] ?? '')]);

/** Text goes to a load balancer as UTF-8 or not at all. */
const sendable = (sent: HttpRequest) => !isBad(albEvent(sent, ALB));

describe('a request', () => {
  it('is itself again behind a load balancer with lists', () => {
    fc.assert(
      fc.property(requests, ({ request: sent, parameters: wanted, path: sentPath }) => {
        fc.pre(sendable(sent));
        const got = arrived(albEvent(sent, ALB));
        expect(got.method).toBe(sent.method);
        expect(got.target.split('?')[0]).toBe(sentPath);
        expect(query(got.target)).toEqual(group(wanted));
        expect(group(own(got.fields))).toEqual(group(sent.fields));
        expect(got.body).toEqual(sent.body);
      }),
    );
  });

  it('has the last value of each header and parameter behind one without', () => {
    fc.assert(
      fc.property(requests, ({ request: sent, parameters: wanted }) => {
        fc.pre(sendable(sent));
        const got = arrived(albEvent(sent, { ...ALB, multiValue: false }));
        expect(Object.fromEntries(own(got.fields))).toEqual(Object.fromEntries(sent.fields));
        const last = [...new URLSearchParams(got.target.split('?')[1] ?? '')];
        expect(Object.fromEntries(last)).toEqual(Object.fromEntries(wanted));
        expect(got.body).toEqual(sent.body);
      }),
    );
  });

  it('keeps method, query and body behind an HTTP API and a function URL', () => {
    fc.assert(
      fc.property(requests, ({ request: sent, parameters: wanted, path: sentPath }) => {
        const events = [
          httpApiEvent(sent, CALL),
          httpApi1Event(sent, CALL),
          functionUrlEvent(sent, URL_CALL),
        ];
        const got = events.map(arrived);
        for (const one of got) {
          expect(one.method).toBe(sent.method);
          expect(query(one.target)).toEqual(group(wanted));
          expect(one.body).toEqual(sent.body);
        }
        expect(got[2]?.target.split('?')[0]).toBe(sentPath);
      }),
    );
  });
});

const answers = fc
  .record({
    status: fc.integer({ min: 200, max: 599 }),
    fields,
    cookies: fc.array(values, { maxLength: 3 }),
    type: types,
    text: fc.string(),
    body,
  })
  .map(({ status, fields: list, cookies, type, text, body: bytes }): ProgramAnswer => {
    const typed: Field[] = type === undefined ? [] : [['content-type', type]];
    const isText = type === undefined || type === 'text/plain' || type === 'application/json';
    return {
      status,
      fields: [...list, ...cookies.map((cookie): Field => ['set-cookie', cookie]), ...typed],
      // A byte order mark is not kept in text.
      body: isText ? Buffer.from(text.replace(/^\ufeff/, '')) : bytes,
    };
  });

const payloadOf = (kind: 'alb' | 'api-1' | 'api-2', answer: ProgramAnswer): Buffer => {
  const made = adapterPayload(kind, answer);
  if (isBad(made)) throw new Error(made.problem);
  return made;
};

describe('an answer', () => {
  it('is itself again through every door that takes lists', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const read = [
          albAnswer(payloadOf('alb', answer), { multiValue: true }),
          httpApi1Answer(payloadOf('api-1', answer)),
        ];
        for (const got of read) {
          if (isBad(got)) throw new Error(got.problem);
          expect(got.status).toBe(answer.status);
          expect(got.body).toEqual(answer.body);
          const typed = answer.fields.some(([name]) => name === 'content-type');
          const kept = got.fields.filter(([name]) => typed || name !== 'content-type');
          expect(group(kept)).toEqual(group(answer.fields));
        }
      }),
    );
  });

  it('keeps status, cookies, body and the first value of each header through the others', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const payload = payloadOf('api-2', answer);
        for (const got of [httpApiAnswer(payload), functionUrlAnswer(payload)]) {
          if (isBad(got)) throw new Error(got.problem);
          expect(got.status).toBe(answer.status);
          expect(got.body).toEqual(answer.body);
          const sent = group(answer.fields);
          const kept = group(got.fields);
          expect(kept['set-cookie']).toEqual(sent['set-cookie']);
          for (const [name, [first]] of Object.entries(sent)) expect(kept[name]?.[0]).toBe(first);
        }
      }),
    );
  });
});
