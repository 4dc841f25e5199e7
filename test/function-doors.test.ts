// Functions in real processes behind each front door: the way of a request from end to end.

import { describe, expect, it } from 'vitest';
import { startApp } from './support/app.ts';

const yaml = (entry: string, timeout = '10s') => `
app: doors
entry: ${entry}
functions:
  work:
    source: FIXTURES/function
    command: node http.mjs
    url: { invokeMode: stream }
    lambda: { timeout: ${timeout} }
routes:
  - { path: /*, function: work }
`;

describe.each([
  ['alb', 'alb', 502],
  ['http-api', '2.0', 500],
  ['{ type: http-api, payload: "1.0" }', '1.0', 500],
])('behind %s', (entry, says, broken) => {
  it('a function answers', async () => {
    const app = await startApp(yaml(entry));
    const response = await fetch(`${app.url}/a/b?x=1`, { method: 'POST', body: Buffer.from('hi') });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-from')).toBe('function');
    expect(await response.text()).toBe(`${says} /a/b hi`);
    expect(await app.until('request')).toMatchObject({
      service: 'work',
      compute: 'lambda',
      track: 'work@1/lambda',
      cold: true,
      status: 200,
      fault: undefined,
    });
  });

  it('one that exits is an error, and the next request is answered', async () => {
    const app = await startApp(yaml(entry));
    expect((await fetch(`${app.url}/exit`)).status).toBe(broken);
    expect((await fetch(`${app.url}/again`)).status).toBe(200);
    const [failed] = app.of('request');
    expect(failed).toMatchObject({ service: 'work', status: broken });
    expect(failed?.fault).toBeDefined();
  });

  it('one that takes longer than its timeout is an error', async () => {
    const app = await startApp(yaml(entry, '1s'));
    expect((await fetch(`${app.url}/slow`)).status).toBe(broken);
    expect(await app.until('request')).toMatchObject({ fault: { code: 'LAMBDA_TIMED_OUT' } });
  });
});

describe('at its URL', () => {
  const start = async () => {
    const app = await startApp(yaml('alb'));
    return { app, url: app.session.functionUrls[0]?.url };
  };

  it('a stream has the head its prelude says, and all of its parts', async () => {
    const { url, app } = await start();
    const response = await fetch(`${url}/stream`);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-from')).toBe('function');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('one\ntwo\n');
    expect(await app.until('request')).toMatchObject({ status: 201, responseBytes: 8 });
  });

  it('a stream whose function exits is a broken connection', async () => {
    const { url, app } = await start();
    const broke = fetch(`${url}/stream/exit`).then((response) => response.text());
    await expect(broke).rejects.toThrow();
    expect(await app.until('request')).toMatchObject({
      status: 201,
      fault: { code: 'FUNCTION_STREAM_BROKEN' },
    });
  });

  it('an answer that is no stream is sent as it is', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/plain`);
    expect(await response.json()).toMatchObject({ statusCode: 200, body: '2.0 /plain ' });
  });
});

it('answers what is under way before it stops, at every door', async () => {
  const app = await startApp(yaml('http-api'));
  const slow = fetch(`${app.url}/slow`);
  const busy = () => app.session.engine.status().services[0]?.lambda?.busy;
  await expect.poll(busy).toBe(1);
  const streamed = await fetch(`${app.session.functionUrls[0]?.url}/stream`);
  const stopped = app.stop();
  expect(await streamed.text()).toBe('one\ntwo\n');
  expect((await slow).status).toBe(200);
  await stopped;
});
