// The page of `fulcrum simulate --html`, opened in a real browser.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/app.ts';
import { type Browser, CHROMIUM, startBrowser } from './support/browser.ts';
import { runCli } from './support/cli.ts';

const NAME = '<b>x.csv';

/** An hour of minutes with a gap, and a file whose name is no markup. */
function trace(cwd: string): void {
  const rows = Array.from({ length: 90 }, (_, index) => index)
    .filter((index) => index < 30 || index > 44)
    .map((index) => `${Date.UTC(2026, 0, 1, 0, index) / 1000},${600 + 400 * Math.sin(index / 9)}`);
  writeFileSync(join(cwd, NAME), ['timestamp,count', ...rows].join('\n'));
}

describe.skipIf(CHROMIUM === undefined)(
  `the page of a simulation${CHROMIUM === undefined ? ' (skipped: no Chromium here)' : ''}`,
  () => {
    let browser: Browser;
    let text = '';
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    const page = async (): Promise<string> => {
      const cwd = temporaryFolder();
      const file = join(cwd, 'a.html');
      if (text === '') {
        trace(cwd);
        const args = ['simulate', '--trace', NAME, '--policy', 'all', '--html', 'a.html'];
        const { code, err } = await runCli(args, { cwd, env: { HOME: cwd, XDG_CACHE_HOME: cwd } });
        expect([code, err]).toEqual([0, 'wrote a.html\n']);
        text = readFileSync(file, 'utf8');
      } else writeFileSync(file, text);
      return file;
    };

    it.each([
      [1000, 'light', 'rgb(255, 255, 255)'],
      [360, 'dark', 'rgb(20, 23, 28)'],
    ] as const)(
      'fits a width of %i in %s, asks for nothing, and has all its pictures',
      async (width, colorScheme, paper) => {
        const path = await page();
        const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
        const asked: string[] = [];
        tab.on('request', (request) => asked.push(request.url()));
        const errors: string[] = [];
        tab.on('pageerror', (error) => errors.push(error.message));
        await tab.goto(`file://${path}`);
        expect([asked, errors]).toEqual([[`file://${path}`], []]);
        expect(await tab.locator('h1').innerText()).toMatch(/is cheapest: \$/);
        expect(await tab.locator('body').innerText()).toContain(NAME);
        const seen = await tab.evaluate(
          `({ scroll: document.documentElement.scrollWidth,
            paper: getComputedStyle(document.body).backgroundColor,
            ids: [...document.querySelectorAll('[id]')].length - new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size,
            broken: [...document.querySelectorAll('path')].filter((one) => /NaN|Infinity/.test(one.getAttribute('d'))).length })`,
        );
        expect(seen).toEqual({ scroll: width, paper, ids: 0, broken: 0 });
        for (const name of [
          /^Demand, and what the tasks of level-counter/,
          /^Who served what, with level-counter/,
          /^Cost over time/,
          /^Cost by load/,
          /^Cost over the optimum/,
        ]) {
          expect(await tab.getByRole('img', { name }).count(), String(name)).toBe(1);
        }
        await tab.close();
      },
    );

    it('is one file of moderate size that marks the break-even', async () => {
      const path = await page();
      expect(statSync(path).size).toBeLessThan(2e6);
      expect(text).toContain('a task pays: ');
      expect(text).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    });
  },
);
