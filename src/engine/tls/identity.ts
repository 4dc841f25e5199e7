// The key and certificate of the HTTPS listener: those of the user, or ones made on this machine and
// kept in `.fulcrum/tls` until they are near their end.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { Fault } from '../../base/fault.ts';
import type { Millis } from '../../base/units.ts';
import { type KeyAndCertificate, LEAF_MS, makeAuthority, makeLocal } from './certificate.ts';

export interface Identity extends KeyAndCertificate {
  /** File of the authority that clients are to trust; undefined for a certificate of the user. */
  readonly authority: string | undefined;
}

/** A certificate that ends sooner is made anew. */
const RENEW_MS: Millis = 30 * 24 * 3_600_000;

/** Absolute paths. Throws CERTIFICATE_UNUSABLE. */
export function ownIdentity(files: KeyAndCertificate): Identity {
  const key = readOwn(files.key);
  const certificate = readOwn(files.certificate);
  try {
    createSecureContext({ key, cert: certificate });
  } catch (error) {
    throw new Fault('CERTIFICATE_UNUSABLE', { file: files.certificate, reason: reasonOf(error) });
  }
  return { key, certificate, authority: undefined };
}

/** `folder` is made where it is missing. Throws TLS_STORE_UNUSABLE. */
export function localIdentity(folder: string, wall: Millis): Identity {
  const files = { authority: join(folder, 'authority'), local: join(folder, 'localhost') };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Keys are not to end in a repository.
    writeWhole(join(folder, '.gitignore'), '*\n', 0o644);
    let authority = readPair(files.authority, wall, LEAF_MS);
    if (authority === undefined) {
      authority = makeAuthority(wall);
      writePair(files.authority, authority);
    }
    let local = readPair(files.local, wall, RENEW_MS);
    if (local === undefined || !isSignedBy(local, authority)) {
      local = makeLocal(authority, wall);
      writePair(files.local, local);
    }
    return { ...local, authority: `${files.authority}.pem` };
  } catch (error) {
    throw new Fault('TLS_STORE_UNUSABLE', { folder, reason: reasonOf(error) });
  }
}

/** Undefined if it is not there, does not belong together or has less than `forMs` left. */
function readPair(file: string, wall: Millis, forMs: Millis): KeyAndCertificate | undefined {
  if (!existsSync(`${file}.pem`) || !existsSync(`${file}.key`)) return undefined;
  const key = readFileSync(`${file}.key`, 'utf8');
  const certificate = readFileSync(`${file}.pem`, 'utf8');
  try {
    const parsed = new X509Certificate(certificate);
    const lasts = Date.parse(parsed.validTo) - wall >= forMs;
    return lasts && parsed.checkPrivateKey(createPrivateKey(key))
      ? { key, certificate }
      : undefined;
  } catch {
    // Half a file, or somebody else's: it is written anew.
    return undefined;
  }
}

function isSignedBy(local: KeyAndCertificate, authority: KeyAndCertificate): boolean {
  const issuer = new X509Certificate(authority.certificate);
  const parsed = new X509Certificate(local.certificate);
  return parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey);
}

/** Each file whole or not at all; the key can be read by its owner only. */
function writePair(file: string, { key, certificate }: KeyAndCertificate): void {
  writeWhole(`${file}.key`, key, 0o600);
  writeWhole(`${file}.pem`, certificate, 0o644);
}

function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.new`;
  const descriptor = openSync(draft, 'w', mode);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Fault('CERTIFICATE_UNUSABLE', { file, reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
