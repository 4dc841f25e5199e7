// Where a redirect leads: its parts with the keywords filled in. [ELB:rule-action-types]

import type { RedirectAction } from '../model/route.ts';

/** The URL a request came to. */
export interface RequestUrl {
  readonly protocol: 'http' | 'https';
  /** Without the port. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Without the "?"; "" without one. */
  readonly query: string;
}

const KEYWORD = /#\{(protocol|host|port|path|query)\}/g;

/** The value of Location. The port is always in it, as a load balancer writes it. */
export function locationOf(action: RedirectAction, url: RequestUrl): string {
  const fill = (text: string): string =>
    text.replace(KEYWORD, (_, word: keyof RequestUrl) =>
      word === 'path' ? url.path.slice(1) : String(url[word]),
    );
  const query = fill(action.query);
  const place = `${fill(action.protocol)}://${fill(action.host)}:${fill(action.port)}${fill(action.path)}`;
  return query === '' ? place : `${place}?${query}`;
}
