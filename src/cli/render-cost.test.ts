// What `fulcrum cost` prints, for a comparison that never changes.

import { describe, expect, it } from 'vitest';
import { COMPARISON, UNPRICED } from '../../test/support/comparison.ts';
import { costText } from './render-cost.ts';
import { costMarkdown } from './render-cost-markdown.ts';

const plain = (_style: unknown, text: string) => text;
const text = (comparison: typeof COMPARISON, lines = false) =>
  costText({ comparison, basis: ['fulcrum.yml'] }, lines, plain);

describe('the answer as text', () => {
  it('begins with the answer and ends with the day of the prices', () => {
    expect(text(COMPARISON)).toMatchInlineSnapshot(`
      "Lambda alone is cheapest: $9.21 a month;
      Fargate pays from 455,558 requests a day
      shop in eu-west-2: 100,000 requests a day (3.04 M a month), flat; fulcrum.yml.

               a month  could be          a million  tasks  mostly
      lambda     $9.21   $7.36 to $11.97      $3.03  -      Lambda GB-seconds 55 %
      fargate   $40.91  $40.50 to $44.10     $13.45      1  load balancer hours 47 %
      hybrid     $9.21   $7.36 to $11.97      $3.03  -      Lambda GB-seconds 55 %

      Break-even  From 455,558 requests a day, which keep 1.05 environments busy on
                  the average, Fargate alone costs no more than Lambda alone. It runs
                  1 task then. Between 455,558 and 612,677 it changes with each task
                  that is added. From 612,677 requests a day on it never costs more
                  again. Lambda is reached through an HTTP API, Fargate through a load
                  balancer.

      Hangs on    Lambda alone: 10 % more duration on Lambda makes it 5.5 % dearer.
                  Fargate alone: 10 % more CPU time makes it 0.1 % dearer.

      Rests on
        api: duration on Lambda     200 ms  100 to 400  assumed
        api: CPU time                 5 ms     2 to 10  measured
        requests a connection    1 request              fulcrum.yml

      ! The price of load balancer LCU-hours in eu-west-2 is of low confidence (D).

      Not in it   tax, support plans, data transfer between regions.

      Prices of 2026-11-20, without the free tier, without tax. Every line: --lines.
      "
    `);
  });

  it('has every line when it is asked for, and says a bill once', () => {
    const all = text(COMPARISON, true);
    expect(all).toMatch(/^ {2}\$19\.32 +load balancer hours +730 +the app$/m);
    expect(all).toMatch(/^hybrid, as Lambda alone$/m);
  });

  it('says what is not known and what does not apply', () => {
    const said = text(UNPRICED, true);
    expect(said).toMatch(/^Fargate alone costs at least \$0 a month\n/);
    expect(said).toMatch(/no price is known for Fargate\s+vCPU-hours/);
    expect(said).toContain('"fulcrum prices --refresh --region');
    expect(said).toMatch(/^lambda: api does not run on Lambda\.$/m);
    expect(said).toMatch(/^ {2}unknown +Fargate vCPU-hours/m);
  });

  it('doubts an answer that the figures do not carry', () => {
    const { lambda, fargate } = COMPARISON.computes;
    if (lambda === null || fargate === null) throw new Error('the sample has both');
    const wide = { ...lambda, range: { lowUsd: 5, highUsd: 60 } };
    const computes = { ...COMPARISON.computes, lambda: wide };
    expect(text(COMPARISON)).not.toContain('overlap');
    expect(text({ ...COMPARISON, computes })).toContain('measure before you decide');
  });
});

describe('the answer as Markdown', () => {
  it('is a table, and shows texts as they are', () => {
    const comparison = { ...COMPARISON, app: 'a|b_c', warnings: ['<b>'] };
    const said = costMarkdown({ comparison, basis: [] });
    expect(said).toMatch(/^### Lambda alone is cheapest: \$9\.21 a month; Fargate pays/);
    expect(said).toContain('a\\|b\\_c in eu-west-2');
    expect(said).toContain('> &lt;b>');
    const rows = said.split('\n').filter((row) => row.startsWith('| Lambda alone'));
    expect(rows).toEqual([
      '| Lambda alone | $9.21 | $7.36 to $11.97 | $3.03 | - | Lambda GB-seconds 55 % |',
    ]);
  });
});
