// The Lambda Web Adapter of one service: its settings as far as they have a meaning here, and what
// it does to the answer of the program.
//
// Each copy of the program listens on a port of its own, so the adapter's port is that one, whatever
// the variables say; and the path of the readiness check is the service's, unless they say another.

import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Service } from '../../model/app.ts';
import { type ContentCoding, compressionOf } from '../../payload/adapter-answer.ts';
import { acceptedEncodings } from '../../payload/adapter-head.ts';
import { type AdapterSettings, adapterSettings } from '../../payload/adapter-settings.ts';
import { fieldPairs, type ResponseHead } from '../http1/head.ts';
import type { EngineInputs } from '../program.ts';
import type { Collected } from './collect.ts';

/** Stands for the port of a copy. */
export const OWN_PORT = 'own';

export function adapterOf(inputs: EngineInputs, service: Service): AdapterSettings {
  const variables: Record<string, string> = {
    ...service.environment,
    ...inputs.secrets.get(service.name),
  };
  const { AWS_LWA_PORT: adapterPort, PORT: port, ...others } = variables;
  const known = new Set([adapterPort, port, String(service.port)]);
  const settings = adapterSettings({ ...others, AWS_LWA_PORT: OWN_PORT });
  const says = (name: string) => name in variables || `AWS_LWA_${name}` in variables;
  const { readiness, warnings } = settings;
  const isPort = /^\d{1,5}$/.test(readiness.port) && Number(readiness.port) <= MAX_PORT;
  const isOther = readiness.port !== OWN_PORT && !known.has(readiness.port);
  const wrong = isOther && !isPort;
  return {
    ...settings,
    readiness: {
      ...readiness,
      path: says('READINESS_CHECK_PATH') ? readiness.path : service.health.path,
      port: isOther && isPort ? readiness.port : OWN_PORT,
    },
    warnings: wrong ? [...warnings, `Not a port for readiness: ${readiness.port}`] : warnings,
  };
}

const MAX_PORT = 65_535;

const gzipped = promisify(gzip);
const brotli = promisify(brotliCompress);

/** As tower-http compresses by default. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const COMPRESS: Readonly<Record<ContentCoding, (body: Buffer) => Promise<Buffer>>> = {
  gzip: (body) => gzipped(body),
  br: (body) => brotli(body, BROTLI),
};

/** The answer as the client of `requestHead` accepts it. */
export async function compressed(requestHead: string, answer: Collected): Promise<Collected> {
  const { head, body } = answer;
  const given = { status: head.status, fields: fieldPairs(head), body };
  const { coding, fields } = compressionOf(acceptedEncodings(requestHead), given);
  if (coding === undefined) return { head: withFields(head, fields), body };
  const bytes = await COMPRESS[coding](body);
  const framed = { ...head, body: { kind: 'length', bytes: bytes.length } } as const;
  return { head: withFields(framed, fields), body: bytes };
}

function withFields(
  head: ResponseHead,
  fields: readonly (readonly [string, string])[],
): ResponseHead {
  return { ...head, fields: fields.flat(), names: fields.map(([name]) => name.toLowerCase()) };
}
