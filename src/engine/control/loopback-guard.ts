// Keeps web pages away from a port of the loopback address: a page may send requests to it, and with
// a name that is bound anew even read the answers. What a browser sends from another page names it.

export interface Sender {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site. */
  readonly site: string | undefined;
}

/** Why a request is refused, or undefined. `port` is the one that is listened on. */
export function foreignSender({ host, origin, site }: Sender, port: number): string | undefined {
  const own = (name: string | undefined): boolean =>
    name === `127.0.0.1:${port}` || name === `localhost:${port}` || name === `[::1]:${port}`;
  if (!own(host)) return 'the Host is not this server';
  if (origin !== undefined && !(origin.startsWith('http://') && own(origin.slice(7)))) {
    return 'the Origin is another page';
  }
  return site === undefined || site === 'same-origin' || site === 'none'
    ? undefined
    : 'the request comes from another page';
}
