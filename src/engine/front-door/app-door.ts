// The front door of the app with what it keeps on the disk: the certificate of HTTPS, access logs.

import { join, resolve } from 'node:path';
import type { AlbEntry, HttpsListener } from '../../model/app.ts';
import type { HttpsAt } from '../../model/event.ts';
import { accessLog } from './access-log.ts';
import { AccessLogFile } from './access-log-file.ts';
import { frontDoor } from './front-door.ts';
import { kindOf } from './kind-of.ts';
import type { WayParts } from './request-way.ts';

export interface AppDoorParts extends Omit<WayParts, 'kind' | 'accessLog'> {
  /** Absolute: where certificates and logs are kept, and where `fulcrum.yml` is. */
  readonly stateFolder: string;
  readonly folder: string;
}

export interface DoorAddresses {
  readonly url: string;
  readonly https: HttpsAt | undefined;
}

export interface AppDoor {
  /**
   * Listens on 127.0.0.1; 0 takes a free port. Throws PORT_TAKEN, PORT_REFUSED, HTTPS_PORT_UNUSABLE,
   * CERTIFICATE_UNUSABLE, TLS_STORE_UNUSABLE or ACCESS_LOG_UNUSABLE; then nothing listens.
   */
  listen(port: number): Promise<DoorAddresses>;
  connections(): number;
  /** Requests under way. */
  inFlight(): number;
  /** Takes no more connections and requests; resolves when those under way are answered. */
  drain(): Promise<void>;
  /** Breaks what is left; resolves when the log is written. */
  close(): Promise<void>;
}

export function appDoor(parts: AppDoorParts): AppDoor {
  const { app, clock, rng, events } = parts;
  const entry = app.entry.type === 'alb' ? app.entry : undefined;
  const kind = kindOf(app, clock, rng);
  const folder = logFolder(entry, parts);
  const file = folder === undefined ? undefined : new AccessLogFile({ app, clock, events, folder });
  const log = file === undefined ? undefined : accessLog({ app, kind, clock, rng, file });
  const door = frontDoor({ ...parts, kind, accessLog: log });
  const close = async (): Promise<void> => {
    door.close();
    await file?.close();
  };
  const listenSecurely = async (https: HttpsListener): Promise<HttpsAt> => {
    const identity = await identityOf(https, parts);
    const port = await door.listenSecurely(https.port, { ...identity, http2: https.http2 });
    return { url: `https://127.0.0.1:${port}`, authority: identity.authority };
  };
  return {
    async listen(port) {
      const taken = await door.listen(port);
      try {
        await file?.open();
        const https = entry?.https === undefined ? undefined : await listenSecurely(entry.https);
        return { url: `http://127.0.0.1:${taken}`, https };
      } catch (error) {
        await close();
        throw error;
      }
    },
    connections: () => door.connections(),
    inFlight: () => door.inFlight(),
    drain: () => door.drain(),
    close,
  };
}

type Folders = Pick<AppDoorParts, 'stateFolder' | 'folder'>;

function logFolder(entry: AlbEntry | undefined, { stateFolder, folder }: Folders) {
  const where = entry?.accessLogs;
  if (where === undefined) return undefined;
  return where === true ? join(stateFolder, 'logs', 'access') : resolve(folder, where);
}

/** What makes and reads certificates is loaded by apps with HTTPS alone. */
async function identityOf({ own }: HttpsListener, { clock, stateFolder, folder }: AppDoorParts) {
  const { localIdentity, ownIdentity } = await import('../tls/identity.ts');
  if (own === undefined) return localIdentity(join(stateFolder, 'tls'), clock.wall());
  return ownIdentity({
    certificate: resolve(folder, own.certificate),
    key: resolve(folder, own.key),
  });
}
