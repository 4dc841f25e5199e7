import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSessions, targetIn, withoutSession, withSession, writeSessions } from './sessions.ts';

it('are read as they were written, without those that are over', () => {
  const word = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
  const until = fc.integer({ min: 0, max: 2 ** 45 });
  const session = fc.record({ group: word, target: word, until });
  fc.assert(
    fc.property(fc.array(session, { maxLength: 6 }), until, (sessions, now) => {
      const left = sessions.filter((one) => one.until > now);
      expect(readSessions(writeSessions(sessions), now)).toEqual(left);
    }),
  );
});

it('are one for a group', () => {
  const first = [{ group: 'api', target: 't1', until: 5 }];
  const both = withSession(first, { group: 'web', target: 't2', until: 6 });
  expect([targetIn(both, 'api'), targetIn(both, 'web'), targetIn(both, 'x')]).toEqual([
    't1',
    't2',
    undefined,
  ]);
  const moved = withSession(both, { group: 'api', target: 't3', until: 7 });
  expect(moved).toEqual([
    { group: 'web', target: 't2', until: 6 },
    { group: 'api', target: 't3', until: 7 },
  ]);
  expect(withoutSession(moved, 'api')).toEqual([both[1]]);
});

it('are none where a line is not a session', () => {
  expect(readSessions('', 0)).toEqual([]);
  expect(readSessions('api t1\napi t1 zz zz\napi t1 ZZ', 0)).toEqual([]);
});
