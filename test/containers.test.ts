// Programs in containers: the same app as with processes, on a real engine.

import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { enginesOf, FIXTURES, startApp } from './support/app.ts';
import {
  leftIn,
  machineWithContainers,
  missingContainers,
  sourceWith,
  startPodman,
} from './support/containers.ts';

const missing = missingContainers();

const PROGRAM = { 'program.mjs': join(FIXTURES, 'program.mjs') };
const SERVICE = `WORKDIR /srv
COPY program.mjs .
CMD ["node", "program.mjs"]`;

const start = (yaml: object, building?: (service: string, line: string) => void) =>
  startApp(JSON.stringify({ app: 'boxes', region: 'eu-west-1', ...yaml }), {
    containers: true,
    machine: machineWithContainers(),
    ...(building !== undefined && { building }),
  });

const service = (source: string, more: object) => ({
  services: { api: { source, command: 'false', health: '/health', ...more } },
});

describe.skipIf(missing !== undefined)(`in containers${missing ? `: ${missing}` : ''}`, () => {
  beforeAll(() => startPodman());

  it('serves on both computes, and leaves nothing behind', async () => {
    const lines: string[] = [];
    const app = await start(
      service(sourceWith(SERVICE, PROGRAM), { lambda: {}, fargate: { tasks: { min: 2, max: 2 } } }),
      (_service, line) => lines.push(line),
    );
    const [engine = ''] = enginesOf(app.folder);
    for (const compute of ['lambda', 'fargate']) {
      const answer = await fetch(`${app.url}/who`, { headers: { 'x-fulcrum-force': compute } });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ pid: 1 });
    }
    expect(lines.join('\n')).toContain('COPY program.mjs');
    expect(await leftIn(engine)).toHaveLength(3);
    await app.stop();
    expect(await leftIn(engine)).toEqual([]);
  });
});
