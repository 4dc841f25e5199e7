// The app that is priced: that of a fulcrum.yml, or where there is none, one service with usual
// settings, for a first question.

import { relative, resolve } from 'node:path';
import { Fault } from '../base/fault.ts';
import { loadApp } from '../config/load.ts';
import { pricedRegions } from '../cost/prices/price-book.ts';
import type { PriceData } from '../cost/prices/price-data.ts';
import { nearestRegions } from '../cost/prices/regions.ts';
import type { App } from '../model/app.ts';
import { type AppChoice, placeOf, readApp } from './find-app.ts';
import type { Machine } from './machine.ts';

export interface CostApp {
  readonly app: App;
  /** As messages name it; undefined: there is none. */
  readonly file: string | undefined;
  readonly folder: string;
  /** Where the app is from, as a clause. */
  readonly basis: string;
}

const QUICK_REGION = 'us-east-1';

/** What a web service has at the least on each compute, and what most put before it. */
function quickText(region: string): string {
  return `
app: estimate
region: ${region}
services:
  app:
    command: none
    lambda: { memory: 512 }
    fargate: { cpu: 256, memory: 512 }
routes:
  - { path: /*, service: app, compute: auto }
cost:
  entry: { lambda: http-api, fargate: alb }
`;
}

/**
 * `region` stands in for that of the file. Throws CONFIG_NOT_FOUND where --config names no file,
 * CONFIG_INVALID, STAGE_UNKNOWN, PRICES_REGION_UNKNOWN, COST_NOTHING_TO_PRICE.
 */
export function costApp(
  machine: Machine,
  choice: AppChoice & { readonly region: string | undefined },
  prices: PriceData,
): CostApp {
  const { region } = choice;
  if (region !== undefined) checkRegion(region, prices);
  const place = placeOf(machine, choice);
  if (choice.config === undefined && !machine.exists(place.file)) {
    if (choice.stage !== undefined) throw new Fault('CONFIG_NOT_FOUND', { file: place.name });
    const text = quickText(region ?? QUICK_REGION);
    const app = loadApp({ name: 'the app that is assumed', text }, undefined);
    const basis = `no ${place.name} here, so one service of usual settings is assumed`;
    return { app, file: undefined, folder: choice.cwd, basis };
  }
  const { app } = readApp(machine, choice);
  if (app.services.length + app.functions.length === 0) {
    throw new Fault('COST_NOTHING_TO_PRICE', { file: place.name });
  }
  checkRegion(region ?? app.region, prices);
  const stage = app.stage === undefined ? '' : `, stage ${app.stage}`;
  return {
    app: region === undefined ? app : { ...app, region },
    file: place.name,
    folder: place.folder,
    basis: `${relative(choice.cwd, resolve(place.file)) || place.name}${stage}`,
  };
}

function checkRegion(region: string, prices: PriceData): void {
  const known = pricedRegions(prices);
  if (known.includes(region)) return;
  throw new Fault('PRICES_REGION_UNKNOWN', { region, near: nearestRegions(region, known) });
}
