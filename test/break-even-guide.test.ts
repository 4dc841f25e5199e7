// The table and the example of docs/guide/break-even.md are what the code finds.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breakEvenOf } from '../src/cost/compare/break-even.ts';
import { changeKeys, parseChanges } from '../src/cost/compare/change.ts';
import { pricingOf } from '../src/cost/compare/pricing.ts';
import { type Sketch, sketchSetUp, sketchWorkload } from './support/set-up.ts';

const guide = readFileSync('docs/guide/break-even.md', 'utf8');
const PRICING = { none: pricingOf('none'), always: pricingOf('always') };

function firstOf(sketch: Sketch, freeTier: 'none' | 'always' = 'none'): string {
  const { breakEven } = breakEvenOf(sketchSetUp(sketch), sketchWorkload(1), PRICING[freeTier]);
  return (breakEven?.firstRequestsPerDay ?? Number.NaN).toLocaleString('en-US');
}

describe('the guide to break-even', () => {
  const rows = [...guide.matchAll(/^\| ([a-z]+-[a-z]+-\d) \| (x86_64|arm64) \| (.+) \|$/gm)];

  it('has the table that the code makes', () => {
    expect(rows).toHaveLength(20);
    for (const [, region = '', architecture, cells = ''] of rows) {
      const on = { region, architecture: architecture === 'arm64' ? 'arm64' : 'x86_64' } as const;
      const bare: Sketch = {
        ...on,
        entry: { lambda: 'none', fargate: 'none' },
        network: { publicTasks: false },
      };
      const alb: Sketch = { ...on, entry: { lambda: 'http-api', fargate: 'alb' } };
      expect(cells.split(' | '), `${region} ${architecture}`).toEqual([
        firstOf(bare),
        firstOf(bare, 'always'),
        firstOf({ ...on, entry: { lambda: 'http-api', fargate: 'http-api' } }),
        firstOf(alb),
        firstOf(alb, 'always'),
        firstOf({ ...alb, fargate: { minTasks: 2 } }),
        firstOf({ ...on, entry: { lambda: 'function-url', fargate: 'alb' } }),
      ]);
    }
  });

  it('has every key of a what-if, and examples that are understood', () => {
    const table = guide.slice(guide.indexOf('## What if'), guide.indexOf('What follows'));
    for (const { key, takes, does } of changeKeys()) {
      const row = table.split('\n').find((line) => line.startsWith(`| \`${key}=`)) ?? '';
      expect(row).toContain(`| ${does} | ${takes} |`);
      for (const [, example = ''] of row.matchAll(/`([^`]+)`/g)) {
        expect(parseChanges([example])[0]?.key).toBe(key);
      }
    }
  });
});
