// What a front door answers browsers of other origins, from its own settings.

import type { Cors } from '../../model/app.ts';
import type { Field } from '../../payload/http-message.ts';
import type { RequestHead } from '../http1/head.ts';
import { fieldValue } from './alb-headers.ts';

export class CorsAnswers {
  readonly #cors: Cors;
  readonly #origins: readonly RegExp[];
  /** Any origin, so the answer does not depend on it. */
  readonly #anyOrigin: boolean;

  constructor(cors: Cors) {
    this.#cors = cors;
    this.#origins = cors.origins.map(originPattern);
    this.#anyOrigin = cors.origins.includes('*');
  }

  /** The fields that answer a pre-flight; undefined for any other request. */
  preflight(head: RequestHead): readonly Field[] | undefined {
    if (head.method !== 'OPTIONS') return undefined;
    if (fieldValue(head, 'access-control-request-method') === undefined) return undefined;
    if (fieldValue(head, 'origin') === undefined) return undefined;
    const allowed = this.#allowed(head);
    if (allowed.length === 0) return [];
    const { methods, headers, maxAgeS } = this.#cors;
    const fields: Field[] = [...allowed];
    if (methods.length > 0) fields.push(['access-control-allow-methods', methods.join(',')]);
    if (headers.length > 0) fields.push(['access-control-allow-headers', headers.join(',')]);
    if (maxAgeS !== undefined) fields.push(['access-control-max-age', String(maxAgeS)]);
    return fields;
  }

  /** The fields that go with the answer to any other request. */
  fields(head: RequestHead): readonly Field[] {
    const allowed = this.#allowed(head);
    const { exposeHeaders } = this.#cors;
    if (allowed.length === 0 || exposeHeaders.length === 0) return allowed;
    return [...allowed, ['access-control-expose-headers', exposeHeaders.join(',')]];
  }

  #allowed(head: RequestHead): readonly Field[] {
    const origin = fieldValue(head, 'origin');
    if (origin === undefined || !this.#origins.some((pattern) => pattern.test(origin))) return [];
    const fields: Field[] = [['access-control-allow-origin', this.#anyOrigin ? '*' : origin]];
    if (!this.#anyOrigin) fields.push(['vary', 'Origin']);
    if (this.#cors.credentials) fields.push(['access-control-allow-credentials', 'true']);
    return fields;
  }
}

/** "*" is any, "https://*" any over HTTPS. */
function originPattern(origin: string): RegExp {
  const source = origin.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i');
}

/** A field by which a program would answer such browsers itself. */
export function isCorsField(name: string): boolean {
  return name.toLowerCase().startsWith('access-control-');
}
