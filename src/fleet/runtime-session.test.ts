import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_EXTENSIONS, type Refusal, RuntimeSession } from './runtime-session.ts';

function uuids(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
  };
}

function session(external: readonly string[] = []): RuntimeSession {
  return new RuntimeSession(external, uuids());
}

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'status' in value;

const register = (one: RuntimeSession, name: string, events: readonly string[] = ['INVOKE']) => {
  const extension = one.register({ name, events });
  if (isRefusal(extension)) throw new Error(extension.errorType);
  return extension.id;
};

const refusalOf = (value: unknown): string => (isRefusal(value) ? value.errorType : 'taken');

describe('INIT', () => {
  it('is complete when the runtime and every extension have asked (S2)', () => {
    const one = session(['a']);
    expect(one.allRegistered).toBe(false);
    const a = register(one, 'a');
    expect(one.allRegistered).toBe(true);
    one.startRuntime();
    const internal = register(one, 'inside');
    one.runtimeAsks();
    expect(one.initComplete).toBe(false);
    one.extensionAsks(a);
    expect(one.initComplete).toBe(false);
    one.extensionAsks(internal);
    expect(one.initComplete).toBe(true);
  });

  it('takes external extensions before the runtime, internal ones before its first ask (S4)', () => {
    const one = session(['late']);
    one.startRuntime();
    expect(refusalOf(one.register({ name: 'late', events: [] }))).toBe(
      'Extension.RegistrationClosed',
    );
    register(one, 'inside');
    one.runtimeAsks();
    expect(refusalOf(one.register({ name: 'another', events: [] }))).toBe(
      'Extension.RegistrationClosed',
    );
  });

  it.each([
    ['', [], 'Extension.InvalidExtensionName'],
    ['x', ['WAT'], 'Extension.InvalidEventType'],
    ['inside', ['SHUTDOWN'], 'Extension.InvalidEventType'],
    ['twice', [], 'Extension.InvalidExtensionState'],
  ])('refuses "%s" with %j as %s (S5)', (name, events, type) => {
    const one = session();
    register(one, 'twice');
    expect(refusalOf(one.register({ name, events }))).toBe(type);
  });

  it(`takes ${MAX_EXTENSIONS} extensions`, () => {
    const one = session();
    for (let index = 0; index < MAX_EXTENSIONS; index += 1) register(one, `e${index}`);
    expect(one.register({ name: 'more', events: [] })).toMatchObject({
      status: 403,
      errorType: 'Extension.TooManyExtensions',
      errorMessage: 'Extension limit (10) reached',
    });
  });

  it('refuses extensions it does not know', () => {
    const one = session();
    expect(refusalOf(one.extensionAsks(''))).toBe('Extension.MissingExtensionIdentifier');
    expect(refusalOf(one.extensionAsks('x'))).toBe('Extension.InvalidExtensionIdentifier');
    expect(refusalOf(one.extensionAsks('00000000-0000-4000-8000-00000000ffff'))).toBe(
      'Extension.UnknownExtensionIdentifier',
    );
  });
});

describe('an invocation', () => {
  const ready = () => {
    const one = session();
    one.startRuntime();
    one.runtimeAsks();
    one.endInit();
    return one;
  };

  it('takes one answer, by its id (S1)', () => {
    const one = ready();
    expect(refusalOf(one.answerBegins('r1', 'response'))).toBe('InvalidRequestID');
    one.invoke('r1');
    expect(refusalOf(one.answerBegins('r2', 'response'))).toBe('InvalidRequestID');
    expect(one.answerBegins('r1', 'response')).toBeUndefined();
    one.answerEnds();
    expect(refusalOf(one.answerBegins('r1', 'response'))).toBe('InvalidStateTransition');
    expect(refusalOf(one.answerBegins('r1', 'error'))).toBe('InvalidStateTransition');
  });

  it('is delivered again to a runtime that asks again', () => {
    const one = ready();
    one.invoke('r1');
    expect(one.runtimeAsks()).toBe('deliver');
    one.answerBegins('r1', 'response');
    expect(one.runtimeAsks()).toEqual({
      status: 403,
      errorType: 'InvalidStateTransition',
      errorMessage:
        'State transition from InvocationResponse to Ready failed for runtime. Error: State transition is not allowed',
    });
  });

  it('does not take an error of INIT once the runtime has asked', () => {
    expect(refusalOf(ready().runtimeInitFails())).toBe('InvalidStateTransition');
  });

  it('tells only those that want it, and those that want SHUTDOWN at the end', () => {
    const one = session(['a', 'b', 'c']);
    const a = register(one, 'a', ['INVOKE']);
    const b = register(one, 'b', ['SHUTDOWN']);
    register(one, 'c', []);
    expect(one.invoke('r1')).toEqual([a]);
    expect(one.shutdown()).toEqual([b]);
  });

  it('of any history is complete only when all have asked again after the answer (S3)', () => {
    const step = fc.constantFrom('runtime', 'begin', 'end', 'a', 'b');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const one = session(['a', 'b']);
        const ids = { a: register(one, 'a'), b: register(one, 'b', ['SHUTDOWN']) };
        one.startRuntime();
        one.runtimeAsks();
        one.extensionAsks(ids.a);
        one.extensionAsks(ids.b);
        one.endInit();
        one.invoke('r1');
        let answered = false;
        let asked = false;
        let asksOfA = 0;
        for (const next of steps) {
          if (next === 'begin') one.answerBegins('r1', 'response');
          else if (next === 'end') {
            one.answerEnds();
            answered ||= refusalOf(one.answerBegins('r1', 'response')) !== 'taken';
          } else if (next === 'runtime') {
            const taken = one.runtimeAsks();
            if (answered && taken === 'hold') asked = true;
          } else if (next === 'a') {
            one.extensionAsks(ids.a);
            asksOfA += 1;
          } else one.extensionAsks(ids.b);
          expect(one.invokeComplete).toBe(asked && asksOfA > 0);
        }
      }),
    );
  });
});
