// Makes the two certificates that HTTPS on this machine needs: an authority that people can trust
// once, and what it signs for localhost (RFC 5280).
//
// The authority may sign for localhost and the loopback addresses alone (name constraints), so that
// nobody can use its key to speak for another site to whoever trusts it.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { Millis } from '../../base/units.ts';
import { bits, integer, objectId, octets, sequence, set, TRUE, tagged, time, utf8 } from './der.ts';

/** In PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

const DAY_MS: Millis = 24 * 3_600_000;

/** Below the 825 days that clients take at most, and a life for the authority that outlasts many. */
export const LEAF_MS: Millis = 820 * DAY_MS;
export const AUTHORITY_MS: Millis = 3650 * DAY_MS;

/** Clocks differ: valid from a bit before now. */
const EARLY_MS: Millis = 3_600_000;

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const LOOPBACK_V4 = Buffer.from([127, 0, 0, 1]);
const LOOPBACK_V6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
const MASK_V4 = Buffer.from([255, 0, 0, 0]);
const MASK_V6 = Buffer.alloc(16, 0xff);

const localhost = tagged(2, false, Buffer.from('localhost', 'latin1'));
const address = (...bytes: readonly Buffer[]): Buffer => tagged(7, false, ...bytes);

export function makeAuthority(wall: Millis): KeyAndCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = `Fulcrum local authority ${randomBytes(4).toString('hex')}`;
  const permitted = tagged(
    0,
    true,
    sequence(localhost),
    sequence(address(LOOPBACK_V4, MASK_V4)),
    sequence(address(LOOPBACK_V6, MASK_V6)),
  );
  return certify({
    subject: name,
    issuer: name,
    publicKey,
    privateKey,
    signWith: privateKey,
    from: wall,
    until: wall + AUTHORITY_MS,
    extensions: [
      extension(OID.basicConstraints, sequence(TRUE, integer(Buffer.from([0]))), true),
      // keyCertSign and cRLSign.
      extension(OID.keyUsage, bits(Buffer.from([0b0000_0110]), 1), true),
      extension(OID.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
      extension(OID.nameConstraints, sequence(permitted), true),
    ],
  });
}

/** For localhost, 127.0.0.1 and ::1. */
export function makeLocal(authority: KeyAndCertificate, wall: Millis): KeyAndCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signWith = createPrivateKey(authority.key);
  const issuer = new X509Certificate(authority.certificate).subject.replace(/^CN=/, '');
  return certify({
    subject: 'localhost',
    issuer,
    publicKey,
    privateKey,
    signWith,
    from: wall,
    until: wall + LEAF_MS,
    extensions: [
      extension(OID.basicConstraints, sequence(), true),
      // digitalSignature.
      extension(OID.keyUsage, bits(Buffer.from([0b1000_0000]), 7), true),
      extension(OID.extendedKeyUsage, sequence(objectId(OID.serverAuth))),
      extension(
        OID.subjectAltName,
        sequence(localhost, address(LOOPBACK_V4), address(LOOPBACK_V6)),
      ),
      extension(OID.subjectKeyIdentifier, octets(keyIdentifier(publicKey))),
      extension(
        OID.authorityKeyIdentifier,
        sequence(tagged(0, false, keyIdentifier(createPublicKey(signWith)))),
      ),
    ],
  });
}

interface Contents {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly signWith: KeyObject;
  readonly from: Millis;
  readonly until: Millis;
  readonly extensions: readonly Buffer[];
}

function certify(contents: Contents): KeyAndCertificate {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  const signed = sequence(
    tagged(0, true, integer(Buffer.from([2]))),
    integer(serial()),
    algorithm,
    nameOf(contents.issuer),
    sequence(time(contents.from - EARLY_MS), time(contents.until)),
    nameOf(contents.subject),
    contents.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(3, true, sequence(...contents.extensions)),
  );
  const signature = sign('sha256', signed, contents.signWith);
  return {
    key: contents.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(sequence(signed, algorithm, bits(signature))),
  };
}

/** Positive, and never with a zero in front. */
function serial(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(objectId(OID.commonName), utf8(commonName))));
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [TRUE] : []), octets(value));
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
