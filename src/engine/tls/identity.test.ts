import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTHORITY_MS, LEAF_MS, makeAuthority, makeLocal } from './certificate.ts';
import { time } from './der.ts';
import { localIdentity } from './identity.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.parse('2026-03-01T10:00:00Z');

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'fulcrum-tls-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return join(made, 'tls');
}

describe('the certificate for localhost', () => {
  const authority = makeAuthority(NOW);
  const local = makeLocal(authority, NOW);
  const parsed = new X509Certificate(local.certificate);
  const issuer = new X509Certificate(authority.certificate);

  it('is signed by the authority, for every name of this machine and no other', () => {
    expect(parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey)).toBe(true);
    expect(issuer.ca && issuer.verify(issuer.publicKey)).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(parsed.checkIP('::1')).toBe('::1');
    expect(parsed.checkHost('example.com')).toBeUndefined();
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('is valid no longer than clients allow', () => {
    const lasts = Date.parse(parsed.validTo) - Date.parse(parsed.validFrom);
    expect(lasts).toBeLessThan(825 * DAY_MS);
    expect(Date.parse(parsed.validFrom)).toBeLessThan(NOW);
    expect(Date.parse(issuer.validTo)).toBe(NOW + AUTHORITY_MS);
  });

  it('has a serial number of its own', () => {
    expect(makeLocal(authority, NOW).certificate).not.toBe(local.certificate);
    expect(new X509Certificate(makeLocal(authority, NOW).certificate).serialNumber).not.toBe(
      parsed.serialNumber,
    );
  });
});

describe('a time', () => {
  it('has two digits of the year until 2049, and four from then on', () => {
    expect(time(Date.parse('2049-12-31T23:59:59Z')).toString('latin1', 2)).toBe('491231235959Z');
    expect(time(Date.parse('2050-01-01T00:00:00Z')).toString('latin1', 2)).toBe('20500101000000Z');
  });
});

describe('what is kept for localhost', () => {
  it('stays the same until it is near its end; then the authority still is', () => {
    const place = folder();
    const first = localIdentity(place, NOW);
    expect(localIdentity(place, NOW + 700 * DAY_MS)).toEqual(first);
    const authority = readFileSync(first.authority ?? '', 'utf8');
    const later = localIdentity(place, NOW + LEAF_MS - 29 * DAY_MS);
    expect(later.certificate).not.toBe(first.certificate);
    expect(readFileSync(later.authority ?? '', 'utf8')).toBe(authority);
    expect(new X509Certificate(later.certificate).checkIssued(new X509Certificate(authority))).toBe(
      true,
    );
  });

  it('is made anew, with its authority, when that would end first', () => {
    const place = folder();
    const first = localIdentity(place, NOW);
    const before = readFileSync(first.authority ?? '', 'utf8');
    const later = localIdentity(place, NOW + AUTHORITY_MS - LEAF_MS + DAY_MS);
    expect(readFileSync(later.authority ?? '', 'utf8')).not.toBe(before);
  });

  it.each(['authority.pem', 'authority.key', 'localhost.pem', 'localhost.key'])(
    'is mended when %s is broken or missing',
    (name) => {
      const place = folder();
      const identity = localIdentity(place, NOW);
      for (const ruin of [
        () => writeFileSync(join(place, name), 'x'),
        () => rmSync(join(place, name)),
      ]) {
        ruin();
        const mended = localIdentity(place, NOW);
        const authority = new X509Certificate(readFileSync(mended.authority ?? ''));
        const local = new X509Certificate(mended.certificate);
        expect(local.verify(authority.publicKey)).toBe(true);
        expect(mended.certificate).not.toBe(identity.certificate);
      }
    },
  );

  it('says that its folder cannot be used', () => {
    const place = folder();
    rmSync(join(place, '..'), { recursive: true });
    writeFileSync(join(place, '..'), 'a file');
    expect(() => localIdentity(place, NOW)).toThrow(
      expect.objectContaining({ code: 'TLS_STORE_UNUSABLE' }),
    );
  });
});
