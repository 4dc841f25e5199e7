import { expect, it } from 'vitest';
import {
  checkMessage,
  chosenAttributes,
  md5OfAttributes,
  md5OfBody,
  messageBytes,
} from './message-content.ts';

const ATTRIBUTES = {
  b: { DataType: 'Binary', BinaryValue: 'AQI=' },
  a: { DataType: 'Number.x', StringValue: '3' },
};

it('makes the digests that moto 5.2 makes', () => {
  expect(md5OfBody('a')).toBe('0cc175b9c0f1b6a831c399e269772661');
  expect(md5OfAttributes(ATTRIBUTES)).toBe('f1b9b6253e639d1333abf51a169ff62c');
  expect(md5OfAttributes({})).toBeUndefined();
});

it('counts the body and all of the attributes', () => {
  expect(messageBytes('ä', ATTRIBUTES)).toBe(2 + (1 + 6 + 2) + (1 + 8 + 1));
  expect(() => checkMessage('ä', ATTRIBUTES, 21)).not.toThrow();
  expect(() => checkMessage('ä', ATTRIBUTES, 20)).toThrow('must be shorter than 20 bytes');
});

const string = (StringValue: string) => ({ DataType: 'String', StringValue });

it.each([
  ['a name with a space', { 'a b': string('x') }, 'attribute name'],
  ['a name that begins with AWS.', { 'AWS.x': string('x') }, 'attribute name'],
  ['a name that ends with a point', { 'a.': string('x') }, 'attribute name'],
  ['a type nobody knows', { a: { DataType: 'Text', StringValue: 'x' } }, 'attribute type'],
  ['a number that is none', { a: { DataType: 'Number', StringValue: 'x' } }, 'to a number'],
  ['bytes in a string', { a: { DataType: 'String', BinaryValue: 'AQI=' } }, 'non-empty'],
  [
    'eleven attributes',
    Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`a${at}`, string('x')])),
    'exceeds the allowed maximum [10]',
  ],
])('refuses %s', (_, attributes, say) => {
  expect(() => checkMessage('x', attributes, 1000)).toThrow(say);
});

it('chooses attributes by name, beginning or all', () => {
  const all = { 'app.a': string('1'), apple: string('2'), b: string('3') };
  const names = (...wanted: string[]) => Object.keys(chosenAttributes(all, wanted));
  expect(names()).toEqual([]);
  expect(names('b', 'c')).toEqual(['b']);
  expect(names('app.*')).toEqual(['app.a']);
  expect(names('All')).toEqual(['app.a', 'apple', 'b']);
  expect(names('.*')).toEqual(['app.a', 'apple', 'b']);
});
