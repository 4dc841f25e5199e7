// The JSON input of one call, read field by field: a wrong type is a SerializationException, a
// missing field a MissingParameter, a number outside its bounds an InvalidParameterValue.

import type { MessageAttributes } from './message-content.ts';
import { invalidValue, missing, SqsError } from './sqs-error.ts';

type Fields = Readonly<Record<string, unknown>>;

export class RequestInput {
  readonly #fields: Fields;

  constructor(fields: Fields) {
    this.#fields = fields;
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  text(name: string): string {
    return this.optionalText(name) ?? fail(missing(name));
  }

  optionalText(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongType(name, 'a string');
  }

  /** A whole number within bounds. */
  number(
    name: string,
    { min, max, rule }: { readonly min: number; readonly max: number; readonly rule: string },
  ): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'an integer');
    if (value < min || value > max) throw invalidValue(name, value, rule);
    return value;
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((value) =>
      typeof value === 'string' ? value : fail(wrongType(name, 'a list of strings')),
    );
  }

  /** Objects of a list. */
  entries(name: string): readonly RequestInput[] {
    return this.#list(name).map((value) => new RequestInput(fieldsOf(value, name)));
  }

  /** Name → text. */
  map(name: string): Readonly<Record<string, string>> {
    const fields = fieldsOf(this.#value(name) ?? {}, name);
    for (const value of Object.values(fields)) {
      if (typeof value !== 'string') throw wrongType(name, 'a map of strings');
    }
    return fields as Readonly<Record<string, string>>;
  }

  messageAttributes(name: string): MessageAttributes {
    const fields = Object.entries(fieldsOf(this.#value(name) ?? {}, name));
    return Object.fromEntries(fields.map(([key, value]) => [key, attributeOf(key, value)]));
  }

  #value(name: string): unknown {
    const value = Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
    return value === null ? undefined : value;
  }

  #list(name: string): readonly unknown[] {
    const value = this.#value(name) ?? [];
    if (!Array.isArray(value)) throw wrongType(name, 'a list');
    return value;
  }
}

/** Throws SerializationException for what is no JSON object. */
export function parseInput(text: string): RequestInput {
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new SqsError('SerializationException', 'The request body is not JSON.');
  }
  return new RequestInput(fieldsOf(value, 'the request'));
}

function attributeOf(name: string, value: unknown) {
  const attribute = new RequestInput(fieldsOf(value, name));
  for (const list of ['StringListValues', 'BinaryListValues']) {
    if (attribute.texts(list).length === 0) continue;
    throw new SqsError(
      'InvalidParameterValueException',
      `Message attribute list values in SQS are not supported.`,
    );
  }
  const StringValue = attribute.optionalText('StringValue');
  const BinaryValue = attribute.optionalText('BinaryValue');
  return {
    DataType: attribute.optionalText('DataType') ?? '',
    ...(StringValue === undefined ? {} : { StringValue }),
    ...(BinaryValue === undefined ? {} : { BinaryValue }),
  };
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrongType(name, 'an object');
}

const wrongType = (name: string, what: string) =>
  new SqsError('SerializationException', `${name} must be ${what}.`);

function fail(error: SqsError): never {
  throw error;
}
