// Keeps web pages away from a port of the loopback address: a page may send requests to it, and with
// a name that is bound anew even read the answers. What a browser sends from another page names it.

export interface Sender {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site. */
  readonly site: string | undefined;
}

/**
 * Where a container reaches this machine. No page can have a name bound to it that passes: addresses
 * are no names, and those two are resolved by the engine of the containers only.
 */
const FROM_CONTAINER = /^(\d{1,3}(\.\d{1,3}){3}|host\.(docker|containers)\.internal):\d+$/;

/** Whether the Host of a request is a server at `port` of this machine. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return isOwn(host, port) || FROM_CONTAINER.test(host ?? '');
}

function isOwn(name: string | undefined, port: number): boolean {
  return name === `127.0.0.1:${port}` || name === `localhost:${port}` || name === `[::1]:${port}`;
}

/** Why a request is refused, or undefined. `port` is the one that is listened on. */
export function foreignSender({ host, origin, site }: Sender, port: number): string | undefined {
  const own = (name: string): boolean => isOwn(name, port);
  if (!isOwnHost(host, port)) return 'the Host is not this server';
  if (origin !== undefined && !(origin.startsWith('http://') && own(origin.slice(7)))) {
    return 'the Origin is another page';
  }
  return site === undefined || site === 'same-origin' || site === 'none'
    ? undefined
    : 'the request comes from another page';
}
