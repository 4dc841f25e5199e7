// The page of `fulcrum cost --html`, opened in a real browser.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { costChart, WIDE } from '../src/ops/cost-chart.ts';
import { costPage } from '../src/ops/cost-page.ts';
import { type CostPoint, chartRange, chartVolumes } from '../src/ops/cost-points.ts';
import { temporaryFolder } from './support/app.ts';
import { type Browser, CHROMIUM, startBrowser } from './support/browser.ts';
import { COMPARISON } from './support/comparison.ts';

const points: readonly CostPoint[] = chartVolumes(chartRange(COMPARISON), [], 100).map(
  (perDay) => ({
    requestsPerDay: perDay,
    usd: {
      lambda: perDay * 0.0000921,
      fargate: 40.63 + 10.36 * Math.floor(perDay / 300_000),
      hybrid: Math.min(perDay * 0.0000921, 41),
    },
  }),
);

const HOSTILE = '<img src=x onerror="document.title=\'broken\'">';

function page(): string {
  const file = join(temporaryFolder(), 'cost.html');
  const comparison = { ...COMPARISON, warnings: [...COMPARISON.warnings, HOSTILE] };
  writeFileSync(file, costPage({ comparison, basis: [HOSTILE], points }));
  return `file://${file}`;
}

describe.skipIf(CHROMIUM === undefined)(
  `the page of costs${CHROMIUM === undefined ? ' (skipped: no Chromium here)' : ''}`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    const open = async (width: number, colorScheme: 'light' | 'dark') => {
      const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      const asked: string[] = [];
      const errors: string[] = [];
      tab.on('request', (request) => asked.push(request.url()));
      tab.on('pageerror', (error) => errors.push(error.message));
      const url = page();
      await tab.goto(url);
      return { tab, url, asked, errors, close: () => tab.close() };
    };

    it('says the answer, fetches nothing, and runs nothing that was put into it', async () => {
      const { tab, url, asked, errors, close } = await open(1000, 'light');
      expect(await tab.locator('h1').innerText()).toMatch(
        /^Lambda alone is cheapest: \$9\.21 a month; Fargate pays from 455,558 requests a day\.$/,
      );
      expect(await tab.title()).toBe('What shop costs');
      expect(await tab.locator('body').innerText()).toContain(HOSTILE);
      expect([asked, errors]).toEqual([[url], []]);
      await close();
    });

    it('has a picture with a name and a description, and its figures as a table', async () => {
      const { tab, close } = await open(1000, 'light');
      const picture = tab.getByRole('img', { name: /What a month of shop costs/ });
      expect(await picture.count()).toBe(1);
      await tab.getByText('As a table').click();
      expect(await tab.locator('figure + details tbody tr').count()).toBeGreaterThan(5);
      expect(await tab.locator('th:not([scope])').count()).toBe(0);
      const ids = await tab.evaluate('[...document.querySelectorAll("[id]")].map((one) => one.id)');
      expect(new Set(ids as string[]).size).toBe((ids as string[]).length);
      await close();
    });

    it.each([
      [1000, 'light', 'rgb(255, 255, 255)'],
      [360, 'dark', 'rgb(20, 23, 28)'],
    ] as const)('fits a width of %i in %s', async (width, scheme, paper) => {
      const { tab, close } = await open(width, scheme);
      const seen = (await tab.evaluate(
        `({ scroll: document.documentElement.scrollWidth,
            paper: getComputedStyle(document.body).backgroundColor,
            charts: [...document.querySelectorAll('figure > div')]
              .filter((one) => getComputedStyle(one).display !== 'none').map((one) => one.className) })`,
      )) as { readonly scroll: number; readonly paper: string; readonly charts: readonly string[] };
      expect(seen).toEqual({ scroll: width, paper, charts: [width > 640 ? 'wide' : 'narrow'] });
      await close();
    });

    it('has a picture that stands alone as SVG', async () => {
      const file = join(temporaryFolder(), 'cost.svg');
      writeFileSync(file, costChart(COMPARISON, points, WIDE));
      const tab = await browser.newPage();
      await tab.goto(`file://${file}`);
      const kinds = await tab.evaluate(
        '[document.documentElement.tagName, document.querySelectorAll("path.line").length, document.querySelectorAll("parsererror").length]',
      );
      expect(kinds).toEqual(['svg', 3, 0]);
      await tab.close();
    });
  },
);
