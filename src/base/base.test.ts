import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, writtenSeconds } from './duration.ts';
import { Fault, isFault, sayExit, toFault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { seededRng } from './rng.ts';
import { sayBytes, sayDuration, sayUsd } from './units.ts';

describe('chance', () => {
  it('is the same for the same seed and name, and apart for another name', () => {
    const draw = (seed: number, name: string) => {
      const rng = seededRng(seed, name);
      return [rng.next(), rng.hex(8), rng.uuid()];
    };
    expect(draw(1, 'arrivals')).toEqual(draw(1, 'arrivals'));
    expect(draw(1, 'arrivals')).not.toEqual(draw(1, 'choice'));
    expect(draw(1, 'arrivals')).not.toEqual(draw(2, 'arrivals'));
  });

  it('is uniform in [0, 1)', () => {
    const rng = seededRng(7, 'uniform');
    const buckets = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index += 1) {
      const bucket = Math.floor(rng.next() * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('makes version-4 UUIDs', () => {
    const uuid = seededRng(3, 'ids').uuid();
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('faults', () => {
  it('carry code, facts, sentence and fix', () => {
    const fault = new Fault('PORT_TAKEN', { port: 80 });
    expect(fault.message).toBe('Port 80 is taken by another program.');
    expect(fault.toJSON()).toEqual({
      code: 'PORT_TAKEN',
      blame: 'machine',
      message: fault.message,
      fix: fault.fix,
      facts: { port: 80 },
    });
    expect(isFault(fault, 'PORT_TAKEN') && fault.facts.port).toBe(80);
    expect(isFault(fault, 'INTERNAL')).toBe(false);
  });

  it('end commands with codes that scripts can tell apart', () => {
    for (const [code, { exit, when }] of Object.entries(FAULTS)) {
      expect(exit, code).toBeGreaterThan(0);
      expect(when, code).toMatch(/\.$/);
    }
  });

  it('are made of anything thrown, with its cause', () => {
    const error = new Error('boom');
    const fault = toFault(error);
    expect([fault.code, fault.message, fault.cause]).toEqual([
      'INTERNAL',
      'Fulcrum failed: boom.',
      error,
    ]);
    expect(toFault(fault)).toBe(fault);
    expect(toFault('text').message).toBe('Fulcrum failed: text.');
  });

  it('name how a process ended', () => {
    expect(sayExit({ code: 3 })).toBe('exit code 3');
    expect(sayExit({ signal: 'SIGKILL' })).toBe('signal SIGKILL');
  });
});

describe('units in words', () => {
  it('say durations', () => {
    expect([2.34, 850, 12_400, 200_000, 7_500_000, 120_000].map(sayDuration)).toEqual([
      '2.3 ms',
      '850 ms',
      '12.4 s',
      '3 min 20 s',
      '2 h 5 min',
      '2 min',
    ]);
  });

  it('say sizes', () => {
    expect([512, 14_541, 3_145_728, 5_368_709_120].map(sayBytes)).toEqual([
      '512 B',
      '14.2 KiB',
      '3.0 MiB',
      '5.00 GiB',
    ]);
  });

  it('say money with three digits of anything small', () => {
    expect([0, 0.000000123456, 0.0021, 0.5, 4.506, 1234.5, -0.5].map(sayUsd)).toEqual([
      '$0',
      '$0.000000123',
      '$0.00210',
      '$0.500',
      '$4.51',
      '$1234.50',
      '−$0.500',
    ]);
  });

  it('never say nothing of something', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1e9, noNaN: true }), (usd) => {
        expect(Number(sayUsd(usd).slice(1))).toBeGreaterThan(0);
      }),
    );
  });
});

describe('durations as they are written', () => {
  it('are read as what they were', () => {
    for (const seconds of [0.001, 0.5, 1, 45, 90, 60, 3600, 5400, 86_400, 259_200]) {
      expect(parseDuration(writtenSeconds(seconds)), `${seconds}`).toBe(seconds * 1000);
    }
  });

  it('have the largest unit that fits', () => {
    const texts = [0, 0.5, 90, 120, 7200, 172_800].map(writtenSeconds);
    expect(texts).toEqual(['0', '500ms', '90s', '2m', '2h', '2d']);
  });
});
