// The memory of the engine: idle, over a million requests, over a large stream.

import { AMPLE_TASK, helloApp, report, residentMb, startFulcrum, wrk } from './support.ts';

const REQUESTS = 1_000_000;
const STREAM_BYTES = 2e9;

export async function memoryBench(): Promise<void> {
  const fulcrum = await startFulcrum(helloApp(AMPLE_TASK));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const idle = residentMb(fulcrum.pid);
  const samples: number[] = [];
  let sent = 0;
  while (sent < REQUESTS) {
    const load = await wrk(fulcrum.url, { connections: 64, seconds: 4 });
    sent += Math.round(load.requestsPerSecond * 4);
    samples.push(residentMb(fulcrum.pid));
  }
  const first = samples[0] ?? Number.NaN;
  const grew = Math.max(...samples) / first - 1;
  const { peak, seconds } = await stream(fulcrum.url, fulcrum.pid);
  const streamed = peak / Math.max(...samples) - 1;
  report('Memory of the engine', [
    {
      what: 'idle, resident',
      value: `${idle.toFixed(0)} MB`,
      goal: { text: '≤ 120 MB', met: idle <= 120 },
    },
    {
      what: `after ${Math.round(sent / samples.length / 1000)} thousand requests`,
      value: `${first.toFixed(0)} MB`,
    },
    { what: `after ${(sent / 1e6).toFixed(2)} million`, value: `${samples.at(-1)?.toFixed(0)} MB` },
    {
      what: 'growth between them, at most',
      value: `${(100 * grew).toFixed(1)} %`,
      goal: { text: '± 10 %', met: grew <= 0.1 },
    },
    {
      what: 'highest while 2 GB are streamed',
      value: `${peak.toFixed(0)} MB in ${seconds.toFixed(1)} s`,
    },
    {
      what: 'growth by the stream',
      value: `${(100 * streamed).toFixed(1)} %`,
      goal: { text: '± 10 %', met: streamed <= 0.1 },
    },
  ]);
  await fulcrum.stop();
}

async function stream(url: string, pid: number): Promise<{ peak: number; seconds: number }> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMb(pid));
  }, 50);
  const began = performance.now();
  const response = await fetch(`${url}/bytes?n=${STREAM_BYTES}`);
  let bytes = 0;
  for await (const chunk of response.body ?? []) bytes += (chunk as Uint8Array).length;
  clearInterval(timer);
  if (bytes !== STREAM_BYTES) throw new Error(`${bytes} bytes came`);
  return { peak, seconds: (performance.now() - began) / 1000 };
}
