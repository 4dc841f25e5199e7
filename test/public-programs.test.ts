// Programs that nobody here wrote, from the registries, as they are.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startApp, temporaryFolder } from './support/app.ts';

const both = (source: string, command: string) => `
app: public
services:
  web:
    source: ${source}
    command: ${command}
    lambda: { memory: 1024 }
    fargate: { cpu: 1024, memory: 2048, tasks: { min: 1, max: 1 }, stopTimeout: 5s }
routes:
  - { path: /*, service: web }
`;

const on = (compute: string) => ({ 'x-fulcrum-force': compute });

describe.each(['lambda', 'fargate'])('on %s', (compute) => {
  it('http-server serves its files', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), '<h1>hello</h1>');
    const program = resolve('node_modules/http-server/bin/http-server');
    const app = await startApp(both(folder, `node ${program} site --port $PORT --silent`));
    const response = await fetch(app.url, { headers: on(compute) });
    expect([response.status, await response.text()]).toEqual([200, '<h1>hello</h1>']);
    expect(response.headers.get('x-fulcrum-compute')).toBe(compute);
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(app.url, { headers: { ...on(compute), 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('json-server stores and finds', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'db.json'), '{"posts":[{"id":1,"title":"first"}]}');
    const program = resolve('node_modules/json-server/lib/cli/bin.js');
    const app = await startApp(
      both(folder, `node ${program} db.json --port $PORT --host 0.0.0.0 --quiet`),
    );
    const created = await fetch(`${app.url}/posts`, {
      method: 'POST',
      headers: { ...on(compute), 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'second' }),
    });
    expect(created.status).toBe(201);
    const found = await fetch(`${app.url}/posts?title=second`, { headers: on(compute) });
    expect(await found.json()).toEqual([{ id: 2, title: 'second' }]);
  });

  it('FastAPI under uvicorn answers, documents itself and reads bodies', async ({ skip }) => {
    const python = resolve('.cache/python/bin/python');
    if (!existsSync(python))
      skip(
        'FastAPI is not installed in .cache/python ("make test" installs it where Python 3 is there)',
      );
    const source = resolve('test/fixtures/python');
    const app = await startApp(
      both(source, `${python} -m uvicorn fast:app --host 0.0.0.0 --port $PORT`),
    );
    const item = await fetch(`${app.url}/items/7?q=a%20b`, { headers: on(compute) });
    expect(await item.json()).toEqual({ item_id: 7, q: 'a b' });
    expect((await fetch(`${app.url}/items/x`, { headers: on(compute) })).status).toBe(422);
    expect((await fetch(`${app.url}/openapi.json`, { headers: on(compute) })).status).toBe(200);
    const echo = await fetch(`${app.url}/echo`, {
      method: 'POST',
      headers: on(compute),
      body: Buffer.alloc(500_000),
    });
    expect(await echo.json()).toEqual({ bytes: 500_000 });
  });
});
