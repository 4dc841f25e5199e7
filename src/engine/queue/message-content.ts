// What a message may carry, its size, and the digests by which SDKs check that it came whole.
// [SQS:message-metadata], [BOTO sqs SendMessage]

import { createHash } from 'node:crypto';
import { SQS_MESSAGE_ATTRIBUTES } from '../../model/aws-limits.ts';
import type { MessageAttribute } from './queue-store.ts';
import { invalidValue, missing, SqsError } from './sqs-error.ts';

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF */
const REFUSED_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

const ATTRIBUTE_NAME = /^(?!\.)(?!.*\.\.)(?!AWS\.|Amazon\.)[\w.-]{1,256}(?<!\.)$/i;

const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;

/** Throws what SQS says to a message it does not take. */
export function checkMessage(body: string, attributes: MessageAttributes, maxBytes: number): void {
  checkBody(body);
  checkAttributes(attributes);
  if (messageBytes(body, attributes) <= maxBytes) return;
  throw refuse(
    `One or more parameters cannot be validated. Reason: Message must be shorter than ${maxBytes} bytes.`,
  );
}

function checkBody(body: string): void {
  if (body === '') throw missing('MessageBody');
  const refused = REFUSED_CHARACTER.exec(body)?.[0];
  if (refused === undefined) return;
  const code = refused.codePointAt(0)?.toString(16).toUpperCase();
  throw new SqsError(
    'InvalidMessageContents',
    `Invalid binary character '#x${code}' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`,
  );
}

function checkAttributes(attributes: MessageAttributes): void {
  const names = Object.keys(attributes);
  if (names.length > SQS_MESSAGE_ATTRIBUTES) {
    throw refuse(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${SQS_MESSAGE_ATTRIBUTES}].`,
    );
  }
  for (const name of names) {
    if (!ATTRIBUTE_NAME.test(name)) {
      throw refuse(
        `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
      );
    }
    checkAttribute(name, attributes[name] ?? { DataType: '' });
  }
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute) {
  const type = DATA_TYPE.exec(DataType)?.[1];
  if (type === undefined || DataType.length > 256) {
    throw refuse(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const value = type === 'Binary' ? BinaryValue : StringValue;
  const other = type === 'Binary' ? StringValue : BinaryValue;
  if (value === undefined || value === '' || other !== undefined) {
    throw refuse(
      `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (type === 'Number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw refuse(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

const refuse = (message: string) => new SqsError('InvalidParameterValueException', message);

/** Bytes that count towards the limit: the body and all of the attributes. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType);
    bytes += valueBytes(attribute).length;
  }
  return bytes;
}

export function checkTrace(attributes: MessageAttributes): string | undefined {
  for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
    if (name !== 'AWSTraceHeader') throw invalidValue('MessageSystemAttributes', name, 'Unknown.');
    if (DataType !== 'String' || StringValue === undefined || StringValue === '') {
      throw refuse(`The message system attribute '${name}' must be a non-empty String.`);
    }
  }
  return attributes['AWSTraceHeader']?.StringValue;
}

export function md5OfBody(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

export function sha256Of(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Undefined when there is none. Names in order; each part with its length before it. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const put = (part: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  for (const name of names) {
    const attribute = attributes[name];
    if (attribute === undefined) continue;
    put(Buffer.from(name));
    put(Buffer.from(attribute.DataType));
    hash.update(Buffer.from([attribute.BinaryValue === undefined ? 1 : 2]));
    put(valueBytes(attribute));
  }
  return hash.digest('hex');
}

function valueBytes({ StringValue, BinaryValue }: MessageAttribute): Buffer {
  if (BinaryValue !== undefined) return Buffer.from(BinaryValue, 'base64');
  return Buffer.from(StringValue ?? '');
}

/** The attributes a receive asks for: names, beginnings such as "app.*", or all. */
export function chosenAttributes(
  attributes: MessageAttributes,
  wanted: readonly string[],
): MessageAttributes {
  const isWanted = (name: string) =>
    wanted.some(
      (one) =>
        one === 'All' ||
        one === '.*' ||
        one === name ||
        (one.endsWith('.*') && name.startsWith(one.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
