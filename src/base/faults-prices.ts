// Failures with prices: names that the price book does not have, and reading new prices.

import { EXIT, entry } from './fault-entry.ts';

const OLD_STAYS = 'The prices in use stay as they were.';

export const PRICE_FAULTS = {
  PRICES_REGION_UNKNOWN: entry<{
    region: string;
    place?: string | undefined;
    near: readonly string[];
  }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A region that the price book has no prices for.',
    say: ({ region, place }) =>
      `The price book has no region "${region}"${place === undefined ? '' : `, ${place}`}.`,
    fix: ({ near }) =>
      near.length === 0
        ? '"fulcrum prices --region all lambda.request" lists those it has.'
        : `Did you mean ${near.join(' or ')}? "fulcrum prices --region all lambda.request" lists all.`,
  }),
  PRICES_ITEM_UNKNOWN: entry<{ item: string; near: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'An item that the price book does not have, or words that no item has.',
    say: ({ item }) => `The price book has no item "${item}".`,
    fix: ({ near }) =>
      near.length === 0
        ? '"fulcrum prices" lists every item.'
        : `Did you mean ${near.join(', or ')}? "fulcrum prices" lists every item.`,
  }),
  PRICES_ITEM_AMBIGUOUS: entry<{ item: string; items: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'One item is to be explained, and the words fit several.',
    say: ({ item, items }) => `"${item}" fits ${items.length} items.`,
    fix: ({ items }) =>
      `Name one of: ${items.slice(0, 8).join(', ')}${items.length > 8 ? ', …' : ''}.`,
  }),
  PRICES_FILE_NOT_FOUND: entry<{ file: string }>({
    blame: 'usage',
    exit: EXIT.notFound,
    when: '--prices-file names a file that is not there.',
    say: ({ file }) => `There is no ${file}.`,
    fix: ({ file }) => `Make it: fulcrum prices --refresh --prices-file ${file}`,
  }),
  PRICES_FILE_INVALID: entry<{ file: string; problems: readonly string[]; named?: boolean }>({
    blame: 'machine',
    exit: EXIT.config,
    when: 'A file with refreshed prices is damaged or is no price book.',
    say: ({ file, problems }) =>
      [
        `${file} is no price book:`,
        ...problems.slice(0, 5).map((problem) => `  ${problem}`),
        ...(problems.length > 5 ? [`  and ${problems.length - 5} more`] : []),
      ].join('\n'),
    fix: ({ file, named = false }) =>
      named
        ? 'Name a file that "fulcrum prices --refresh --prices-file" has made, or one that is not there yet.'
        : `Remove ${file} to go on with the prices that came with Fulcrum; "fulcrum prices --refresh" makes a new one.`,
  }),
  PRICES_FILE_UNWRITABLE: entry<{ file: string; why: string }>({
    blame: 'machine',
    exit: EXIT.unexpected,
    when: 'Refreshed prices cannot be written.',
    say: ({ file, why }) => `${file} cannot be written: ${why}. ${OLD_STAYS}`,
    fix: () => 'Free space, or name a file in a folder you may write to with --prices-file.',
  }),
  PRICES_NO_HOME: entry<Record<never, never>>({
    blame: 'machine',
    exit: EXIT.usage,
    when: 'Prices are to be refreshed, and no folder of the user is known.',
    say: () => 'There is no folder to keep refreshed prices in: HOME is not set.',
    fix: () => 'Name a file with --prices-file.',
  }),
  PRICES_UNREACHABLE: entry<{ url: string; why: string }>({
    blame: 'machine',
    exit: EXIT.dependency,
    when: 'The price list of AWS cannot be read, or breaks off.',
    say: ({ url, why }) => `${url} could not be read: ${why}. ${OLD_STAYS}`,
    fix: () =>
      'Look at the network and run it again; behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1.',
  }),
  PRICES_REFUSED: entry<{ url: string; status: number }>({
    blame: 'machine',
    exit: EXIT.dependency,
    when: 'The price list answers with an error, as 404 for a service or region that it does not have.',
    say: ({ url, status }) => `${url} answered ${status}. ${OLD_STAYS}`,
    fix: ({ status }) =>
      status === 404 || status === 403
        ? 'Look at the region and at --from: AWS has no such price list.'
        : 'Run it again later.',
  }),
  PRICES_NOT_AN_OFFER: entry<{ url: string; what: string }>({
    blame: 'machine',
    exit: EXIT.dependency,
    when: 'What was read instead of a price list is something else, as the page of a proxy, or half of one.',
    say: ({ url, what }) => `${url} is no price list: ${what}. ${OLD_STAYS}`,
    fix: () =>
      'Open the address in a browser: a proxy or a sign-in page may answer for AWS. Else run it again.',
  }),
  PRICES_OFFER_CHANGED: entry<{ url: string; missing: readonly string[] }>({
    blame: 'bug',
    exit: EXIT.dependency,
    when: 'A price list of AWS no longer has a column that prices are read from.',
    say: ({ url, missing }) =>
      `${url} has no column ${missing.map((name) => `"${name}"`).join(', ')}. ${OLD_STAYS}`,
    fix: () => 'AWS has changed the form of its price list; a newer Fulcrum is needed.',
  }),
  PRICES_NOT_LISTED: entry<{ items: readonly string[] }>({
    blame: 'usage',
    exit: EXIT.usage,
    when: 'A refresh is asked for items whose row in the price list is not known for certain.',
    say: ({ items }) =>
      `Of ${items.slice(0, 3).join(', ')}${items.length > 3 ? ` and ${items.length - 3} more` : ''} the row in AWS's price list is not known for certain, so it is not read.`,
    fix: () => 'Refresh others; "fulcrum prices explain <item>" says where a price is from.',
  }),
  PRICES_REFRESH_STOPPED: entry<Record<never, never>>({
    blame: 'usage',
    exit: EXIT.interrupted,
    when: 'Refreshing the prices was interrupted.',
    say: () => `Stopped; nothing was written. ${OLD_STAYS}`,
    fix: () => 'Run it again; words choose what is read, as in: fulcrum prices --refresh fargate.',
  }),
};
