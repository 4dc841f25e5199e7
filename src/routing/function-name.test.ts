import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFunctionName } from './function-name.ts';

describe('the name of a function', () => {
  it.each([
    ['app-fn', undefined, undefined],
    ['app-fn:live', undefined, 'live'],
    ['app-fn:$LATEST', undefined, '$LATEST'],
    ['function:app-fn', undefined, undefined],
    ['000000000000:function:app-fn', undefined, undefined],
    ['000000000000:function:app-fn:7', undefined, '7'],
    ['eu-west-2:000000000000:function:app-fn', 'eu-west-2', undefined],
    ['arn:aws:lambda:eu-west-2:123456789012:function:app-fn', 'eu-west-2', undefined],
    ['arn:aws-cn:lambda:cn-north-1:123456789012:function:app-fn:live', 'cn-north-1', 'live'],
    [
      'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:app-fn',
      'us-gov-west-1',
      undefined,
    ],
  ])('%s', (text, region, qualifier) => {
    expect(parseFunctionName(text, undefined)).toEqual({ name: 'app-fn', region, qualifier });
  });

  it.each(['', 'a b', 'a:b:c', 'arn:aws:s3:::bucket', 'a/b', 'ä', 'a:$OTHER', 'x'.repeat(171)])(
    'is refused: %j',
    (text) => {
      expect(parseFunctionName(text, undefined)).toMatchObject({
        problem: expect.stringContaining("at 'functionName' failed to satisfy constraint"),
      });
    },
  );

  it('agrees with the qualifier of the query', () => {
    expect(parseFunctionName('fn', '3')).toMatchObject({ name: 'fn', qualifier: '3' });
    expect(parseFunctionName('fn:3', '3')).toMatchObject({ name: 'fn', qualifier: '3' });
    expect(parseFunctionName('fn:3', '4')).toEqual({
      kind: 'mismatch',
      problem:
        'The derived qualifier from the function name does not match the specified qualifier.',
    });
    expect(parseFunctionName('fn', 'a b')).toMatchObject({
      problem: expect.stringContaining("at 'qualifier'"),
    });
  });

  it('comes back from every form it is written in', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,29}$/);
    const prefix = fc.constantFrom(
      '',
      'function:',
      '123456789012:function:',
      'us-east-1:123456789012:function:',
      'arn:aws:lambda:us-east-1:123456789012:function:',
    );
    fc.assert(
      fc.property(prefix, word, fc.option(word, { nil: undefined }), (before, name, qualifier) => {
        const text = `${before}${name}${qualifier === undefined ? '' : `:${qualifier}`}`;
        fc.pre(name !== 'function' && qualifier !== 'function');
        expect(parseFunctionName(text, undefined)).toMatchObject({ name, qualifier });
      }),
    );
  });
});
