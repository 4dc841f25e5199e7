// A real browser, where Chromium is installed. Of playwright-core only what tests use has a type
// here: its own types need those of a document, which nothing of Fulcrum has.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface Locator {
  innerText(): Promise<string>;
  count(): Promise<number>;
  click(): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  title(): Promise<string>;
  /** Runs an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  locator(selector: string): Locator;
  getByRole(role: string, options: { readonly name: RegExp }): Locator;
  getByText(text: string): Locator;
  on(event: 'request', listen: (request: { url(): string }) => void): void;
  on(event: 'pageerror', listen: (error: Error) => void): void;
  close(): Promise<void>;
}

export interface Browser {
  newPage(options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

interface Playwright {
  readonly chromium: {
    launch(options: {
      readonly executablePath: string;
      readonly args: readonly string[];
    }): Promise<Browser>;
  };
}

/** Undefined where there is none: tests that need it are skipped. */
export const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));

export function startBrowser(): Promise<Browser> {
  const { chromium } = createRequire(import.meta.url)('playwright-core') as Playwright;
  return chromium.launch({
    executablePath: CHROMIUM ?? '',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}
