import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type LambdaRuntime, lambdaInit, taskStart } from './start-up.ts';

const MEASURED = fileURLToPath(
  new URL(
    '../../../shared/data/lambda/lambda_init_quantiles_2026-04-25_2026-08-22.csv',
    import.meta.url,
  ),
);

/** As the file calls them. */
const NAMES: Readonly<Record<string, LambdaRuntime>> = {
  'nodejs22.x': 'nodejs22',
  'nodejs24.x': 'nodejs24',
  'python3.13': 'python3.13',
  java21: 'java21',
  dotnet8: 'dotnet8',
  'go (prov.al2023)': 'go',
  'rust (prov.al2023)': 'rust',
};

describe('what starts take', () => {
  it.skipIf(!existsSync(MEASURED))('on Lambda is what was measured, with 1024 MB', () => {
    let compared = 0;
    for (const line of readFileSync(MEASURED, 'utf8').split('\n').slice(1)) {
      const [name = '', packaging, memory, architecture, , , p50, p90] = line.split(',');
      const runtime = NAMES[name];
      if (runtime === undefined || memory !== '1024') continue;
      if (packaging !== 'zip' && packaging !== 'image') continue;
      if (architecture !== 'x86_64' && architecture !== 'arm64') continue;
      const { medianMs, sigma } = lambdaInit({ runtime, packaging, architecture });
      expect(Math.abs(medianMs - Number(p50)), line).toBeLessThan(1);
      // 1.2816 deviations above the mean are nine of ten.
      expect(Math.abs(medianMs * Math.exp(1.2816 * sigma) - Number(p90)), line).toBeLessThan(1);
      compared += 1;
    }
    expect(compared).toBe(2 * 2 * Object.keys(NAMES).length);
  });

  it('on Lambda has the time of the program on top', () => {
    const hello = { runtime: 'nodejs24', packaging: 'zip', architecture: 'x86_64' } as const;
    expect(lambdaInit({ ...hello, programMs: 300 })).toEqual({
      medianMs: 440,
      sigma: lambdaInit(hello).sigma,
    });
  });

  it('on Fargate is a place, the pull, the program and the health check', () => {
    expect(taskStart({ vcpu: 0.25 })).toMatchObject({ startSeconds: 30, billedStartSeconds: 18 });
    const large = { imageMb: 1000, vcpu: 2, programSeconds: 4 };
    expect(taskStart(large)).toMatchObject({ startSeconds: 12 + 40 + 4 + 10 });
    expect(taskStart({ ...large, soci: true })).toMatchObject({ startSeconds: 12 + 20 + 4 + 10 });
    expect(taskStart({ imageMb: 10, vcpu: 1, soci: true }).billedStartSeconds).toBe(2 + 0.5 + 10);
  });
});
