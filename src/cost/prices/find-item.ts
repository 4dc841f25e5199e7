// Which item of the price book is meant, however it is spelled.

import { editDistance } from '../../base/closest.ts';
import { CATALOGUE, PRICE_ITEMS, type PriceItem } from './catalogue.ts';

/**
 * The item with this name. Case, dots, underscores, hyphens, spaces, a trailing "tier1", and "x86"
 * for "x86_64" or "arm" for "arm64" do not matter. The service is the part before the first dot, or
 * its usual word ("API Gateway"); without it the name has to fit one item only.
 */
export function findItem(service: string | undefined, name: string): PriceItem | undefined {
  const written = plain(name);
  if (written === '') return undefined;
  const whole = BY_NAME.get(`${plain(service ?? '')}${written}`) ?? BY_NAME.get(written);
  const fits = (item: PriceItem) => service === undefined || isOf(item, service);
  if (whole !== undefined && fits(whole)) return whole;
  const [only, ...others] = PRICE_ITEMS.filter(
    (item) =>
      fits(item) &&
      (plain(lastOf(item)) === written ||
        `${plain(CATALOGUE[item].service)}${plain(lastOf(item))}` === written),
  );
  return others.length === 0 ? only : undefined;
}

/** Items that were perhaps meant, the likeliest first, at most five. */
export function nearItems(service: string | undefined, name: string): readonly PriceItem[] {
  const of = PRICE_ITEMS.filter((item) => service === undefined || isOf(item, service));
  const candidates = of.length === 0 ? PRICE_ITEMS : of;
  const written = plain(`${of.length === 0 ? (service ?? '') : ''}${name}`);
  return candidates
    .map((item) => ({ item, distance: distanceTo(item, written) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(written.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTED)
    .map(({ item }) => item);
}

const SUGGESTED = 5;

/**
 * Items that have all of these words in their name or service; when there are none, in what is said
 * of them; when there are none there either, those of each word: "lambda alb". A word fits where one
 * begins with it: "arm" is not in "alarm". Whole names are those items alone; no words are all items.
 */
export function itemsOf(words: readonly string[]): readonly PriceItem[] {
  const [service, ...name] = words;
  if (service === undefined) return PRICE_ITEMS;
  const exact =
    findItem(undefined, words.join(' ')) ??
    (name.length > 0 ? findItem(service, name.join(' ')) : undefined);
  if (exact !== undefined) return [exact];
  const each = words.map((word) => findItem(undefined, word));
  if (each.every((item) => item !== undefined)) return [...new Set(each)];
  const wanted = words.flatMap((word) => wordsOf(word));
  const named = havingAll(wanted, NAMED);
  if (named.length > 0) return named;
  const said = havingAll(wanted, SAID);
  return said.length > 0 ? said : havingAny(wanted);
}

/** Of each word those that have it in their name; none when a word is in no name. */
function havingAny(wanted: readonly string[]): readonly PriceItem[] {
  const of = wanted.map((word) => havingAll([word], NAMED));
  if (of.some((items) => items.length === 0)) return [];
  const either = new Set(of.flat());
  return PRICE_ITEMS.filter((item) => either.has(item));
}

function havingAll(
  wanted: readonly string[],
  said: ReadonlyMap<PriceItem, readonly string[]>,
): readonly PriceItem[] {
  return PRICE_ITEMS.filter((item) => {
    const has = said.get(item) ?? [];
    return wanted.every((word) => has.some((one) => one.startsWith(word)));
  });
}

/** Words of names and services, for "did you mean". */
export function itemWords(): readonly string[] {
  return [...new Set(PRICE_ITEMS.flatMap((item) => NAMED.get(item) ?? []))].filter(
    (word) => word.length > 2,
  );
}

/** To the whole name, or to any of its last words: "gbsecnd" is near "x86_64.gbSecond". */
function distanceTo(item: PriceItem, written: string): number {
  const whole = plain(item);
  if (whole.includes(written)) return 0;
  const words = wordsOf(lastOf(item));
  const endings = words.map((_, index) => plain(words.slice(index).join('')));
  return Math.min(...[whole, ...endings].map((one) => editDistance(written, one)));
}

function isOf(item: PriceItem, service: string): boolean {
  const word = plain(service);
  return plain(firstOf(item)) === word || plain(CATALOGUE[item].service) === word;
}

function firstOf(item: PriceItem): string {
  return item.slice(0, item.indexOf('.'));
}

function lastOf(item: PriceItem): string {
  return item.slice(item.indexOf('.') + 1);
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .replaceAll('x8664', 'x86')
    .replaceAll('arm64', 'arm')
    .replace(/tier1$/, '');
}

/** "httpRequest" is "http request"; all in lower case. */
function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(/x86[_-]?64/gi, 'x86')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

const BY_NAME = new Map(PRICE_ITEMS.map((item) => [plain(item), item]));

const NAMED = new Map(
  PRICE_ITEMS.map((item) => [item, [...wordsOf(item), ...wordsOf(CATALOGUE[item].service)]]),
);

const SAID = new Map(
  PRICE_ITEMS.map((item) => [
    item,
    [
      ...(NAMED.get(item) ?? []),
      ...wordsOf(CATALOGUE[item].what),
      ...wordsOf(CATALOGUE[item].unit),
    ],
  ]),
);
