// Writes the few kinds of DER that a certificate is made of (X.690, RFC 5280).

export const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => element(0x31, ...parts);
export const octets = (...parts: readonly Buffer[]): Buffer => element(0x04, ...parts);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const TRUE = element(0x01, Buffer.from([0xff]));

/** Context-specific: [number], a value or, `constructed`, what is in `parts`. */
export function tagged(number: number, constructed: boolean, ...parts: readonly Buffer[]): Buffer {
  return element((constructed ? 0xa0 : 0x80) | number, ...parts);
}

/** `bytes` is the number from its highest byte. */
export function integer(bytes: Buffer): Buffer {
  const negative = (bytes[0] ?? 0) >= 0x80;
  return element(0x02, negative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export function bits(bytes: Buffer, unused = 0): Buffer {
  return element(0x03, Buffer.from([unused]), bytes);
}

/** "1.2.840.10045.4.3.2" */
export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [40 * first + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(0x06, Buffer.from(bytes));
}

/** Two digits of the year until 2049, four from then on (RFC 5280 §4.1.2.5). */
export function time(wall: number): Buffer {
  const digits = new Date(wall).toISOString().replace(/\.\d+|[-:T]/g, '');
  const late = digits >= '2050';
  return element(late ? 0x18 : 0x17, Buffer.from(late ? digits : digits.slice(2), 'latin1'));
}

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
