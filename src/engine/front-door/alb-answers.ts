// What the front door answers by itself, in the form a load balancer gives it.

import { STATUS_CODES } from 'node:http';
import type { RespondAction } from '../../model/route.ts';
import type { OwnAnswer } from './door-kind.ts';

const REASONS: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Time-out',
  413: 'Request Entity Too Large',
  460: '',
  463: '',
  464: '',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** `more` are further lines "Name: value\r\n". */
export function albAnswerOf(status: number, more: string): OwnAnswer {
  const reason = REASONS[status] ?? '';
  const title = `${status} ${reason}`.trim();
  const body = Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
      `<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
  const fields = `Server: awselb/2.0\r\n${more}Content-Type: text/html\r\n`;
  return { start: { status, reason, fields, body: { kind: 'length', bytes: body.length } }, body };
}

export function albRedirect(status: 301 | 302, location: string): OwnAnswer {
  return albAnswerOf(status, `Location: ${location}\r\n`);
}

export function albFixedResponse({ status, type, body: text }: RespondAction): OwnAnswer {
  const body = Buffer.from(text);
  const bodyless = status === 204 || status === 205;
  return {
    start: {
      status,
      reason: REASONS[status] ?? STATUS_CODES[status] ?? '',
      fields: `Server: awselb/2.0\r\nContent-Type: ${type}; charset=utf-8\r\n`,
      body: bodyless ? { kind: 'none' } : { kind: 'length', bytes: body.length },
    },
    body,
  };
}
