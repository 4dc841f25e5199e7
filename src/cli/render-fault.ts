// How a failure is shown: what happened, what to do, and its code.

import type { Fault } from '../base/fault.ts';
import type { Paint } from './terminal.ts';

export function faultText(fault: Fault, paint: Paint, debug: boolean): string {
  const [first = '', ...rest] = fault.message.split('\n');
  const lines = [
    `${paint('red', '✖')} ${first}  ${paint('dim', `[${fault.code}]`)}`,
    ...rest,
    `  ${paint('bold', 'Fix')}  ${fault.fix}`,
  ];
  if (debug) {
    for (let cause: unknown = fault; cause instanceof Error; cause = cause.cause) {
      lines.push('', cause.stack ?? String(cause));
    }
  }
  return `${lines.join('\n')}\n`;
}

export function faultJson(fault: Fault): string {
  return `${JSON.stringify({ ok: false, error: fault.toJSON() })}\n`;
}
