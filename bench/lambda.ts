// A warm request on Lambda: what Fulcrum adds to the program, and beside serverless-offline.

import { compare, helloApp, report, startFulcrum, startOffline, startProgram } from './support.ts';

const YAML = helloApp(
  'lambda: { memory: 10240 }',
  'local: { environmentIdle: 10m, maxEnvironments: 4 }\n',
);

export async function lambdaBench(seconds: number): Promise<void> {
  const fulcrum = await startFulcrum(YAML);
  const direct = await startProgram('hello');
  const offline = await startOffline();
  const targets = {
    direct: `${direct.url}hello`,
    fulcrum: `${fulcrum.url}/hello`,
    offline: offline.url,
  };
  const one = await compare(targets, { connections: 1, seconds, rounds: 3 });
  const many = await compare(targets, { connections: 32, seconds, rounds: 3 });
  const line = (loads: typeof one, name: string) => {
    const load = loads[name];
    return `${load?.requestsPerSecond.toFixed(0).padStart(6)} requests/s   p50 ${load?.p50Ms.toFixed(3)} ms   p99 ${load?.p99Ms.toFixed(2)} ms   errors ${load?.errors}`;
  };
  const added = (one['fulcrum']?.p50Ms ?? Number.NaN) - (one['direct']?.p50Ms ?? Number.NaN);
  const ratio = (loads: typeof one) =>
    (loads['fulcrum']?.requestsPerSecond ?? Number.NaN) /
    (loads['offline']?.requestsPerSecond ?? Number.NaN);
  const goal = (value: number) => ({ text: '≥ 4', met: value >= 4 });
  report('Warm requests on Lambda', [
    { what: 'program alone, 1 connection', value: line(one, 'direct') },
    { what: 'Fulcrum, 1 connection', value: line(one, 'fulcrum') },
    { what: 'serverless-offline, 1 connection', value: line(one, 'offline') },
    { what: 'program alone, 32 connections', value: line(many, 'direct') },
    { what: 'Fulcrum, 32 connections', value: line(many, 'fulcrum') },
    { what: 'serverless-offline, 32 connections', value: line(many, 'offline') },
    {
      what: 'added p50',
      value: `${added.toFixed(3)} ms`,
      goal: { text: '≤ 1 ms', met: added <= 1 },
    },
    {
      what: 'Fulcrum ÷ serverless-offline, 1',
      value: ratio(one).toFixed(2),
      goal: goal(ratio(one)),
    },
    {
      what: 'Fulcrum ÷ serverless-offline, 32',
      value: ratio(many).toFixed(2),
      goal: goal(ratio(many)),
    },
  ]);
  for (const server of [offline, direct, fulcrum]) await server.stop();
}
