// Reads new prices from AWS's bulk price list and writes a refreshed price book: whole, or not at all.

import { Fault } from '../base/fault.ts';
import { PRICE_ITEMS, type PriceItem } from '../cost/prices/catalogue.ts';
import { offerReader } from '../cost/prices/offer.ts';
import { BUNDLED_PRICES, dataProblems, type PriceData } from '../cost/prices/price-data.ts';
import {
  notRefreshable,
  offersOf,
  type ReadOffer,
  type Refreshed,
  refreshed,
} from '../cost/prices/refresh.ts';
import type { Machine } from './machine.ts';
import { type PriceChoice, priceDataText, pricesInUse, refreshFile } from './price-file.ts';
import { readOffer } from './read-offer.ts';

/** [docs.aws.amazon.com/awsaccountbilling: using the bulk API] */
const PRICE_LIST = 'https://pricing.us-east-1.amazonaws.com';

const OFFERS = '/offers/v1.0/aws';

/** A price list of which nothing comes for so long has broken off. */
const IDLE_MS = 60_000;

export interface RefreshOptions extends PriceChoice {
  readonly regions: readonly string[];
  /** Only these; default all. */
  readonly items?: readonly PriceItem[];
  /** Where the price list is, in place of AWS's. */
  readonly from: string | undefined;
  readonly signal: AbortSignal;
  readonly progress: (progress: RefreshProgress) => void;
}

export interface RefreshProgress {
  readonly region: string;
  readonly code: string;
  /** Of all the offers to read, from 1. */
  readonly number: number;
  readonly of: number;
  readonly bytes: number;
  readonly done: boolean;
}

export interface RefreshReport extends Omit<Refreshed, 'data'> {
  readonly file: string;
  readonly asOf: string;
  readonly regions: readonly string[];
  /** Items read, their price changed or not. */
  readonly read: number;
  /** Items asked for whose row in the price list is not known: never read. */
  readonly notRead: readonly PriceItem[];
  /** The file that was there was damaged, and is replaced. */
  readonly replaced: boolean;
}

/**
 * Throws PRICES_UNREACHABLE, PRICES_REFUSED, PRICES_NOT_AN_OFFER, PRICES_OFFER_CHANGED,
 * PRICES_FILE_UNWRITABLE, PRICES_NO_HOME, PRICES_NOT_LISTED, PRICES_REFRESH_STOPPED; then nothing is written.
 */
export async function refreshPrices(
  machine: Machine,
  options: RefreshOptions,
): Promise<RefreshReport> {
  const { regions, items = PRICE_ITEMS, signal } = options;
  const file = refreshFile(machine, options);
  const base = baseOf(machine, options);
  const offers = regions.flatMap((region) =>
    [...offersOf(items)].map(([code, of]) => ({ region, code, items: of })),
  );
  if (offers.length === 0) throw new Fault('PRICES_NOT_LISTED', { items });
  const read: ReadOffer[] = [];
  for (const [index, offer] of offers.entries()) {
    if (signal.aborted) throw new Fault('PRICES_REFRESH_STOPPED', {});
    const say = (bytes: number, done: boolean) =>
      options.progress({ ...offer, number: index + 1, of: offers.length, bytes, done });
    read.push(await readOne(machine, options, offer, say));
  }
  refuseNothing(read, options);
  const today = new Date(machine.clock.wall()).toISOString().slice(0, 10);
  const { data, changes, same, kept } = refreshed(base.data, read, today);
  if (signal.aborted) throw new Fault('PRICES_REFRESH_STOPPED', {});
  write(machine, file, data);
  return {
    file,
    asOf: data.asOf,
    regions,
    read: same + changes.length,
    changes,
    same,
    kept,
    notRead: notRefreshable(items),
    replaced: base.damaged,
  };
}

/** What the new prices are laid over: those in use, so that regions read before stay. */
function baseOf(
  machine: Machine,
  options: RefreshOptions,
): { readonly data: PriceData; readonly damaged: boolean } {
  try {
    return { data: pricesInUse(machine, options).data, damaged: false };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { data: BUNDLED_PRICES, damaged: error.code === 'PRICES_FILE_INVALID' };
  }
}

interface OfferOrder {
  readonly region: string;
  readonly code: string;
  readonly items: readonly PriceItem[];
}

async function readOne(
  machine: Machine,
  { from, signal }: RefreshOptions,
  { region, code, items }: OfferOrder,
  say: (bytes: number, done: boolean) => void,
): Promise<ReadOffer> {
  const root = rootOf(from);
  const url = `${root}/${code}/current/${region}/index.csv`;
  const common = { region, code, items };
  const nothing = { found: new Map(), doubts: new Map(), version: undefined };
  say(0, false);
  const answer = await ask(machine, url, signal);
  if (answer.status !== 200) {
    answer.cancel();
    if (
      !(await isNotOffered(machine, `${root}/${code}/current/region_index.json`, region, signal))
    ) {
      throw new Fault('PRICES_REFUSED', { url, status: answer.status });
    }
    say(0, true);
    return { ...common, ...nothing };
  }
  const reader = offerReader(region, items);
  let bytes = 0;
  const onBytes = (now: number) => {
    bytes = now;
    say(now, false);
  };
  const version = await readOffer(answer, { url, code, onBytes }, reader).catch(
    (error: unknown) => {
      throw signal.aborted ? new Fault('PRICES_REFRESH_STOPPED', {}) : error;
    },
  );
  say(bytes, true);
  return { ...common, ...reader.result(), version };
}

/** Whether AWS lists the service with other regions and not with this one. */
async function isNotOffered(
  machine: Machine,
  url: string,
  region: string,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await ask(machine, url, signal);
  if (answer.status !== 200) {
    answer.cancel();
    return false;
  }
  try {
    const index = JSON.parse(await textOf(answer.body)) as { readonly regions?: unknown };
    const { regions } = index;
    return typeof regions === 'object' && regions !== null && !Object.hasOwn(regions, region);
  } catch {
    // It is only asked to tell one refusal from another.
    return false;
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

async function ask(machine: Machine, url: string, signal: AbortSignal) {
  try {
    return await machine.web.get(url, { signal, idleMs: IDLE_MS });
  } catch (error) {
    if (signal.aborted) throw new Fault('PRICES_REFRESH_STOPPED', {});
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('PRICES_UNREACHABLE', { url, why }, { cause: error });
  }
}

/** `--from` may name the host, or the folder of the offers. Throws USAGE. */
function rootOf(from: string | undefined): string {
  const base = (from ?? PRICE_LIST).replace(/\/+$/, '');
  if (!/^https?:\/\/[^/]/.test(base) || !URL.canParse(base)) {
    throw new Fault('USAGE', {
      problem: `--from must be an address with http or https, was: ${from}`,
      fix: `Leave it out for that of AWS, ${PRICE_LIST}.`,
    });
  }
  return base.endsWith(OFFERS) ? base : `${base}${OFFERS}`;
}

/** A region in which no service at all is listed is no region. */
function refuseNothing(read: readonly ReadOffer[], { from, regions }: RefreshOptions): void {
  for (const region of regions) {
    const of = read.filter((offer) => offer.region === region);
    const [first] = of;
    if (first === undefined || of.some(({ version }) => version !== undefined)) continue;
    const url = `${rootOf(from)}/${first.code}/current/${region}/index.csv`;
    throw new Fault('PRICES_REFUSED', { url, status: 404 });
  }
}

function write(machine: Machine, file: string, data: PriceData): void {
  const problems = dataProblems(data);
  if (problems.length > 0) throw new Fault('PRICES_FILE_INVALID', { file, problems });
  try {
    machine.writeText(file, priceDataText(data));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Fault('PRICES_FILE_UNWRITABLE', { file, why }, { cause: error });
  }
}
