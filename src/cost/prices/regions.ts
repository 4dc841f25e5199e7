// Regions of AWS: their places for people, their prefix in usage types, and which one was meant.

import { editDistance } from '../../base/closest.ts';

interface Region {
  /** As AWS writes it: "Europe (London)". */
  readonly place: string;
  /** What precedes a usage type on bills and in offers: all that are in use for it. */
  readonly prefixes: readonly string[];
}

const region = (place: string, ...prefixes: readonly string[]): Region => ({ place, prefixes });

/** Older offers of us-east-1 have no prefix, and of eu-west-1 a short one. */
const REGIONS: Readonly<Record<string, Region>> = {
  'us-east-1': region('US East (N. Virginia)', '', 'USE1-'),
  'us-east-2': region('US East (Ohio)', 'USE2-'),
  'us-west-1': region('US West (N. California)', 'USW1-'),
  'us-west-2': region('US West (Oregon)', 'USW2-'),
  'ca-central-1': region('Canada (Central)', 'CAN1-'),
  'eu-west-1': region('Europe (Ireland)', 'EU-', 'EUW1-'),
  'eu-west-2': region('Europe (London)', 'EUW2-'),
  'eu-west-3': region('Europe (Paris)', 'EUW3-'),
  'eu-central-1': region('Europe (Frankfurt)', 'EUC1-'),
  'eu-central-2': region('Europe (Zurich)', 'EUC2-'),
  'eu-north-1': region('Europe (Stockholm)', 'EUN1-'),
  'eu-south-1': region('Europe (Milan)', 'EUS1-'),
  'eu-south-2': region('Europe (Spain)', 'EUS2-'),
  'ap-southeast-1': region('Asia Pacific (Singapore)', 'APS1-'),
  'ap-southeast-2': region('Asia Pacific (Sydney)', 'APS2-'),
  'ap-northeast-1': region('Asia Pacific (Tokyo)', 'APN1-'),
  'ap-northeast-2': region('Asia Pacific (Seoul)', 'APN2-'),
  'ap-northeast-3': region('Asia Pacific (Osaka)', 'APN3-'),
  'ap-south-1': region('Asia Pacific (Mumbai)', 'APS3-'),
  'sa-east-1': region('South America (São Paulo)', 'SAE1-'),
  'af-south-1': region('Africa (Cape Town)', 'AFS1-'),
  'me-south-1': region('Middle East (Bahrain)', 'MES1-'),
  'me-central-1': region('Middle East (UAE)', 'MEC1-'),
};

/** Every region that the price book is made for. */
export const KNOWN_REGIONS: readonly string[] = Object.keys(REGIONS);

/** "Europe (London)"; the name itself where the place is not known. */
export function placeOf(name: string): string {
  return REGIONS[name]?.place ?? name;
}

/** Prefixes of its usage types; none for a region that is not known. */
export function usagePrefixes(name: string): readonly string[] {
  return REGIONS[name]?.prefixes ?? [];
}

/** Further apart than this, a region is not what was meant. */
const MAX_EDITS = 2;

/** How many are offered. */
const OFFERED = 3;

/**
 * The known regions that were most likely meant, the likeliest first: by spelling ("us-esat-1",
 * "euwest2"), by place ("london"), else of the same part of the world ("eu-west-9"), at most three.
 */
export function nearestRegions(
  name: string,
  known: readonly string[] = KNOWN_REGIONS,
): readonly string[] {
  const written = plain(name);
  const byPlace = known.filter(
    (one) => written.length > 2 && plain(placeOf(one)).includes(written),
  );
  if (byPlace.length > 0) return byPlace.slice(0, OFFERED);
  const [part = '', ...parts] = name.toLowerCase().split(/[-_ ]/);
  const near = known
    .filter((one) => parts.length === 0 || editDistance(part, partOf(one)) <= 1)
    .map((one) => ({ one, edits: editDistance(written, plain(one)) }))
    .sort((a, b) => a.edits - b.edits);
  const spelled = near.filter(({ edits }) => edits <= MAX_EDITS);
  const [best, ...more] =
    spelled.length > 0 ? spelled : near.filter(({ one }) => partOf(one) === part);
  if (best === undefined) return [];
  const others = more.filter(({ one, edits }) => edits === best.edits || partOf(one) === part);
  return [best, ...others].map(({ one }) => one).slice(0, OFFERED);
}

/** Its part of the world: "eu". */
function partOf(name: string): string {
  return name.slice(0, name.indexOf('-'));
}

/** Of letters and digits alone: "eu_west 2" and "EU-WEST-2" are one. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[^a-z0-9]/g, '');
}
